"""Trials and exports against what the operator itself noted."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tiny_experiment import KEY, Operator, Serving
from walked_session import make_study

from binome import analysis, protocol
from binome.core.stimulus import StimulusSet
from binome.experiment import (
    COLUMNS,
    TRIAL_COLUMNS,
    codebook,
    count_completed,
    export_csv,
    fingerprint,
    read_answers,
    read_events,
    read_operators,
    read_trials,
    table_columns,
    to_csv,
)
from binome.experiment.columns import MOUSE_COLUMNS

Row = dict[str, Any]


@pytest.fixture
def maria(client: TestClient) -> Operator:
    """An operator who went through a whole session."""
    return Operator(client, "maria", "fr").open().finish()


@pytest.fixture
def trials(maria: Operator, study: protocol.Protocol, stimuli: StimulusSet, database: str) -> list[Row]:
    return read_trials(database, study, stimuli)


def test_every_answer_is_in_its_row(maria: Operator, trials: list[Row], stimuli: StimulusSet) -> None:
    noted: list[list[tuple[Row, Row]]] = []
    for step, data in maria.answers:
        if step["kind"] == "decision":
            if step["stage"] == "final":
                noted[-1].append((step, data))
            else:
                noted.append([(step, data)])
    assert len(trials) == len(noted) == 12 + 2 + 2
    for row, pages in zip(trials, noted, strict=True):
        before, (last, after) = pages[0][1], pages[-1]
        item = None if last["instruction"] else stimuli.item(row["item"])
        assert row["attention_check"] == (item is None)
        assert row["practice"] == last["practice"]
        assert row["delegated"] == after.get("delegated", False)
        assert row["final"] == (item.advice if after.get("delegated") and item else after["decision"])
        assert row["final_seconds"] == after["seconds"]
        assert row["final_confidence"] == after.get("confidence")
        assert row["initial"] == (before["decision"] if len(pages) == 2 else None)
        assert row["initial_confidence"] == (before["confidence"] if len(pages) == 2 else None)
        assert row["initial_seconds"] == (before["seconds"] if len(pages) == 2 else None)
        assert row["advice_shown"] == (last["advice"] is not None)
        assert row["overridden"] == (row["final"] != row["advice"] if last["advice"] else None)
        assert row["explanation"] == ("ig" if last["explanation"] else None)
        if item:
            assert (row["truth"], row["advice"], row["advice_confidence"]) == (
                item.truth, item.advice, item.advice_confidence,
            )  # fmt: skip
    measured = [row for row in trials if not row["practice"] and not row["attention_check"]]
    assert [row["position"] for row in measured] == list(range(12))
    assert len({row["item"] for row in measured}) == 12
    assert {(row["language"], row["study"], row["simulated"], row["excluded"]) for row in trials} == {
        ("fr", "tiny", False, False)
    }


def test_the_analysis_reads_them(trials: list[Row]) -> None:
    assert tuple(trials[0]) == TRIAL_COLUMNS
    checked = analysis.check_trials(trials)
    assert checked.height == len(trials)
    assert set(checked["condition"]) == {"alone", "advised", "explained", "delegated"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_exclusions_follow_their_rules(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    careless = Operator(client, "careless").open()
    careless.attentive = False
    careless.finish()
    half = Operator(client, "half").open()
    half.attentive = False
    half.until(lambda step: bool(step.get("instruction"))).go()
    half.attentive = True
    half.finish()
    Operator(client, "leaves").open().until(lambda step: step.get("practice") is False)
    reasons = {row["slot"]: row["exclusion_reason"] for row in read_operators(database, study, stimuli)}
    assert reasons == {0: "attention", 1: None, 2: "incomplete"}
    by_reason = {row["exclusion_reason"] for row in read_trials(database, study, stimuli)}
    assert by_reason == {"attention", None, "incomplete"}
    assert all(row["excluded"] == bool(row["exclusion_reason"]) for row in read_trials(database, study, stimuli))
    assert count_completed(database, simulated=False) == 2
    assert count_completed(database, simulated=True) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_answers_carry_their_scores(
    maria: Operator, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    rows = read_answers(database, study, stimuli)
    given = {(row["questionnaire"], row["name"]): row["value"] for row in rows if row["kind"] == "answer"}
    noted = {
        (step["id"], name): value
        for step, data in maria.answers if step["kind"] == "questionnaire"
        for name, value in data["answers"].items()
    }  # fmt: skip
    assert given == noted
    loads = [value for (questionnaire, _), value in noted.items() if questionnaire == "raw_tlx"]
    scores = [row["value"] for row in rows if row["kind"] == "score" and row["questionnaire"] == "raw_tlx"]
    assert scores == [sum(loads) / len(loads)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_fingerprint_changes_with_every_event(client: TestClient, database: str) -> None:
    operator = Operator(client, "maria").open()
    seen = {fingerprint(database)}
    for _ in range(4):
        operator.go()
        seen.add(fingerprint(database))
    assert len(seen) == 5
    assert fingerprint(database) in seen


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_files_hold_the_same_rows(
    maria: Operator, trials: list[Row], study: protocol.Protocol, stimuli: StimulusSet, database: str, tmp_path: Path
) -> None:
    files = {path.stem: path for path in export_csv(tmp_path / "out", database, study, stimuli)}
    assert set(files) == set(COLUMNS)
    for name, path in files.items():
        read = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
        assert tuple(read[0]) == COLUMNS[name]
        assert len(read) > 1
    again = list(csv.DictReader(io.StringIO(files["trials"].read_text("utf-8"))))
    assert [row["final"] for row in again] == [row["final"] for row in trials]
    assert {row["delegated"] for row in again} <= {"true", "false"}
    assert [row["initial"] for row in again] == [row["initial"] or "" for row in trials]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_empty_study_exports_its_headers(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str, tmp_path: Path
) -> None:
    for path in export_csv(tmp_path / "out", database, study, stimuli):
        assert path.read_text("utf-8").splitlines()[0] == ",".join(COLUMNS[path.stem])


def test_csv_quotes_what_it_must() -> None:
    rows = [{"a": 'say "hi", twice\nor more', "b": None, "c": True, "d": {"x": "é"}, "e": "None"}]
    text = to_csv(rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["a", "b", "c", "d", "e"],
        ['say "hi", twice\nor more', "", "true", '{"x": "é"}', "None"],
    ]


def test_the_codebook_describes_every_column() -> None:
    rows = codebook()
    described = {**COLUMNS, "mouse": MOUSE_COLUMNS}
    for table in ("trials", "operators", "answers", "events", "mouse"):
        assert tuple(row["column"] for row in rows if row["table"] == table) == described[table]
    assert all(row["en"] and row["fr"] and row["en"] != row["fr"] for row in rows)


@pytest.mark.parametrize(
    ("table", "heading"), [("trials", "## Trials"), ("operators", "## Operators"), ("mouse", "## Pointer")]
)
def test_the_reference_says_of_every_column_what_the_codebook_says(table: str, heading: str) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/trials.md").read_text("utf-8")
    part = page.split(heading)[1].split("\n## ")[0]
    for row in codebook():
        if row["table"] == table:
            line = next(line for line in part.splitlines() if line.startswith(f"| `{row['column']}` |"))
            assert line.endswith(f"| {row['en'].replace('{}', '`{}`')} |")


def test_the_codebook_describes_a_studys_own_columns(stimuli: StimulusSet, tmp_path: Path) -> None:
    own = make_study(
        tmp_path,
        "a: {advice: before}",
        "b: {advice: after_initial}",
        kind="factorial",
        design="factors: {first_answer: {levels: {unasked: [a], asked: [b]}}}",
        more="rewards: {correct: 1, rate: 0.1, currency: CHF}",
    )
    rows = codebook(stimuli, own)
    assert tuple(row["column"] for row in rows if row["table"] == "trials") == table_columns(stimuli, own)["trials"]
    described = {(row["table"], row["column"]): row for row in rows}
    assert described["trials", "factor_first_answer"]["en"].endswith("first answer")
    assert described["operators", "payment"]["unit"] == "CHF"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_researcher_signs_in_and_sees_who_is_where(
    serving: Serving, study: protocol.Protocol, stimuli: StimulusSet, database: str, now: list[float]
) -> None:
    client = serving()
    stuck = Operator(client, "stuck").open().until(lambda step: step.get("stage") == "final")
    now[0] += 20 * 60
    Operator(client, "maria").open().finish()
    names = {row["status"]: row["operator"] for row in read_operators(database, study, stimuli)}
    assert client.get("/researcher").status_code == 401
    assert client.get("/researcher/trials.csv").status_code == 401
    assert client.get("/researcher", params={"key": "wrong"}).status_code == 403
    client.cookies.set("binome_researcher", "forged")
    assert client.get("/researcher").status_code == 401
    client.cookies.clear()
    signed_in = client.get("/researcher", params={"key": KEY})
    assert signed_in.status_code == 303
    assert KEY not in signed_in.headers["location"]
    assert "HttpOnly" in signed_in.headers["set-cookie"]
    for language, word in (("en", "completed"), ("fr", "terminé")):
        page = client.get("/researcher", params={"lang": language}).text
        assert word in page
        assert names["running"] in page
        assert names["completed"] in page
        assert 'class="stuck"' in page
        decimal = "," if language == "fr" else "."
        assert re.search(rf'\(min\)" class="n">\d+\{decimal}\d\D', page)
        assert ("100\u00a0%" if language == "fr" else "100%") in page
        assert stuck.token not in page
        for condition in ("alone", "advised", "explained", "delegated"):
            assert f"<span>{condition}</span><b>3</b>" in page
    table = client.get("/researcher/trials.csv")
    assert table.text == to_csv(read_trials(database, study, stimuli), TRIAL_COLUMNS)
    with zipfile.ZipFile(io.BytesIO(client.get("/researcher/export.zip").content)) as archive:
        assert {Path(name).stem for name in archive.namelist()} == set(COLUMNS)
        assert archive.read("trials.csv").decode() == table.text
    assert client.get("/researcher/other.csv").status_code == 404
    assert len(read_events(database, study, stimuli)) > 20


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_researchers_page_is_english_where_the_study_has_a_language_of_its_own(
    serving: Serving, study: protocol.Protocol
) -> None:
    spoken = study.study.operators.model_copy(update={"languages": ["de"]})
    client = serving(own=replace(study, study=study.study.model_copy(update={"operators": spoken})))
    page = client.get("/researcher", params={"key": KEY}, follow_redirects=True)
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
