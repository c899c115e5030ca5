"""What comes after an answer: the next step, or one further on; never one before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.protocol import Step, following, handed_over

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]
ONE = ("kind: within, order: williams, operators: 16", "kind: within, order: fixed, operators: 16")


def plan_of(write: Write, make: Make, condition: str, *more: tuple[str, str]) -> tuple[protocol.Protocol, list[Step]]:
    """A study whose first block, of six trials, is in a condition."""
    folder = write(("alone: {advice: none}", f"alone: {condition}"), ONE, *more)
    loaded = protocol.load(folder)
    return loaded, list(protocol.plan(loaded, make(), 0))


def first(steps: list[Step], **wanted: object) -> int:
    """The first step of the first block that is like that."""
    return next(
        i for i, s in enumerate(steps) if s.block == 0 and all(getattr(s, name) == v for name, v in wanted.items())
    )


def test_what_asks_for_nothing_is_followed_by_the_next(write_study: Write, make_stimuli: Make) -> None:
    loaded, steps = plan_of(write_study, make_stimuli, "{advice: after_initial}")
    for cursor in range(len(steps) - 1):
        after = following(loaded, steps, cursor, {"decision": "a"})
        assert (after.cursor, after.excluded) == (cursor + 1, None)


def test_advice_that_was_not_asked_for_skips_its_page(write_study: Write, make_stimuli: Make) -> None:
    loaded, steps = plan_of(write_study, make_stimuli, "{advice: on_request}")
    cursor = first(steps, stage="open")
    assert steps[cursor + 1].stage == "final"
    assert following(loaded, steps, cursor, {"requested": True}).cursor == cursor + 1
    for data in ({"decision": "a"}, {"timed_out": True}, {"decision": "a", "requested": False}):
        after = following(loaded, steps, cursor, data).cursor
        assert after == cursor + 2
        assert steps[after].trial != steps[cursor].trial


def test_what_is_handed_over_at_a_decision_ends_its_trial(write_study: Write, make_stimuli: Make) -> None:
    loaded, steps = plan_of(write_study, make_stimuli, "{advice: on_request, delegation: {most: 3}, feedback: true}")
    cursor = first(steps, stage="open")
    trial = steps[cursor].trial
    after = steps[following(loaded, steps, cursor, {"delegated": True}).cursor]
    assert (after.kind, after.trial) == ("feedback", trial)
    # With others, the truth of none is told: nobody saw the others.
    covered = handed_over(steps, cursor, 3)
    after = steps[following(loaded, steps, cursor, {"delegated": True, "count": 3}).cursor]
    assert after.trial is not None
    assert after.trial > covered[-1]


@pytest.mark.parametrize("count", [1, 2, 6])
def test_an_accepted_offer_jumps_over_its_items(write_study: Write, make_stimuli: Make, count: int) -> None:
    spec = "{delegation: {when: before, most: 6}, feedback: true}"
    loaded, steps = plan_of(write_study, make_stimuli, spec, ("attention_checks: 3", "attention_checks: 0"))
    cursor = first(steps, kind="offer")
    after = following(loaded, steps, cursor, {"delegated": True, "count": count}).cursor
    skipped = {s.trial for s in steps[cursor:after] if s.trial is not None}
    assert len(skipped) == count
    assert steps[after].trial not in skipped
    assert following(loaded, steps, cursor, {"delegated": False}).cursor == cursor + 1
    expected = "questionnaire" if count == 6 else "offer"
    assert steps[after].kind == expected


def test_no_more_is_handed_over_than_the_block_holds(write_study: Write, make_stimuli: Make) -> None:
    _, steps = plan_of(write_study, make_stimuli, "{delegation: {when: before, most: 99}}")
    offers = [i for i, step in enumerate(steps) if step.kind == "offer" and step.block == 0]
    assert [len(handed_over(steps, cursor, 99)) for cursor in offers] == [6, 5, 4, 3, 2, 1]
    assert [len(handed_over(steps, cursor, 2)) for cursor in offers] == [2, 2, 2, 2, 2, 1]
    practice = [i for i, step in enumerate(steps) if step.kind == "offer" and step.practice]
    assert [len(handed_over(steps, cursor, 99)) for cursor in practice] in ([], [2, 1])


def test_questions_within_a_block_are_not_handed_over(write_study: Write, make_stimuli: Make) -> None:
    during = ("questionnaires: {before", "questionnaires: {during: [{show: [trust_now], after: [2, 5]}], before")
    loaded, steps = plan_of(write_study, make_stimuli, "{delegation: {when: before, most: 9}}", during)
    offers = [i for i, step in enumerate(steps) if step.kind == "offer" and step.block == 0]
    assert [len(handed_over(steps, cursor, 9)) for cursor in offers] == [2, 1, 3, 2, 1, 1]
    after = following(loaded, steps, offers[0], {"delegated": True, "count": 2}).cursor
    assert (steps[after].kind, steps[after].questionnaire) == ("questionnaire", "trust_now")


def test_items_that_the_model_decides_anyway_are_not_counted() -> None:
    def trial(number: int, stage: str) -> Step:
        return Step("decision", "c", 0, number, number, f"s{number}", stage)  # type: ignore[arg-type]

    steps = [trial(0, "single"), trial(1, "handled"), trial(2, "single"), trial(3, "handled"), trial(4, "single")]
    attention = Step("decision", "c", 0, 9, stage="single", attention="a")
    steps.insert(1, attention)
    assert handed_over(steps, 0, 2) == [0, 2]
    assert handed_over(steps, 0, 9) == [0, 2, 4]


QUIZ = """\
title: Quiz
questions:
  - {id: who, kind: choice, text: "Who decides?", options: [{id: i, label: I}, {id: it, label: It}], correct: i}
  - {id: sure, kind: choice, text: "Sure?", options: [{id: aye, label: Aye}, {id: nay, label: Nay}]}
citation: ours
licence: ours
status: {en: published, fr: published}
"""


@pytest.fixture
def quizzed(write_study: Write) -> Callable[..., protocol.Protocol]:
    def make(**spec: object) -> protocol.Protocol:
        given = "".join(f", {name}: {value}" for name, value in spec.items())
        folder = write_study(
            ("practice: 2", "practice: 2, comprehension: {questionnaire: quiz" + given + "}"),
        )
        (folder / "questionnaires").mkdir(exist_ok=True)
        (folder / "questionnaires" / "quiz.yaml").write_text(QUIZ, "utf-8")
        return protocol.load(folder)

    return make


def walk(loaded: protocol.Protocol, stimuli: StimulusSet, answers: list[str]) -> tuple[list[str], str | None]:
    """The kinds of steps that come, with these answers to the quiz one after the other."""
    steps, cursor, seen = protocol.plan(loaded, stimuli, 0), 0, []
    waiting = list(answers)
    while steps[cursor].questionnaire != "demographics":
        step = steps[cursor]
        seen.append(step.kind[0] + str(step.attempt or ""))
        data = {"answers": {"who": waiting.pop(0), "sure": "nay"}} if step.purpose == "comprehension" else {}
        after = following(loaded, steps, cursor, data)
        if after.excluded:
            return seen, after.excluded
        assert after.cursor > cursor
        cursor = after.cursor
    return seen, None


def test_comprehension_is_tried_again_and_skipped_once_passed(
    quizzed: Callable[..., protocol.Protocol], make_stimuli: Make
) -> None:
    loaded, stimuli = quizzed(attempts=3), make_stimuli()
    assert walk(loaded, stimuli, ["i"]) == (["c", "i1", "q1"], None)
    assert walk(loaded, stimuli, ["it", "i"]) == (["c", "i1", "q1", "i2", "q2"], None)
    assert walk(loaded, stimuli, ["it", "it", "i"]) == (["c", "i1", "q1", "i2", "q2", "i3", "q3"], None)
    seen, reason = walk(loaded, stimuli, ["it", "it", "it"])
    assert (len(seen), reason) == (7, "comprehension")


def test_a_failed_comprehension_may_go_on(quizzed: Callable[..., protocol.Protocol], make_stimuli: Make) -> None:
    assert walk(quizzed(attempts=1, otherwise="go_on"), make_stimuli(), ["it"]) == (["c", "i1", "q1"], None)


def test_screening_leaves_out_who_does_not_fit(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study(("practice: 2", "practice: 2, screening: {questionnaire: quiz, accept: {who: [i]}}"))
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "quiz.yaml").write_text(QUIZ.replace(", correct: i", ""), "utf-8")
    loaded = protocol.load(folder)
    steps = protocol.plan(loaded, make_stimuli(), 0)
    cursor = next(i for i, step in enumerate(steps) if step.purpose == "screening")
    assert cursor == len(protocol.opening(loaded)) - 1
    assert following(loaded, steps, cursor, {"answers": {"who": "i"}}).excluded is None
    for answers in ({"who": "it"}, {"who": None}, {}):
        after = following(loaded, steps, cursor, {"answers": answers})
        assert (after.cursor, after.excluded) == (cursor, "screening")
