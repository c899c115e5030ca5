"""Texts: the same in all languages, typographically right, and silent about placebos until the end."""

import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest
import yaml

from binome import protocol
from binome.core import StudyError
from binome.core.stimulus import StimulusSet
from binome.protocol import Block
from binome.protocol.catalogue import FOLDER
from binome.protocol.document import parse_blocks
from binome.protocol.questionnaire import SHIPPED

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]
CATALOGUES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FOLDER.glob("*.yaml")}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def words(page: list[Block]) -> str:
    return " ".join([*(block.text for block in page), *(item for block in page for item in block.items)])


def french(data: object) -> list[str]:
    """All French texts of a questionnaire file."""
    if isinstance(data, dict):
        return [v for k, v in data.items() if k == "fr" and isinstance(v, str)] + [
            text for value in data.values() for text in french(value)
        ]
    return [text for value in data for text in french(value)] if isinstance(data, list) else []


def test_all_languages_have_the_same_keys_and_placeholders() -> None:
    assert set(CATALOGUES) == set(protocol.LANGUAGES) == {"en", "fr"}
    english = {key: placeholders(text) for key, text in CATALOGUES["en"].items()}
    for catalogue in CATALOGUES.values():
        assert {key: placeholders(text) for key, text in catalogue.items()} == english


def test_french_typography() -> None:
    texts = list(CATALOGUES["fr"].values())
    for path in SHIPPED.glob("*.yaml"):
        texts += french(yaml.safe_load(path.read_text("utf-8")))
    wrong = [t for t in texts if re.search(r"(^|[^\u00a0\u202f])[:;?!»%]|«[^\u00a0\u202f]|'|\.\.\.", t)]
    assert wrong == []


@pytest.mark.parametrize("language", protocol.LANGUAGES)
def test_instructions_say_what_comes(write_study: Write, make_stimuli: Make, language: str) -> None:
    loaded, stimuli = protocol.load(write_study()), make_stimuli()
    steps = protocol.plan(loaded, stimuli, 0)
    said = " ".join(words(page) for page in protocol.instructions(loaded, stimuli, steps, language))
    assert "24" in said
    assert stimuli.task.question[language] in said  # type: ignore[index]
    for key in ("instructions_map", "instructions_after", "instructions_confidence"):
        assert protocol.text(key, language) in said
    assert protocol.text("instructions_delegation", language) not in said
    minutes = round(protocol.estimate_minutes(loaded, steps))
    assert re.search(rf"\b{minutes} minutes", said)


def test_instructions_of_a_condition_alone_promise_no_machine(write_study: Write, make_stimuli: Make) -> None:
    loaded, stimuli = protocol.load(write_study(("kind: within", "kind: between"))), make_stimuli()
    plans = [protocol.plan(loaded, stimuli, slot) for slot in range(4)]
    alone = next(steps for steps in plans if any(step.condition == "alone" for step in steps))
    said = " ".join(words(page) for page in protocol.instructions(loaded, stimuli, alone, "en"))
    assert "machine" not in said


def test_a_studys_own_instructions_replace_ours(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study(("practice: 2", "instructions: how.md, practice: 2"))
    (folder / "how.md").write_text("Just decide.\n", "utf-8")
    loaded, stimuli = protocol.load(folder), make_stimuli()
    pages = protocol.instructions(loaded, stimuli, protocol.plan(loaded, stimuli, 0), "en")
    assert pages == [[Block("paragraph", "Just decide.")]]


@pytest.mark.parametrize("language", protocol.LANGUAGES)
def test_a_placebo_is_announced_like_the_real_explanation(write_study: Write, language: str) -> None:
    conditions = protocol.load(write_study()).study.conditions
    real = protocol.announcement(conditions["explained"], language)
    assert protocol.announcement(conditions["placebo"], language) == real
    assert protocol.announcement(conditions["advised"], language) != real


@pytest.mark.parametrize(("language", "natural"), [("en", "91 %"), ("fr", "91\u00a0%")])
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


def test_markdown_becomes_blocks() -> None:
    text = "# Title\ntext goes\non here\n\nmore\n- one\n  still one\n- two\n\n- another list\n"
    assert parse_blocks(text) == [
        Block("heading", "Title"), Block("paragraph", "text goes on here"), Block("paragraph", "more"),
        Block("list", items=("one still one", "two")), Block("list", items=("another list",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["1. one", "* star", "| a | b |", "```", "> said", "---", "<b>bold</b>", "[a](b)", "![a](b)", "so **bold**",
     "an *emphasis* here", "some `code`", "====="],
)  # fmt: skip
def test_other_markdown_is_refused_by_line(line: str) -> None:
    with pytest.raises(StudyError) as refused:
        parse_blocks(f"fine\n\n{line}\n", "file.md")
    assert [problem.line for problem in refused.value.problems] == [3]


@pytest.mark.parametrize("line", ["2 < 3 and 5 * 3 = 15", "well-known (see page 3)", "under_score_s", "3.5 minutes"])
def test_plain_text_is_left_alone(line: str) -> None:
    assert parse_blocks(line) == [Block("paragraph", line)]


def test_versions_change_with_the_text(write_study: Write) -> None:
    folder = write_study()
    before = protocol.load(folder).consent["en"].version
    (folder / "consent.md").write_text("# Consent\n\nYou may stop!\n", "utf-8")
    assert protocol.load(folder).consent["en"].version != before


def test_closing_mentions_the_code_only_where_there_is_one(write_study: Write) -> None:
    title, page = protocol.closing(protocol.load(write_study()), "fr")
    assert (title, len(page)) == ("Merci", 1)
    coded = write_study(("practice: 2", "practice: 2, completion_code: C0DE"))
    assert protocol.closing(protocol.load(coded), "fr")[1][1].text == "Votre code de fin\u00a0:"
