"""Simulated cohorts through the real HTTP interface: every kind of step and every stage, to the exported rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_experiment import KEY, SECRET, make_cases, make_stimuli
from walked_session import make_study

from binome import analysis, operators, protocol
from binome.core.stimulus import StimulusSet
from binome.experiment import create_app, read_answers, read_operators, read_trials, serve
from binome.operators import Parameters

Row = dict[str, Any]
TOLD = ("item", "initial", "final", "decided_by", "delegated", "vetoed", "timed_out", "final_seconds", "reason")

WHO = """
title: You
questions:
  - {id: adult, kind: choice, text: Adult, options: [{id: 'y', label: 'Yes'}, {id: 'n', label: 'No'}]}
  - {id: uses, kind: choice, text: Which machines, many: true, options: [{id: car, label: Car}, {id: web, label: Web}]}
  - {id: hours, kind: number, text: Hours a day, low: 0, high: 24, show_if: {uses: [web]}}
  - {id: views, kind: matrix, text: Machines are, low: 1, high: 5, labels: ['no', 'yes'],
     rows: [{id: useful, text: useful}, {id: risky, text: risky}]}
  - {id: words, kind: text, text: Anything else, required: false}
citation: ours
licence: CC0
status: {en: published}
"""
QUIZ = """
title: Understood
questions:
  - {id: who, kind: choice, text: Who decides, correct: me, options: [{id: me, label: I}, {id: it, label: It}]}
  - {id: most, kind: number, text: How many, correct: 3, low: 0, high: 9}
citation: ours
licence: CC0
status: {en: published}
"""


class Run:
    """A study that a cohort went through."""

    def __init__(
        self, folder: Path, study: protocol.Protocol, stimuli: StimulusSet, *, count: int = 6, **more: Any
    ) -> None:
        url = f"sqlite:///{folder / (more.pop('name', 'study') + '.db')}"
        told = more.pop("told", True)
        app = create_app(study, stimuli, database=url, researcher_key=KEY, secret=SECRET)
        with serve(app) as address:
            self.report = operators.simulate(
                address, stimuli, operators=count, seed=5, simulation_key=KEY, protocol=study if told else None, **more
            )
        self.trials = read_trials(url, study, stimuli)
        self.operators = read_operators(url, study, stimuli)
        self.answers = read_answers(url, study, stimuli)
        self.measured = [row for row in self.trials if row["position"] is not None]
        analysis.check_trials(self.trials)

    def told(self) -> list[list[Any]]:
        return [[row[name] for name in TOLD] for row in self.trials]


@pytest.mark.parametrize("kind", ["pictures", "cases", "estimates"])
def test_every_stage_goes_to_its_rows(tmp_path: Path, kind: str) -> None:
    shown = make_stimuli(tmp_path) if kind == "pictures" else make_cases(tmp_path, estimate=kind == "estimates")
    study = make_study(
        tmp_path,
        "asked: {advice: on_request, confidence: true, explanation: ig, feedback: true}",
        "waited: {advice: delayed, delay: 3}",
        "evident: {explanation: ig}",
        "watched: {supervision: {seconds: 6}, explanation: ig}",
        "sorted: {handover: 0.6}",
        "given: {advice: after_initial, update: reasoned, delegation: {when: both, most: 3}, score: true}",
        design="sittings: {count: 2, days: 3}",
        practice=1,
        checks=2,
        operators="device: {width: 600, keyboard: true}, breaks: 30",
        more="rewards: {correct: 10, wrong: 0, delegation: 1, veto: 1, confidence: 2, flat: 5, rate: 0.1}",
    )
    run = Run(tmp_path, study, shown)
    assert run.report.completed == 6
    assert len(run.measured) == 6 * 12
    assert {row["exclusion_reason"] for row in run.operators} == {None}
    assert {row["sittings"] for row in run.operators} == {2}
    assert {row["sitting"] for row in run.measured} == {1, 2}
    by_name = {name: [row for row in run.measured if row["condition"] == name] for name in study.study.conditions}
    asked = by_name["asked"]
    assert {row["advice_requested"] for row in asked} == {True, False}
    assert all((row["explanation"] == "ig") == row["advice_shown"] == row["advice_requested"] for row in asked)
    assert {(row["alone_seconds"], row["advice_shown"]) for row in by_name["waited"]} == {(3.0, True)}
    assert {(row["explanation"], row["advice_shown"]) for row in by_name["evident"]} == {("ig", False)}
    assert all(row["explanation_opened"] for row in by_name["evident"])
    watched = by_name["watched"]
    assert {row["vetoed"] for row in watched} == {True, False}
    assert all(row["final"] == row["advice"] for row in watched if not row["vetoed"])
    assert all(0 < row["veto_seconds"] < 6 for row in watched if row["vetoed"])
    assert {row["decided_by"] == "model" for row in by_name["sorted"] if row["advice_confidence"] >= 0.6} == {True}
    assert {row["decided_by"] for row in by_name["sorted"] if row["advice_confidence"] < 0.6} == {"operator"}
    given = by_name["given"]
    assert {row["delegated"] for row in given} == {True, False}
    assert all(row["seen"] for row in given if not row["delegated"])
    changed = [row for row in given if row["initial"] not in (None, row["final"]) and not row["delegated"]]
    assert all(row["reason"] for row in changed)
    assert all(row["reason"] is None for row in given if row not in changed)
    for operator in run.operators:
        won = [row["points"] for row in run.measured if row["operator"] == operator["operator"]]
        assert operator["points"] == 5 + sum(won)
        assert operator["payment"] == pytest.approx(0.1 * operator["points"], abs=0.01)


@pytest.fixture
def admitted(tmp_path: Path) -> protocol.Protocol:
    """A study with screening, comprehension and a questionnaire in the middle, and stratified assignment."""
    (tmp_path / "questionnaires").mkdir()
    (tmp_path / "questionnaires" / "who.yaml").write_text(WHO, "utf-8")
    (tmp_path / "questionnaires" / "quiz.yaml").write_text(QUIZ, "utf-8")
    return make_study(
        tmp_path,
        "a: {advice: before}",
        "b: {advice: after_initial}",
        kind="between",
        operators="screening: {questionnaire: who, accept: {adult: ['y']}}, "
        "comprehension: {questionnaire: quiz, attempts: 2}",
        more="questionnaires: {during: [{show: [raw_tlx], every: 6}]}",
    )


def test_admission_is_passed_by_those_who_know_the_protocol(
    admitted: protocol.Protocol, stimuli: StimulusSet, tmp_path: Path
) -> None:
    run = Run(tmp_path, admitted, stimuli, parameters=Parameters(misunderstanding=0.5))
    assert run.report.completed == 6
    assert {row["screening_passed"] for row in run.operators} == {True}
    assert {row["comprehension_attempts"] for row in run.operators} == {1, 2}
    assert {row["comprehension_passed"] for row in run.operators} == {True}
    assert {row["group"] for row in run.operators} == {"a", "b"} == {row["group"] for row in run.trials}
    attempts = {(row["operator"], row["attempt"]) for row in run.answers if row["questionnaire"] == "quiz"}
    assert len(attempts) == sum(row["comprehension_attempts"] for row in run.operators)
    during = {(row["operator"], row["trial"]) for row in run.answers if row["questionnaire"] == "raw_tlx"}
    assert len(during) == 6 * 2
    who = [row for row in run.answers if row["questionnaire"] == "who"]
    assert {row["name"] for row in who} == {"adult", "uses", "hours", "useful", "risky", "words"}
    web = {row["operator"] for row in who if row["name"] == "uses" and "web" in row["value"]}
    assert {row["operator"] for row in who if row["name"] == "hours"} == web
    assert 0 < len(web) < 6


def test_those_who_know_nothing_may_be_left_out_and_are_told_of(
    admitted: protocol.Protocol, stimuli: StimulusSet, tmp_path: Path
) -> None:
    run = Run(tmp_path, admitted, stimuli, told=False)
    reasons = [row["exclusion_reason"] for row in run.operators]
    assert len(reasons) == 6
    assert {"screening", "comprehension"} <= set(reasons)
    assert run.report.completed == reasons.count(None)
    assert {row["status"] for row in run.operators if row["exclusion_reason"]} == {"excluded"}
    # Who never had a trial is among the operators all the same.
    assert {row["operator"] for row in run.trials} == {
        r["operator"] for r in run.operators if not r["exclusion_reason"]
    }


def test_time_limits_are_kept_and_sometimes_missed(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(tmp_path, "a: {advice: after_initial, seconds: 4}")
    run = Run(tmp_path, study, stimuli, parameters=Parameters(seconds_sd=1.0))
    assert {row["timed_out"] for row in run.measured} == {True, False}
    assert all(row["final"] is None for row in run.measured if row["timed_out"])
    decided = [row for row in run.measured if not row["timed_out"]]
    assert max(row["final_seconds"] for row in decided) < 4
    assert len(decided) > len(run.measured) / 2


def test_a_seed_gives_the_same_rows_again(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(
        tmp_path,
        "a: {advice: on_request, delegation: {when: both, most: 4}}",
        "b: {supervision: true}",
        "c: {advice: after_initial, seconds: 5}",
        checks=2,
    )
    first, second = (
        Run(tmp_path, study, stimuli, name=name, concurrency=concurrency)
        for name, concurrency in (("first", 8), ("second", 2))
    )
    assert first.told() == second.told()
    assert len({str(row) for row in first.told()}) > 20
