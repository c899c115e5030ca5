"""Designs, and all phases around the decisions, in a real browser, to the exported tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kinds_session import Kept, taken
from operator_driver import Operator
from playwright.sync_api import Browser, expect

from binome.experiment import app as server
from binome.experiment import read_answers, read_operators, read_trials
from binome.experiment.sessions import clock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def framed(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Four people: two who take part, one who is screened out, one who does not understand."""
    with taken(tmp_path_factory.mktemp("between"), "between", browser) as (kept, take):
        take({("questionnaire", 2): lambda operator: operator.choose(0)})
        take({}, language="fr")
        take({("questionnaire", 1): lambda operator: operator.choose(2)})
        take({("questionnaire", place): lambda operator: operator.choose(0) for place in (2, 3)})
        yield kept


def test_the_phases_come_in_their_order(framed: Kept) -> None:
    kinds = [kind for kind, _ in framed.pages[0]]
    assert kinds[:5] == ["welcome", "device", "consent", "questionnaire", "pages"]
    assert kinds[-4:] == ["questionnaire", "questionnaire", "pages", "done"]
    assert sorted(kinds[kinds.index("single") :]) == sorted(
        ["single"] * 4 + ["attention", "feedback", "pages", "pages", "done"] + ["questionnaire"] * 3
    )
    # Once more through instructions and questions after the failed attempt.
    assert kinds.count("questionnaire") == 1 + 2 + 1 + 1 + 2
    assert [kind for kind, _ in framed.pages[1]].count("questionnaire") == 1 + 1 + 1 + 1 + 2


def test_between_operators_each_has_one_condition(framed: Kept) -> None:
    first, second = framed.trials(0), framed.trials(1)
    assert [{row["condition"] for row in rows} for rows in (first, second)] == [{"alone"}, {"advised"}]
    assert [{row["group"] for row in rows} for rows in (first, second)] == [{"alone"}, {"advised"}]
    assert [{row["language"] for row in rows} for rows in (first, second)] == [{"en"}, {"fr"}]
    assert {row["item"] for row in first} == {row["item"] for row in second}
    for rows in (first, second):
        assert sorted((row["practice"], row["attention_check"]) for row in rows) == [
            (False, False), (False, False), (False, False), (False, True), (True, False)
        ]  # fmt: skip
        check = next(row for row in rows if row["attention_check"])
        assert check["final"] == check["truth"]
        assert (check["item"], check["position"]) == (None, None)
        practised = next(row for row in rows if row["practice"])
        assert (practised["block"], practised["truth"]) == (None, "coat")
        assert not any(row["excluded"] for row in rows)


def test_screening_and_comprehension_stop_people_who_are_counted(framed: Kept) -> None:
    people = {row["exclusion_reason"]: row for row in read_operators(*framed.served)}
    rows = list(read_operators(*framed.served))
    assert [row["status"] for row in rows] == ["completed", "completed", "excluded", "excluded"]
    assert (people["screening"]["screening_passed"], people["screening"]["slot"]) == (False, None)
    assert people["comprehension"]["comprehension_passed"] is False
    assert people["comprehension"]["comprehension_attempts"] == 2
    assert [row["comprehension_attempts"] for row in rows[:2]] == [2, 1]
    assert all(row["comprehension_passed"] for row in rows[:2])
    assert [row["stratum"] for row in rows[:2]] == ["used=often", "used=often"]
    assert {row["operator"] for row in read_trials(*framed.served)} == {row["operator"] for row in rows[:2]}


def test_questionnaires_of_every_place_have_their_answers(framed: Kept) -> None:
    who = framed.trials(0)[0]["operator"]
    answers = [row for row in read_answers(*framed.served) if row["operator"] == who]
    asked = list(dict.fromkeys(row["questionnaire"] for row in answers))
    assert asked == ["screen", "understood", "demographics", "now", "raw_tlx", "opinion"]
    found = {(row["questionnaire"], row["name"]): row["value"] for row in answers if row["kind"] == "answer"}
    attempts = [(row["attempt"], row["value"]) for row in answers if row["questionnaire"] == "understood"]
    assert attempts == [(1, "model"), (2, "me")]
    assert found["screen", "used"] == "often"
    assert found["opinion", "what"] == "Translating"
    assert {float(found["opinion", name]) for name in ("useful", "clear", "again")} == {3}
    assert float(found["now", "tired"]) == 1
    (score,) = [row for row in answers if row["kind"] == "score" and row["questionnaire"] == "raw_tlx"]
    assert 0 <= score["value"] <= 100
    after = {row["questionnaire"]: (row["condition"], row["block"]) for row in answers}
    assert (after["now"], after["raw_tlx"], after["opinion"]) == (("alone", 0), ("alone", 0), (None, None))


def test_the_code_is_the_studys(framed: Kept) -> None:
    assert [pages[-1][0] for pages in framed.pages] == ["done"] * 4
    assert [kind for kind, _ in framed.pages[2]] == ["welcome", "device", "consent", "questionnaire", "done"]


def test_a_factorial_design_over_two_sittings(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken(tmp_path, "factorial", browser) as (kept, take):

        def come_back(operator: Operator) -> None:
            expect(operator.page.locator(".actions .primary")).to_be_hidden()
            monkeypatch.setattr(server, "clock", lambda: clock() + 2 * 24 * 3600)
            operator.page.reload()
            operator.kind()
            operator.act("return")

        for _ in range(2):
            take({("return", 1): come_back})
            monkeypatch.undo()
        for number, (outcome, told) in enumerate([("hidden", False), ("told", True)]):
            rows = kept.trials(number)
            assert len(rows) == len({row["item"] for row in rows}) == 8
            assert {row["factor_outcome"] for row in rows} == {row["group"] for row in rows} == {outcome}
            assert [row["factor_help"] for row in rows] == ["without", "without", "with", "with"] * 2
            assert [row["advice_shown"] for row in rows] == [False, False, True, True] * 2
            assert [row["sitting"] for row in rows] == [1] * 4 + [2] * 4
            assert [row["block"] for row in rows] == [0, 0, 1, 1, 2, 2, 3, 3]
            kinds = [kind for kind, _ in kept.pages[number]]
            assert (kinds.count("break"), kinds.count("return")) == (2, 1)
            assert kinds.count("feedback") == (8 if told else 0)
        assert all(person["sittings"] == 2 for person in read_operators(*kept.served))


def test_a_mixed_design_gives_each_group_its_conditions(browser: Browser, tmp_path: Path) -> None:
    with taken(tmp_path, "mixed", browser) as (kept, take):
        take({})
        take({}, hand="touch", language="fr")
        met = {row["group"]: row["order"] for row in read_operators(*kept.served)}
        assert met == {"first": "alone advised", "second": "alone checked"}
        groups = [{(row["group"], row["condition"]) for row in kept.trials(number)} for number in range(2)]
        assert set.union(*groups) == {
            ("first", "alone"), ("first", "advised"), ("second", "alone"), ("second", "checked")
        }  # fmt: skip
        assert all(len(group) == 2 for group in groups)
