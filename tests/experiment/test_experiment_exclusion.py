"""Exclusion by the declared rules, on sessions made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from walked_session import alone, make_study, walk

from binome.core.stimulus import StimulusSet
from binome.experiment.exclusion import checks, duration, exclusion, median_seconds
from binome.protocol import Step

SCREENING = """
title: You
questions:
  - {id: adult, kind: choice, text: Adult, options: [{id: 'y', label: 'Yes'}, {id: 'n', label: 'No'}]}
citation: ours
licence: CC0
status: {en: published}
"""
COMPREHENSION = """
title: Understood
questions:
  - {id: who, kind: choice, text: Who decides, correct: me, options: [{id: me, label: I}, {id: it, label: It}]}
citation: ours
licence: CC0
status: {en: published}
"""


@pytest.fixture
def questionnaires(tmp_path: Path) -> Path:
    (tmp_path / "questionnaires").mkdir()
    (tmp_path / "questionnaires" / "who.yaml").write_text(SCREENING, "utf-8")
    (tmp_path / "questionnaires" / "quiz.yaml").write_text(COMPREHENSION, "utf-8")
    return tmp_path


def failing(count: int) -> Any:
    """Fails the first so many attention checks."""
    left = [count]

    def answer(step: Step) -> dict[str, Any]:
        if step.attention is not None and left[0]:
            left[0] -= 1
            return {"decision": "dog" if step.attention == "cat" else "cat", "seconds": 1.0}
        return alone(step)

    return answer


@pytest.mark.parametrize(
    ("rule", "failed", "reason"),
    [
        ("all", 3, "attention"), ("all", 2, None), ("2", 2, "attention"), ("2", 1, None), ("1", 1, "attention"),
        ("null", 3, None), ("all", 0, None),
    ],
)  # fmt: skip
def test_failed_attention_checks(
    rule: str, failed: int, reason: str | None, stimuli: StimulusSet, tmp_path: Path
) -> None:
    study = make_study(
        tmp_path, "a: {advice: before}", checks=3, operators=f"exclude: {{attention_failed: {rule}}}"
    )  # fmt: skip
    session = walk(study, stimuli, failing(failed))
    assert checks(session).count(False) == failed
    assert len(checks(session)) == 3
    assert exclusion(session, study) == reason


def test_no_checks_are_not_all_failed(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(tmp_path, "a: {advice: before}")
    assert exclusion(walk(study, stimuli), study) is None


def test_checks_that_were_handed_over_do_not_count(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(tmp_path, "a: {delegation: {when: before, most: 12}}", checks=2)

    def all_at_once(step: Step) -> dict[str, Any]:
        return {"delegated": True, "count": 12, "seconds": 1.0} if step.kind == "offer" else alone(step)

    session = walk(study, stimuli, all_at_once)
    assert checks(session) == []
    assert exclusion(session, study) is None


@pytest.mark.parametrize(("least", "reason"), [(3.0, None), (3.01, "fast")])
def test_too_fast_by_the_median_over_all_pages_of_a_decision(
    least: float, reason: str | None, stimuli: StimulusSet, tmp_path: Path
) -> None:
    study = make_study(tmp_path, "a: {advice: after_initial}", practice=2, operators=f"exclude: {{fast: {least}}}")

    def answer(step: Step) -> dict[str, Any]:
        # 12 trials of 1 + 0 … 11 × (4/11) seconds: the median lies between the sixth and the seventh.
        place = 0 if step.position is None else step.position
        seconds = {"initial": 1.0, "final": place * 4 / 11}.get(step.stage or "", 0.0)
        return {**alone(step), "seconds": seconds}

    session = walk(study, stimuli, answer)
    assert median_seconds(session) == pytest.approx(3.0)
    assert exclusion(session, study) == reason


def test_the_forced_wait_and_what_the_model_decides_are_no_own_time(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(tmp_path, "a: {advice: delayed, delay: 9}", operators="exclude: {fast: 3}")
    waits = walk(study, stimuli, lambda step: {**alone(step), "seconds": 9.0 if step.stage == "wait" else 2.0})
    assert median_seconds(waits) == 2.0
    assert exclusion(waits, study) == "fast"
    study = make_study(tmp_path, "a: {supervision: {seconds: 4}}", operators="exclude: {fast: 3}")
    watches = walk(study, stimuli, lambda step: {"seconds": 4.0})
    assert median_seconds(watches) is None
    assert exclusion(watches, study) is None


def test_the_time_before_a_request_is_own_time(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(tmp_path, "a: {advice: on_request}")

    def asks(step: Step) -> dict[str, Any]:
        return {"requested": True, "seconds": 5.0} if step.stage == "open" else alone(step)

    assert median_seconds(walk(study, stimuli, asks)) == 7.0


@pytest.mark.parametrize(("most", "reason"), [(10, None), (9.99, "slow")])
def test_too_slow(most: float, reason: str | None, stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(tmp_path, "a: {advice: before}", operators=f"exclude: {{slow_minutes: {most}}}")
    assert exclusion(walk(study, stimuli), study) == reason  # 600 seconds


def test_days_between_sittings_do_not_make_one_slow(stimuli: StimulusSet, tmp_path: Path) -> None:
    study = make_study(
        tmp_path,
        "a: {advice: before}",
        "b: {advice: after_initial}",
        design="sittings: {count: 2, days: 1}",
        operators="exclude: {slow_minutes: 20}",
    )
    session = walk(study, stimuli)
    back = next(index for index, step in enumerate(session.plan) if step.kind == "return")
    day = 24 * 3600.0
    late = {index: moment + (day if index >= back else 0) for index, moment in session.times.items()}
    before = max(moment for index, moment in late.items() if index < back)
    session = replace(session, times=late, completed=1600 + day)
    assert duration(session) == pytest.approx(600 + day - (late[back] - before))
    assert exclusion(session, study) is None


def test_the_first_broken_rule_is_named(stimuli: StimulusSet, tmp_path: Path) -> None:
    rules = "exclude: {attention_failed: 1, fast: 100, slow_minutes: 1}"
    study = make_study(tmp_path, "a: {advice: before}", checks=1, operators=rules)
    assert exclusion(walk(study, stimuli, failing(1)), study) == "attention"
    assert exclusion(walk(study, stimuli), study) == "fast"
    half = walk(study, stimuli, failing(1), stop=lambda step: step.kind == "debriefing")
    assert exclusion(half, study) == "incomplete"


def test_screening_and_comprehension(stimuli: StimulusSet, questionnaires: Path) -> None:
    study = make_study(
        questionnaires,
        "a: {advice: before}",
        operators="screening: {questionnaire: who, accept: {adult: ['y']}}, "
        "comprehension: {questionnaire: quiz, attempts: 2}",
    )

    def given(adult: str, *who: str) -> Any:
        left = list(who)

        def answer(step: Step) -> dict[str, Any]:
            if step.purpose == "screening":
                return {"answers": {"adult": adult}}
            return {"answers": {"who": left.pop(0)}} if step.purpose == "comprehension" else alone(step)

        return answer

    assert exclusion(walk(study, stimuli, given("n")), study) == "screening"
    assert exclusion(walk(study, stimuli, given("y", "it", "it")), study) == "comprehension"
    assert exclusion(walk(study, stimuli, given("y", "it", "me")), study) is None
    assert exclusion(walk(study, stimuli, given("y", "me")), study) is None
