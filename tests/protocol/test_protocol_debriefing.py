"""Debriefing: all that was arranged is owned up to, and nothing that was not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.protocol import Block

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]


def words(page: list[Block]) -> str:
    return " ".join([*(block.text for block in page), *(item for block in page for item in block.items)])


@pytest.mark.parametrize(("language", "natural"), [("en", "91%"), ("fr", "91\u00a0%")])
def test_debriefing_tells_what_was_arranged(
    write_study: Write, make_stimuli: Make, language: str, natural: str
) -> None:
    loaded, stimuli = protocol.load(write_study()), make_stimuli()
    said = words(protocol.debriefing(loaded, stimuli, protocol.plan(loaded, stimuli, 0), language))
    assert protocol.text("debriefing_accuracy", language, percent="75", natural="91") in said
    assert natural in said.replace("\u202f", "\u00a0")
    assert protocol.text("debriefing_placebo", language) in said


def test_debriefing_claims_nothing_that_was_not_arranged(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study((", predictor_accuracy: 0.75", ""), ("explanation: placebo", "explanation: ig"))
    loaded, stimuli = protocol.load(folder), make_stimuli()
    said = words(protocol.debriefing(loaded, stimuli, protocol.plan(loaded, stimuli, 0), "en"))
    assert "chosen so" not in said
    assert "drawn without looking" in said
    assert protocol.text("debriefing_placebo", "en") not in said


def test_debriefing_owns_up_to_a_reliability_that_was_not_true(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study(("advised: {advice: after_initial,", "advised: {advice: after_initial, reliability: 0.9,"))
    loaded, stimuli = protocol.load(folder), make_stimuli()
    steps = protocol.plan(loaded, stimuli, 0)
    lie = protocol.text("debriefing_reliability", "fr", stated="90", percent="75")
    assert lie in words(protocol.debriefing(loaded, stimuli, steps, "fr"))
    # The truth, or what a reader could not tell from it, is not called a lie.
    for share in ("0.75", "0.754", "measured"):
        (folder / "study.yaml").write_text((folder / "study.yaml").read_text("utf-8").replace("0.9,", f"{share},"))
        said = words(protocol.debriefing(protocol.load(folder), stimuli, steps, "fr"))
        assert "annoncé" not in said
        (folder / "study.yaml").write_text((folder / "study.yaml").read_text("utf-8").replace(f"{share},", "0.9,"))


def test_debriefing_tells_of_scheduled_errors_and_of_what_was_won(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study(("operators: 16", "operators: 16, errors: {none_among_first: 1}"))
    loaded, stimuli = protocol.load(folder), make_stimuli()
    steps = protocol.plan(protocol.load(write_study()), stimuli, 0)
    said = words(protocol.debriefing(loaded, stimuli, steps, "en", protocol.Earned(7, None, "€")))
    assert protocol.text("debriefing_errors", "en") in said
    assert "You have won 7 points in all." in said


def test_a_studys_own_debriefing_replaces_ours_and_still_says_what_was_won(
    write_study: Write, make_stimuli: Make
) -> None:
    folder = write_study(("practice: 2", "debriefing: after.md, practice: 2"))
    (folder / "after.md").write_text("It was about trust.\n", "utf-8")
    loaded, stimuli = protocol.load(folder), make_stimuli()
    steps = protocol.plan(loaded, stimuli, 0)
    page = protocol.debriefing(loaded, stimuli, steps, "en", protocol.Earned(7, 3.5, "€"))
    assert [block.text for block in page] == [
        "It was about trust.", "You have won 7 points in all, which makes 3.50\u00a0€.",
    ]  # fmt: skip
