"""Conditions and rewards that contradict themselves are refused where they stand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from binome import protocol
from binome.core.stimulus import Feature, Rendering, StimulusSet
from binome.protocol.rewards import expected_points
from binome.protocol.schema import RewardsSpec

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]

BAD = [
    # condition, field, found, expected
    ("{advice: delayed}", "delay", "nothing", "seconds with the item alone"),
    ("{advice: before, delay: 3}", "delay", "a delay with advice: before", "advice: delayed"),
    ("{advice: before, update: reasoned}", "update", "reasoned with advice: before", "advice: after_initial"),
    ("{confidence: true}", "confidence", "a confidence without advice", "advice: before"),
    ("{confidence: true, delegation: true}", "confidence", "a confidence without advice", "supervision"),
    ("{reliability: 0.8}", "reliability", "reliability of a machine that gives no help", "advice: before"),
    ("{reliability: measured, feedback: true}", "reliability", "no help", "delegation"),
    ("{supervision: true, advice: before}", "advice", "advice with supervision", "no supervision"),
    ("{supervision: true, delegation: true}", "delegation", "delegation with supervision", "no delegation"),
    ("{supervision: true, handover: 0.8}", "handover", "handover with supervision", "no handover"),
    ("{supervision: true, seconds: 8}", "seconds", "seconds with supervision", "no seconds"),
    ("{handover: 0}", "handover", "the machine decides everything", "more than 0"),
    ("{score: true}", "score", "a score in a study without rewards", "rewards"),
    ("{explanation: igs}", "explanation", "'igs'", "one of ig, placebo"),
]


@pytest.mark.parametrize(("spec", "field", "found", "expected"), BAD)
def test_contradictions_are_refused(write_study: Write, spec: str, field: str, found: str, expected: str) -> None:
    (problem,) = protocol.check(write_study(("alone: {advice: none}", f"alone: {spec}")))
    assert (problem.field, problem.line) == (f"conditions.alone.{field}", 11)
    assert found in problem.found
    assert expected in problem.expected


GOOD = [
    "{advice: delayed, delay: 3, explanation: ig, seconds: 30}", "{advice: after_initial, update: reasoned}",
    "{explanation: ig}", "{explanation: ig, reliability: 0.9}", "{delegation: true, reliability: measured}",
    "{advice: on_request, delegation: {when: both, most: 4}}", "{supervision: true, explanation: ig, confidence: true}",
    "{handover: 0.9, confidence: true}", "{handover: 0.9, advice: before, delegation: true}",
]  # fmt: skip


@pytest.mark.parametrize("spec", GOOD)
def test_what_fits_together_is_taken(write_study: Write, spec: str) -> None:
    assert protocol.check(write_study(("alone: {advice: none}", f"alone: {spec}"))) == []


def rewarded(write: Write, rewards: str, condition: str = "{advice: none}", *more: tuple[str, str]) -> Path:
    changes = (("alone: {advice: none}", f"alone: {condition}"), ("operators: {", f"rewards: {rewards}\noperators: {{"))
    return write(*changes, *more)


@pytest.mark.parametrize(
    ("rewards", "condition", "field", "found"),
    [
        ("{correct: 1, wrong: 1}", "{advice: none}", "rewards.wrong", "guessing pays as much"),
        ("{correct: 1, wrong: 2}", "{advice: none}", "rewards.wrong", "guessing pays as much"),
        ("{wrong: 1}", "{advice: none}", "rewards.wrong", "a right answer brings 0"),
        ("{rate: 0.1}", "{advice: none}", "rewards.rate", "points that nobody wins"),
        ("{flat: 10}", "{score: true}", "conditions.alone.score", "no answer changes"),
    ],
)
def test_rewards_under_which_thinking_is_useless_are_refused(
    write_study: Write, rewards: str, condition: str, field: str, found: str
) -> None:
    (problem,) = protocol.check(rewarded(write_study, rewards, condition))
    assert problem.field == field
    assert found in problem.found


def test_a_prize_for_a_confidence_that_is_not_asked_is_refused(write_study: Write) -> None:
    silent = ("practice: 2", "practice: 2, ask_confidence: false")
    (problem,) = protocol.check(rewarded(write_study, "{confidence: 1}", "{advice: none}", silent))
    assert problem.field == "rewards.confidence"
    assert protocol.check(rewarded(write_study, "{confidence: 1}")) == []


@pytest.mark.parametrize(
    ("rewards", "condition", "warned"),
    [
        ("{correct: 1}", "{advice: none}", []),
        ("{correct: 1, delegation: 0.2}", "{delegation: true}", []),
        ("{correct: 1, confidence: 1}", "{delegation: true}", []),
        ("{correct: 1}", "{delegation: true}", ["rewards.delegation: 0: handing all over unseen earns 0.75"]),
        ("{correct: 1, wrong: -1}", "{delegation: true}", ["rewards.delegation: 0: handing all over unseen earns 0.5"]),
        ("{correct: 1, delegation: 0.2}", "{advice: none}", ["rewards.delegation: 0.2, in a study without delegation"]),
        ("{correct: 1, delegation: 1}", "{delegation: true}", ["rewards.delegation: 1, at which handing over cannot"]),
        ("{correct: 1, veto: 0.5}", "{advice: none}", ["rewards.veto: 0.5, in a study without supervision"]),
        ("{correct: 1, veto: 1.5}", "{supervision: true}", ["rewards.veto: 1.5, at which a veto cannot pay"]),
        ("{correct: 1, veto: 0.5}", "{supervision: true}", []),
        ("{confidence: 2}", "{advice: none}", ["rewards.confidence: 2: who is right less than 100% of the time"]),
        ("{correct: 2, confidence: 8}", "{advice: none}", ["rewards.confidence: 8: who is right less than 75%"]),
        ("{correct: 2, wrong: -6, confidence: 8}", "{advice: none}", []),
    ],
)
def test_prices_that_miss_their_end_are_warned_of(
    write_study: Write, rewards: str, condition: str, warned: list[str]
) -> None:
    warnings = protocol.load(rewarded(write_study, rewards, condition)).warnings
    said = [f"{warning.field}: {warning.found}" for warning in warnings]
    assert len(said) == len(warned), said
    assert all(text.startswith(start) for text, start in zip(said, warned, strict=True)), said


@pytest.mark.parametrize(("gain", "prize"), [(0, 2), (2, 8), (6, 8), (8, 8)])
def test_below_the_share_that_is_warned_of_a_wrong_answer_on_purpose_pays_more(gain: float, prize: float) -> None:
    """By the points themselves: an answer known to be wrong, and said to be, wins the whole prize."""
    rewards = RewardsSpec(correct=gain, confidence=prize)
    on_purpose = expected_points(rewards, 0)
    assert on_purpose == prize
    for hundredths in range(1, 100):
        pays = expected_points(rewards, hundredths / 100) < on_purpose - 1e-9
        assert pays == (hundredths / 100 < 1 - gain / prize - 1e-9), hundredths


EVIDENCE = [
    # the explanation, what methods give, cases, whether it gives the advice away
    ("{method: occlusion}", "maps", None, False),
    ("{method: occlusion}", "maps", True, False),
    ("{method: occlusion, rendering: {text: true}}", "maps", False, False),
    ("{method: occlusion, rendering: {text: true}}", "maps", True, True),
    ("{method: occlusion, rendering: sentence}", "maps", None, False),
    ("{method: occlusion, rendering: sentence}", "maps", True, True),
    ("{method: counterfactuals}", "counterfactuals", None, True),
    ("{method: nearest_examples, count: 2}", "examples", None, False),
    ("{method: nearest_examples, contrast: 1}", "examples", None, True),
    ("{method: prototypes}", "examples", None, True),
]


@pytest.mark.parametrize(("spec", "gives", "cases", "refused"), EVIDENCE)
def test_evidence_that_gives_the_advice_away_is_refused(
    write_study: Write, spec: str, gives: str, cases: bool | None, refused: bool
) -> None:
    more = ("explanations:\n", f"explanations:\n  shown: {spec}\n")
    folder = write_study(("alone: {advice: none}", "alone: {explanation: shown}"), more)
    loaded = protocol.load(folder)
    method = loaded.study.explanations["shown"].method
    known = {method: gives, "integrated_gradients": "maps", "shuffled": "maps"}
    problems = protocol.rendering_problems(loaded.lines, loaded.study, known, cases)
    assert [problem.field for problem in problems] == ["conditions.alone.explanation"] * refused
    advised = write_study(("alone: {advice: none}", "alone: {explanation: shown, advice: before}"), more)
    loaded = protocol.load(advised)
    assert protocol.rendering_problems(loaded.lines, loaded.study, known, cases) == []


@pytest.mark.parametrize(
    ("kind", "params", "cases", "refused"),
    [
        ("overlay", {}, False, False), ("bars", {}, True, False), ("bars", {"text": True}, True, True),
        ("sentence", {}, True, True), ("sentence", {}, False, False), ("counterfactuals", {}, True, True),
    ],
)  # fmt: skip
def test_stimuli_that_would_give_the_advice_away_are_not_staged(
    write_study: Write, make_stimuli: Make, kind: str, params: dict[str, bool], cases: bool, refused: bool
) -> None:
    loaded = protocol.load(write_study(("alone: {advice: none}", "alone: {explanation: ig}")))
    stimuli = make_stimuli()
    card = replace(stimuli.explanations[0], rendering=Rendering(kind, params))  # type: ignore[arg-type]
    task = replace(stimuli.task, features=(Feature("age", "Age"),) if cases else ())
    shown = replace(stimuli, explanations=(card, stimuli.explanations[1]), task=task)
    problems = protocol.stage_problems(loaded.lines, loaded.study, shown)
    assert [problem.field for problem in problems] == ["conditions.alone.explanation"] * refused


@pytest.mark.parametrize(("share", "refused"), [(0.79, True), (0.8, True), (0.81, False)])
def test_a_handover_that_keeps_nothing_is_refused(
    write_study: Write, make_stimuli: Make, share: float, refused: bool
) -> None:
    loaded = protocol.load(write_study(("alone: {advice: none}", f"alone: {{handover: {share}}}")))
    problems = protocol.stage_problems(loaded.lines, loaded.study, make_stimuli())
    assert [problem.field for problem in problems] == ["conditions.alone.handover"] * refused


@pytest.mark.parametrize(
    ("accuracy", "at", "refused"),
    # Four blocks of six make up all 24 items: one error in each block is four wrong and twenty right.
    [("0.8333", "[1]", False), ("0.75", "[1]", True), ("0.6667", "[1, 2]", False), ("0.75", "[1, 2]", True)],
)
def test_a_schedule_of_errors_needs_its_errors(write_study: Write, accuracy: str, at: str, refused: bool) -> None:
    folder = write_study(
        ("predictor_accuracy: 0.75", f"predictor_accuracy: {accuracy}"),
        ("operators: 16", f"operators: 16, errors: {{at: {at}}}"),
    )
    fields = [problem.field for problem in protocol.check(folder)]
    assert ("stimuli.predictor_accuracy" in fields) == refused


def test_a_session_that_takes_longer_than_declared_is_warned_of(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study(("practice: 2", "practice: 2, minutes: 3"))
    (warning,) = protocol.load(folder).warnings
    expected = protocol.expected_minutes(protocol.load(folder))
    assert (warning.field, warning.found) == (
        "operators.minutes", f"3, where the steps take about {expected:.0f}",
    )  # fmt: skip
    planned = protocol.estimate_minutes(protocol.load(folder), protocol.plan(protocol.load(folder), make_stimuli(), 0))
    assert expected == pytest.approx(planned)
    assert protocol.load(write_study(("practice: 2", f"practice: 2, minutes: {expected + 1}"))).warnings == ()
