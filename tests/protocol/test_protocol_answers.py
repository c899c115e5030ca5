"""Estimates and case files in plans and texts: what counts as right, what is asked for, how it is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from binome import protocol
from binome.core.stimulus import Decision, Feature, Number, Rendering, Stimulus, StimulusSet, Task
from binome.protocol.answers import attention_answers, decimals, on_scale, say_tolerance

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]
FINE = Number(0, 5000, 0.25, {"en": "points", "fr": "points (fr)"}, 0.1)
CHOICE = Task("x", "X", "Which?", (Decision("a", {"en": "yes", "fr": "oui"}), Decision("b", "no")))


def estimating(scale: Number) -> Task:
    return Task("x", "X", "How many?", number=scale, features=(Feature("age", "Age"),))


@pytest.fixture
def estimates(make_stimuli: Make) -> StimulusSet:
    """Twenty-four files and four for practice; every fourth piece of advice is out of tolerance."""
    stimuli = make_stimuli()
    items = tuple(
        dataclasses.replace(
            item, truth=float(i), advice=float(i + (9 if i % 4 == 0 else 2)), image=None, case=(str(i),),
            note="Late" if i < 3 else None,
        )
        for i, item in enumerate(stimuli.items)
    )  # fmt: skip
    task = estimating(Number(0, 100, 1, {"en": "points", "fr": "points"}, 2))
    cards = tuple(dataclasses.replace(card, rendering=Rendering("bars")) for card in stimuli.explanations)
    return dataclasses.replace(stimuli, task=task, items=items, explanations=cards)


@pytest.mark.parametrize(
    ("answer", "truth", "right"), [(10.0, 10.1, True), (10.1, 10.0, True), (1.1, 1.0, True), (10.11, 10.0, False)]
)
def test_an_estimate_is_right_within_its_tolerance(answer: float, truth: float, right: bool) -> None:
    assert protocol.is_right(estimating(FINE), answer, truth) is right


def test_a_verdict_is_right_when_it_is_the_truth() -> None:
    assert protocol.is_right(CHOICE, "a", "a")
    assert not protocol.is_right(CHOICE, "a", "b")


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (40, "40.00\u00a0points", "40,00\u00a0points (fr)"),
        (1250.5, "1,250.50\u00a0points", "1\u202f250,50\u00a0points (fr)"),
        (-0.001, "0.00\u00a0points", "0,00\u00a0points (fr)"),
        (-3.25, "-3.25\u00a0points", "-3,25\u00a0points (fr)"),
    ],
)
def test_numbers_are_said_as_each_language_does(value: float, english: str, french: str) -> None:
    assert protocol.say_answer(estimating(FINE), value, "en") == english
    assert protocol.say_answer(estimating(FINE), value, "fr") == french
    assert protocol.say_answer(CHOICE, "a", "fr") == "oui"


def test_decimals_are_those_of_the_step() -> None:
    assert [decimals(step) for step in (1, 5, 10.0, 0.5, 0.25, 0.001, 1e-5)] == [0, 0, 0, 1, 2, 3, 5]
    assert say_tolerance(Number(0, 10, 1, "", 0.5), "fr") == "0,5"


def test_numbers_are_brought_onto_the_scale() -> None:
    assert [on_scale(FINE, value) for value in (-3, 0.1, 0.13, 4999.9, 6000)] == [0, 0, 0.25, 5000, 5000]
    # The last step may not reach the end: 0, 3, 6, 9.
    assert on_scale(Number(0, 10, 3, "", 0), 10) == 9
    assert on_scale(Number(0, 1, 0.1, "", 0), 0.3) == 0.3


def test_only_finite_numbers_between_the_ends_are_on_the_scale() -> None:
    assert all(protocol.is_on_scale(FINE, value) for value in (0, 5000, 12.1))
    refused = [-0.01, 5000.01, True, "40", None, float("nan"), float("inf")]
    assert not any(protocol.is_on_scale(FINE, value) for value in refused)


def test_attention_checks_ask_for_round_numbers_of_the_scale() -> None:
    assert attention_answers(estimating(FINE)) == tuple(500.0 * k for k in range(1, 10))
    assert attention_answers(estimating(Number(1, 3, 1, "", 0))) == (1, 2, 3)
    assert attention_answers(CHOICE) == ("a", "b")


def test_a_plan_of_estimates_is_balanced_and_survives_storage(write_study: Write, estimates: StimulusSet) -> None:
    loaded = protocol.load(write_study())
    asked: set[object] = set()
    for slot in range(8):
        steps = protocol.plan(loaded, estimates, slot)
        assert steps == protocol.plan(loaded, estimates, slot)
        assert steps == tuple(protocol.Step.from_dict(step.as_dict()) for step in steps)
        wrong: dict[str, int] = {}
        for step in steps:
            if step.stage in ("single", "final") and step.position is not None and step.condition and step.item:
                item = estimates.item(step.item)
                wrong[step.condition] = wrong.get(step.condition, 0) + (item.advice != item.truth + 2)
        # Six of twenty-four are wrong: one or two in each of the four conditions.
        assert sorted(wrong.values()) == [1, 1, 2, 2]
        checks = [step.attention for step in steps if step.attention is not None]
        assert len(checks) == 3
        asked |= set(checks)
    assert asked <= {10.0 * k for k in range(1, 10)}
    assert len(asked) > 3


def test_an_attention_check_may_ask_for_zero(write_study: Write, estimates: StimulusSet) -> None:
    scale = Number(-50, 50, 1, "", 2)
    shown = dataclasses.replace(estimates, task=dataclasses.replace(estimates.task, number=scale))
    loaded = protocol.load(write_study())
    steps = [step for slot in range(16) for step in protocol.plan(loaded, shown, slot)]
    zero = next(step for step in steps if step.attention == 0)
    assert protocol.Step.from_dict(zero.as_dict()) == zero


@pytest.mark.parametrize("language", protocol.LANGUAGES)
def test_texts_speak_of_files_and_numbers(write_study: Write, estimates: StimulusSet, language: str) -> None:
    loaded = protocol.load(write_study())
    steps = protocol.plan(loaded, estimates, 0)
    pages = [*protocol.instructions(loaded, estimates, steps, language)]
    pages += [protocol.debriefing(loaded, estimates, steps, language)]
    for condition in loaded.study.conditions.values():
        pages.append(protocol.announcement(condition, language, case=protocol.suffix(estimates), practice=True))
    said = " ".join(block.text for page in pages for block in page)
    for key in (
        "instructions_look_case", "instructions_choose_number", "instructions_map_case", "block_map_case",
        "instructions_note", "instructions_note_machine", "block_practice_case", "debriefing_placebo_case",
    ):  # fmt: skip
        assert protocol.text(key, language) in said
    assert protocol.text("debriefing_accuracy_case", language, percent="75", natural="91") in said
    assert protocol.text("debriefing_tolerance", language, tolerance="2\u00a0points") in said
    for word in ("picture", "coloured", "image", "colorées"):
        assert word not in said


def test_notes_are_announced_only_where_there_are_some(write_study: Write, estimates: StimulusSet) -> None:
    bare = dataclasses.replace(estimates, items=tuple(dataclasses.replace(item, note=None) for item in estimates.items))
    loaded = protocol.load(write_study())
    pages = protocol.instructions(loaded, bare, protocol.plan(loaded, bare, 0), "en")
    assert "note" not in " ".join(block.text for page in pages for block in page)


TWO_HIDDEN = Task("x", "X", "?", features=tuple(Feature(name, name.upper()) for name in "abcde"))


def stimulus(case: tuple[str | None, ...], values: tuple[float | None, ...]) -> Stimulus:
    return Stimulus("s", "1", "trial", "a", "a", 0.9, case=case, contributions={"ig": values})


def test_bars_are_shares_of_the_items_largest_contribution() -> None:
    shown = stimulus(("1", None, "2", None, "3"), (2.0, -8.0, -1.0, 3.0, None))
    assert [line.id for line in protocol.case_lines(TWO_HIDDEN, shown, "en")] == ["a", "c", "e"]
    # Of 8: 2, −1 and nothing; hidden −8 + 3.
    assert protocol.contributions(shown, "ig") == protocol.Contributions((0.25, -0.125, None), -0.625)


def test_bars_without_hidden_lines_or_without_any_effect() -> None:
    assert protocol.contributions(stimulus(("1", "2"), (0.0, -0.0)), "ig") == protocol.Contributions((0.0, 0.0), None)
    # Hidden from both sides: nothing of the kind.
    assert protocol.contributions(stimulus(("1", None), (3.0, None)), "ig") == protocol.Contributions((1.0,), None)
    with pytest.raises(KeyError):
        protocol.contributions(stimulus(("1",), (3.0,)), "other")
