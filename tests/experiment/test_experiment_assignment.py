"""Places: balanced under simultaneous arrivals, by answers where asked, given again when left, cohorts apart."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from statistics import pvariance
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy.engine import Connection
from tiny_experiment import KEY, SECRET, STUDY, Operator, Serving, make_protocol

from binome import protocol
from binome.core import BinomeError
from binome.core.stimulus import StimulusSet
from binome.experiment import create_app, read_events, read_operators, serve
from binome.experiment.api import Event, NewSession
from binome.experiment.assignment import free_places, minimising, patience, stratum_of, take_place
from binome.experiment.sessions import RUNNING, erase, open_session, read_session, record_events
from binome.experiment.storage import Store, open_store, sessions, slots
from binome.protocol import Place, Protocol, Step, group_of, plan

MINUTE, DAY = 60.0, 86400.0
START = 1_700_000_000.0
DESIGN = "{kind: within, order: williams, operators: 8}"
WHO = """
title: Who are you?
citation: us
licence: CC0-1.0
status: {en: published, fr: published}
questions:
  - {id: sex, kind: choice, text: Sex, options: [{id: f, label: F}, {id: m, label: M}]}
  - {id: used, kind: choice, text: Used to it, options: [{id: "no", label: "No"}, {id: "yes", label: "Yes"}]}
"""
ANSWERS = [{"sex": sex, "used": used} for sex, used in product("fm", ("no", "yes"))]
Load = Callable[..., Protocol]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The tiny study with another design, whose operators are screened."""

    def load(design: str) -> Protocol:
        make_protocol(tmp_path)
        (tmp_path / "questionnaires").mkdir(exist_ok=True)
        (tmp_path / "questionnaires" / "who.yaml").write_text(WHO, "utf-8")
        study = STUDY.replace(DESIGN, f"{{{design}}}").replace("practice: 2", "screening: {questionnaire: who}")
        (tmp_path / "study.yaml").write_text(study, "utf-8")
        return protocol.load(tmp_path)

    return load


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


class Arrivals:
    """Operators who come to a study, without its pages."""

    def __init__(self, store: Store, study: Protocol) -> None:
        self.store, self.study = store, study
        self.now = START
        self.count = 0

    def __call__(
        self, answers: Mapping[str, Any] | None = None, *, number: int | None = None
    ) -> tuple[str, Place | None]:
        """A new session with its place, None without one."""
        self.count += 1
        token = f"{self.count if number is None else number:022d}"
        given = answers or {}

        def job(connection: Connection) -> tuple[str, Place | None]:
            name = open_session(connection, NewSession(token=token, language="en"), simulated=False, now=self.now)
            session = read_session(connection, name)
            place = take_place(connection, session, self.study.study, given, now=self.now)
            if place is not None:
                values = {
                    "status": RUNNING, "slot": place.slot, "stratum": stratum_of(self.study.study, given),
                    "group": group_of(self.study.study, place)[0],
                    "held_until": self.now + patience(self.study.study, session),
                }  # fmt: skip
                connection.execute(sessions.update().where(sessions.c.id == name).values(**values))
            return name, place

        return self.store.write(job).result()

    def set(self, session: str, **values: Any) -> None:
        update = sessions.update().where(sessions.c.id == session).values(**values)
        self.store.write(lambda connection: connection.execute(update).rowcount).result()

    def status(self, session: str) -> str:
        return self.store.read(lambda connection: read_session(connection, session).status).result()

    @property
    def free(self) -> int:
        study, now = self.study.study, self.now
        return self.store.read(lambda c: free_places(c, study, simulated=False, now=now)).result()

    @property
    def held(self) -> list[tuple[str, str, int]]:
        """Stratum, group and slot of all slots that were given."""
        query = sa.select(slots.c.stratum, slots.c.group, slots.c.slot)
        return sorted(tuple(row) for row in self.store.read(lambda c: c.execute(query).all()).result())


def test_forty_arrive_at_once(stimuli: StimulusSet, database: str, tmp_path: Path) -> None:
    """Through two servers on PostgreSQL, one on SQLite: 24 places, each taken once, the four orders alike."""
    study = make_protocol(tmp_path, operators=24)
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(serve(create_app(study, stimuli, database=database, researcher_key=KEY, secret=SECRET)))
            for _ in range(2 if database.startswith("postgresql") else 1)
        ]

        def arrive(number: int) -> str:
            with httpx.Client(base_url=addresses[number % len(addresses)], timeout=60, trust_env=False) as client:
                opening = {"token": f"{number:022d}", "language": "en"}
                while (answer := client.post("/api/sessions", json=opening)).status_code == 503:
                    pass
                if answer.status_code == 403:
                    return "closed"
                step = answer.json()["step"]
                event = {"id": "consent-1", "step": 0, "type": "complete", "time": "",
                         "data": {"accepted": True, "version": step["version"]}}  # fmt: skip
                headers = {"Authorization": f"Bearer {number:022d}"}
                answer = client.post("/api/events", json={"events": [event]}, headers=headers)
                assert answer.json()["stored"] == ["consent-1"]
                return str(answer.json()["step"]["kind"])

        with ThreadPoolExecutor(40) as pool:
            kinds = Counter(pool.map(arrive, range(40)))
    people = read_operators(database, study, stimuli)
    assert kinds["instructions"] == 24
    assert kinds["done"] + kinds["closed"] == 16
    assert sorted(row["slot"] for row in people) == list(range(24))
    assert set(Counter(row["order"] for row in people).values()) == {6}


def test_a_left_slot_is_given_again(
    serving: Serving, stimuli: StimulusSet, database: str, tmp_path: Path, now: list[float]
) -> None:
    study = make_protocol(tmp_path, operators=2)
    client = serving(study)
    idle, busy = Operator(client, "idle").open().go(), Operator(client, "busy").open().go()
    assert not client.get("/api/study").json()["open"]
    assert client.post("/api/sessions", json={"token": "x" * 22, "language": "fr"}).status_code == 403
    now[0] += 29 * MINUTE
    busy.go()
    now[0] += 2 * MINUTE
    assert client.get("/api/study").json()["open"]
    assert client.get("/api/session", headers=idle.headers).json()["step"]["kind"] != "done"  # nobody took it yet
    Operator(client, "new").open().go()
    assert client.get("/api/session", headers=idle.headers).json()["step"]["kind"] == "done"
    refused = idle.send(idle.event({}))
    assert refused["refused"]
    rows = read_operators(database, study, stimuli)
    assert sorted((row["status"], row["slot"]) for row in rows) == [("expired", 0), ("running", 0), ("running", 1)]
    busy.finish()
    now[0] += 1000 * MINUTE
    assert client.get("/api/session", headers=busy.headers).json()["step"]["code"]
    Operator(client, "late").open().go()
    assert {row["slot"] for row in read_operators(database, study, stimuli) if row["status"] == "running"} == {0}


def test_an_idle_operator_goes_on_while_nobody_took_the_slot(client: TestClient, now: list[float]) -> None:
    idle = Operator(client, "idle").open().go()
    now[0] += 300 * MINUTE
    assert not idle.go().state["refused"]


def test_two_on_the_last_place(serving: Serving, tmp_path: Path) -> None:
    client = serving(make_protocol(tmp_path, operators=1))
    first, second = Operator(client, "first").open(), Operator(client, "second", "fr").open()
    first.go()
    assert second.send(second.event(second.answer()))["step"]["kind"] == "done"
    assert second.step["code"] == ""


def test_people_and_simulated_operators_have_slots_of_their_own(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    for name, simulated in (("robot", True), ("maria", False)):
        Operator(client, name, simulated=simulated).open().go()
    rows = read_operators(database, study, stimuli)
    assert sorted((row["simulated"], row["slot"]) for row in rows) == [(False, 0), (True, 0)]
    wrong = {"X-Binome-Simulation": "wrong"}
    assert client.post("/api/sessions", json={"token": "r" * 22, "language": "en"}, headers=wrong).status_code == 403


def test_withdrawing_erases_and_frees(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    operator = Operator(client, "maria").open().until(lambda step: step.get("stage") == "final")
    assert read_events(database, study, stimuli)
    assert client.post("/api/withdraw", headers=operator.headers).status_code == 204
    assert read_events(database, study, stimuli) == []
    assert read_operators(database, study, stimuli) == []
    page = client.get("/api/session", headers=operator.headers).json()
    assert page["step"]["kind"] == "done"
    assert operator.send(operator.event({}))["refused"]
    assert client.post("/api/withdraw", headers=operator.headers).status_code == 204
    Operator(client, "next").open().go()
    assert [row["slot"] for row in read_operators(database, study, stimuli)] == [0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_erased_is_in_no_file(
    client: TestClient, study: Protocol, stimuli: StimulusSet, tmp_path: Path, database: str
) -> None:
    Operator(client, "other").open().go()
    maria = Operator(client, "maria")
    opening = {"token": maria.token, "language": "en", "external_id": "WORKER-4711"}
    maria.state = client.post("/api/sessions", json=opening).json()
    maria.go()
    for number in range(40):
        maria.send(maria.event({"note": f"SECRET-{number} " * 200}, "page_hidden", name=f"maria-note-{number:04d}"))
    files = [tmp_path / name for name in ("study.db", "study.db-wal")]
    traces = (b"WORKER-4711", b"SECRET-7 ")
    before = b"".join(file.read_bytes() for file in files)
    assert all(trace in before for trace in traces)
    assert client.post("/api/withdraw", headers=maria.headers).status_code == 204
    after = b"".join(file.read_bytes() for file in files)
    assert not any(trace in after for trace in traces)
    assert [row["status"] for row in read_operators(database, study, stimuli)] == ["running"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_declines_is_in_no_file(client: TestClient, tmp_path: Path) -> None:
    maria = Operator(client, "maria")
    opening = {"token": maria.token, "language": "en", "external_id": "WORKER-4711"}
    maria.state = client.post("/api/sessions", json=opening).json()
    maria.send(maria.event({"note": "SECRET-7 "}, "page_hidden"))
    files = [tmp_path / name for name in ("study.db", "study.db-wal")]
    assert b"SECRET-7" in b"".join(file.read_bytes() for file in files)
    maria.send(maria.event({"accepted": False, "version": maria.step["version"]}))
    after = b"".join(file.read_bytes() for file in files)
    assert not any(trace in after for trace in (b"WORKER-4711", b"SECRET-7"))


def test_declining_keeps_nothing(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    operator = Operator(client, "maria").open()
    operator.send(operator.event({}, "page_hidden"))
    version = operator.step["version"]
    state = operator.send(operator.event({"accepted": False, "version": version}))
    assert state["step"]["kind"] == "done"
    assert read_operators(database, study, stimuli) == read_events(database, study, stimuli) == []


def test_the_excluded_free_their_place(store: Store, load: Load) -> None:
    arrive = Arrivals(store, load("kind: within, operators: 2"))
    (first, _), (_, second) = arrive(), arrive()
    assert second == Place(1)
    assert (arrive()[1], arrive.free) == (None, 0)
    arrive.set(first, status="excluded")
    assert arrive.free == 1
    assert arrive()[1] == Place(0)
    assert arrive.status(first) == "excluded"
    assert arrive.free == 0


def test_each_stratum_fills_the_design_by_itself(store: Store, load: Load, database: str) -> None:
    """Forty come at once, through two pools of connections on PostgreSQL."""
    study = load("kind: within, operators: 24, assignment: {kind: stratified, by: [sex, used]}")
    with ExitStack() as stack:
        stores = [store]
        if database.startswith("postgresql"):
            stores.append(open_store(database))
            stack.callback(stores[1].close)
        arrivals = [Arrivals(one, study) for one in stores]
        everyone = [ANSWERS[number * number % 4] for number in range(40)]  # 20 of the first, 20 of the second stratum

        def arrive(number: int) -> tuple[str, Place | None]:
            return arrivals[number % len(arrivals)](everyone[number], number=number)

        with ThreadPoolExecutor(40) as pool:
            found = [place for _, place in pool.map(arrive, range(40))]
    places = [place for place in found if place is not None]
    assert len(places) == 24
    assert {place.stratum for place in places} == {"sex=f&used=no", "sex=f&used=yes"}
    for stratum in ("sex=f&used=no", "sex=f&used=yes"):
        own = sorted(place.slot for place in places if place.stratum == stratum)
        assert own == list(range(len(own)))
    for answers, place in zip(everyone, found, strict=True):
        assert place is None or place.stratum == stratum_of(study.study, answers)


def test_a_place_that_was_left_in_another_stratum_counts(store: Store, load: Load) -> None:
    """The total holds: who left longest ago gives way first, and may go on while nobody needs the place."""
    arrive = Arrivals(store, load("kind: within, operators: 3, assignment: {kind: stratified, by: [sex]}"))
    early, _ = arrive({"sex": "f"})
    arrive.now += MINUTE
    late, _ = arrive({"sex": "f"})
    busy, _ = arrive({"sex": "m"})
    assert arrive({"sex": "m"})[1] is None
    arrive.now += 31 * MINUTE
    arrive.set(busy, held_until=arrive.now + 30 * MINUTE)
    assert arrive.free == 2
    assert arrive({"sex": "m"})[1] == Place(1, "sex=m")
    assert [arrive.status(one) for one in (early, late, busy)] == ["expired", RUNNING, RUNNING]
    assert arrive.held == [("sex=f", "", 1), ("sex=m", "", 0), ("sex=m", "", 1)]
    # In the stratum itself, the lowest free slot is the one whose operator was dismissed.
    assert arrive({"sex": "f"})[1] == Place(0, "sex=f")
    assert arrive.status(late) == "expired"
    assert arrive.free == 0


def test_withdrawing_frees_the_place_in_the_stratum_and_forgets_the_answers(store: Store, load: Load) -> None:
    arrive = Arrivals(store, load("kind: within, operators: 2, assignment: {kind: stratified, by: [sex]}"))
    first, _ = arrive({"sex": "f"})
    arrive({"sex": "f"})
    store.write(lambda connection: erase(connection, first, "withdrawn", arrive.now)).result()
    left = store.read(lambda connection: read_session(connection, first)).result()
    assert (left.stratum, left.group, left.slot) == ("", None, None)
    assert arrive({"sex": "f"})[1] == Place(0, "sex=f")


@pytest.mark.parametrize("groups", [["a", "b"], ["a", "b", "c"]])
def test_minimisation_makes_the_summed_variance_least(groups: list[str]) -> None:
    """Against all groups tried, with the variances of the marginal counts as the paper has them."""
    generator, drawn = random.Random(0), set()
    for draw in range(300):
        known = [(generator.choice(groups), generator.choice(ANSWERS)) for _ in range(generator.randrange(12))]
        new = generator.choice(ANSWERS)

        def imbalance(group: str, known: Any = known, new: Any = new) -> float:
            joined = [*known, (group, new)]
            return sum(
                pvariance([sum(g == other and a[name] == new[name] for g, a in joined) for other in groups])
                for name in ("sex", "used")
            )

        written = [(group, f"sex={answers['sex']}&used={answers['used']}") for group, answers in known]
        chosen = minimising(groups, written, f"sex={new['sex']}&used={new['used']}", draw)
        assert imbalance(chosen) == pytest.approx(min(map(imbalance, groups)))
        if not known:
            drawn.add(chosen)
    assert drawn == set(groups)


def test_minimisation_keeps_groups_of_one_size_where_answers_leave_a_choice() -> None:
    known: list[tuple[str, str]] = []
    for number in range(30):
        known.append((minimising(["a", "b", "c"], known, f"village={number}", number), f"village={number}"))
    assert Counter(group for group, _ in known) == {"a": 10, "b": 10, "c": 10}


def test_minimisation_keeps_groups_alike_and_slots_without_gaps(store: Store, load: Load) -> None:
    arrive = Arrivals(
        store,
        load("kind: mixed, operators: 48, groups: {a: [alone, advised], b: [explained, delegated]}, "
             "assignment: {kind: minimisation, by: [sex, used]}"),
    )  # fmt: skip
    generator = random.Random(3)
    met = []
    for _ in range(48):
        answers = generator.choices(ANSWERS, weights=[5, 3, 1, 1])[0]
        _, place = arrive(answers)
        assert place is not None
        met.append((place, answers))
    for group in ("a", "b"):
        own = sorted(place.slot for place, _ in met if place.group == group)
        assert own == list(range(len(own)))
    for name, value in (("sex", "f"), ("sex", "m"), ("used", "no"), ("used", "yes")):
        counts = Counter(place.group for place, answers in met if answers[name] == value)
        assert abs(counts["a"] - counts["b"]) <= 2, (name, value, counts)
    assert arrive(ANSWERS[0])[1] is None


def test_minimisation_forgets_those_who_left(store: Store, load: Load) -> None:
    arrive = Arrivals(store, load("kind: between, operators: 40, assignment: {kind: minimisation, by: [sex]}"))
    first = {}
    for _ in range(4):
        name, place = arrive({"sex": "f"})
        assert place is not None
        first[place.group] = name
    assert len(first) == 4
    arrive.set(first["advised"], status="excluded")
    assert arrive({"sex": "f"})[1] == Place(0, group="advised")
    arrive.set(first["alone"], held_until=arrive.now - 1)
    assert arrive({"sex": "f"})[1] == Place(0, group="alone")
    assert arrive.status(first["alone"]) == "expired"
    arrive.set(first["explained"], status="completed", held_until=arrive.now - 1)
    assert {place.slot for _, place in (arrive({"sex": "f"}) for _ in range(4)) if place} == {1}


def test_arrivals_at_once_are_minimised_one_after_the_other(store: Store, load: Load, database: str) -> None:
    study = load("kind: between, operators: 32, assignment: {kind: minimisation, by: [sex]}")
    with ExitStack() as stack:
        stores = [store]
        if database.startswith("postgresql"):
            stores.append(open_store(database))
            stack.callback(stores[1].close)
        arrivals = [Arrivals(one, study) for one in stores]

        def arrive(number: int) -> tuple[str, Place | None]:
            return arrivals[number % len(arrivals)]({"sex": "fm"[number % 2]}, number=number)

        with ThreadPoolExecutor(40) as pool:
            places = [place for _, place in pool.map(arrive, range(40)) if place is not None]
    assert len(places) == len(set(places)) == 32
    assert set(Counter(place.group for place in places).values()) <= {7, 8, 9}


def test_cells_stay_even_whoever_drops_out(store: Store, load: Load, stimuli: StimulusSet) -> None:
    """Half of those who begin leave; the 24 who finish have decided on each item in each condition as often."""
    study = load("kind: within, operators: 24, items_each: 8")
    arrive, generator = Arrivals(store, study), random.Random(1)
    finished: list[Place] = []
    while len(finished) < 24:
        name, place = arrive()
        assert place is not None
        if generator.random() < 0.5:
            arrive.set(name, status="completed")
            finished.append(place)
        else:
            left = generator.choice(["lease", "excluded"])
            arrive.set(name, **({"held_until": arrive.now - 1} if left == "lease" else {"status": "excluded"}))
    assert arrive()[1] is None
    steps = [step for place in finished for step in plan(study, stimuli, place)]
    cells = Counter((step.item, step.condition) for step in steps if step.position is not None and is_last(step))
    assert len(cells) == 12 * 4
    assert set(cells.values()) == {24 * 8 // (12 * 4)}


def is_last(step: Step) -> bool:
    return step.stage in ("final", "single")


def test_who_is_away_between_two_sittings_keeps_the_place_for_so_many_days(store: Store, load: Load) -> None:
    study = load("kind: within, operators: 1, sittings: {count: 2, days: 3, within: 10}")
    arrive = Arrivals(store, study)
    away, place = arrive()
    assert place == Place(0)
    steps = [Step("break"), Step("return", sitting=2), Step("debriefing"), Step("done")]
    arrive.set(away, plan=[step.as_dict() for step in steps], cursor=0)

    def send(kind: str, step: int, number: int) -> None:
        event = Event(id=f"event-{number:05d}", step=step, type=kind, time="", data={})

        def job(connection: Connection) -> None:
            session = read_session(connection, away)
            record_events(
                connection, session, [event], lambda c, s, e: (None, {"cursor": s.cursor + 1}),
                lambda session: patience(study.study, session), stale="stale", now=arrive.now,
            )  # fmt: skip

        store.write(job).result()

    send("complete", 0, 1)
    arrive.now += 9 * DAY
    send("seen", 1, 2)  # looking at the page is not coming back
    assert (arrive.free, arrive()[1]) == (0, None)
    arrive.now += 2 * DAY
    assert arrive.free == 1
    send("complete", 1, 3)  # nobody took the place: it is theirs again, for as long as at any step
    assert arrive.free == 0
    arrive.now += 31 * MINUTE
    assert arrive.free == 1
    assert arrive()[1] == Place(0)
    assert arrive.status(away) == "expired"


def test_strata_are_written_alike_however_answers_came(load: Load) -> None:
    study = load("kind: within, operators: 8, assignment: {kind: stratified, by: [used, sex]}").study
    assert stratum_of(study, {"sex": "f", "used": "yes", "more": 1}) == "used=yes&sex=f"
    assert stratum_of(study, {"sex": 3.0, "used": None}) == "used=&sex=3"
    assert stratum_of(study, {"sex": 3, "used": "a&b=c"}) == "used=a%26b%3Dc&sex=3"
    assert stratum_of(load("kind: within, operators: 8").study, {"sex": "f"}) == ""


class Screened(Operator):
    """Answers the screening as told."""

    who: Mapping[str, Any]

    def answer(self) -> dict[str, Any]:
        return {"answers": dict(self.who)} if self.step.get("id") == "who" else super().answer()


@pytest.mark.parametrize("kind", ["stratified", "minimisation"])
def test_screening_answers_decide_over_the_wire(
    serving: Serving, load: Load, stimuli: StimulusSet, database: str, kind: str
) -> None:
    study = load(f"kind: between, operators: 16, assignment: {{kind: {kind}, by: [sex]}}")
    client = serving(study)
    for number in range(16):
        operator = Screened(client, f"operator{number}")
        operator.who = ANSWERS[2 * (number % 2)]
        operator.open().go()
        assert operator.step["id"] == "who"
        operator.go()
        assert operator.step["kind"] == "instructions"
    assert not client.get("/api/study").json()["open"]
    store = open_store(database)
    query = sa.select(sessions.c.stratum, sessions.c.group)
    found = Counter(tuple(row) for row in store.read(lambda c: c.execute(query).all()).result())
    store.close()
    assert set(found) == set(product(("sex=f", "sex=m"), study.study.conditions))
    assert set(found.values()) == {2}
    met = Counter(row["order"] for row in read_operators(database, study, stimuli))
    assert met == dict.fromkeys(study.study.conditions, 4)


def test_a_server_does_not_start_with_stimuli_that_cannot_give_the_errors(
    load: Load, stimuli: StimulusSet, database: str
) -> None:
    study = load("kind: within, operators: 8, errors: {at: [1]}")
    with pytest.raises(BinomeError, match="wants 4 wrong advices among the 12 items"):
        create_app(study, stimuli, database=database, researcher_key=KEY, secret=SECRET)
