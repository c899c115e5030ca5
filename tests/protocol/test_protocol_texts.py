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


def test_closing_introduces_the_code_and_says_what_was_won(write_study: Write) -> None:
    loaded = protocol.load(write_study())
    title, page = protocol.closing(loaded, "fr")
    assert (title, len(page), page[-1].text) == ("Merci", 2, "Votre code de fin\u00a0:")
    _, page = protocol.closing(loaded, "fr", protocol.Earned(12.5, 2.5, "€"))
    assert page[1].text == "Vous avez gagné 12,5\u00a0points en tout, soit 2,50\u00a0€."
    _, page = protocol.closing(loaded, "en", protocol.Earned(1, None, "€"))
    assert page[1].text == "You have won 1 point in all."


CONDITIONS = {
    "before": ("{advice: before}", ["instructions_before"], ["block_before"]),
    "asked": ("{advice: on_request}", ["instructions_on_request"], ["block_on_request"]),
    "forced": ("{advice: delayed, delay: 1.5}", ["instructions_delayed"], ["block_delayed"]),
    "reasoned": (
        "{advice: after_initial, update: reasoned}",
        ["instructions_after", "instructions_reasoned"],
        ["block_after_initial", "block_reasoned"],
    ),
    "evidence": ("{explanation: ig}", ["instructions_evidence", "instructions_map"], ["block_evidence", "block_map"]),
    "after": ("{delegation: true}", ["instructions_delegation"], ["block_delegation"]),
    "unseen": (
        "{delegation: {when: before, most: 5}}",
        ["instructions_delegation_before", "instructions_most"],
        ["block_delegation_before", "block_most"],
    ),
    "also": (
        "{advice: before, delegation: {when: both}}",
        ["instructions_before", "instructions_delegation_both"],
        ["block_before", "block_also_both"],
    ),
    "handed": ("{handover: 0.9}", ["instructions_handover"], ["block_handover"]),
    "left": (
        "{handover: 0.9, advice: before}",
        ["instructions_handover", "instructions_before"],
        ["block_handover", "block_left", "block_before"],
    ),
    "supervised": ("{supervision: {seconds: 3}}", ["instructions_supervision"], ["block_supervision"]),
    "told": ("{advice: before, reliability: 0.9}", ["instructions_before"], ["block_before", "block_reliability"]),
    "hurried": (
        "{advice: before, seconds: 20}",
        ["instructions_before", "instructions_seconds"],
        ["block_before", "block_seconds"],
    ),
}
"""By name: a condition, and the texts that instructions and block announcement are made of."""


def fixed(key: str, language: str) -> list[str]:
    """The parts of a text between its placeholders."""
    return [part for part, *_ in Formatter().parse(CATALOGUES[language][key]) if part.strip()]


@pytest.mark.parametrize("language", protocol.LANGUAGES)
@pytest.mark.parametrize("name", CONDITIONS)
def test_each_kind_of_help_is_said_in_instructions_and_block(
    write_study: Write, make_stimuli: Make, name: str, language: str
) -> None:
    spec, told, announced = CONDITIONS[name]
    folder = write_study(("alone: {advice: none}", f"alone: {spec}"), ("kind: within", "kind: between"))
    loaded, stimuli = protocol.load(folder), make_stimuli()
    plans = [protocol.plan(loaded, stimuli, slot) for slot in range(4)]
    steps = next(steps for steps in plans if any(step.condition == "alone" for step in steps))
    pages = protocol.instructions(loaded, stimuli, steps, language)
    said = [block.text for block in pages[1]]
    for key in told:
        assert any(all(part in text for part in fixed(key, language)) for text in said), key
    help_ = said[2 : said.index(next(text for text in said if fixed("instructions_part", language)[0] in text))]
    assert len(help_) == len(told)
    page = protocol.announcement(loaded.study.conditions["alone"], language)
    assert len(page) == len(announced)
    for block, key in zip(page, announced, strict=True):
        assert all(part in block.text for part in fixed(key, language)), key
        assert "{" not in block.text


REWARDS = (
    "rewards: {correct: 2, wrong: -1, delegation: 0.5, veto: 1, confidence: 3, flat: 10, rate: 0.02, currency: €}\n"
)


@pytest.mark.parametrize(("language", "loss"), [("en", "costs 1 point."), ("fr", "coûte 1\u00a0point.")])
def test_rewards_and_costs_are_said(write_study: Write, make_stimuli: Make, language: str, loss: str) -> None:
    folder = write_study(
        ("alone: {advice: none}", "alone: {delegation: true, score: true}"),
        ("advised: {advice: after_initial, confidence: true}", "advised: {supervision: true}"),
        ("operators: {lang", REWARDS + "operators: {lang"),
        ("[explained, advised]", "[explained, placebo]"),
    )
    loaded, stimuli = protocol.load(folder), make_stimuli()
    pages = protocol.instructions(loaded, stimuli, protocol.plan(loaded, stimuli, 0), language)
    said = words([block for page in pages for block in page])
    for key, values in {
        "rewards_machine": {}, "rewards_practice": {}, "instructions_score": {}, "instructions_confidence_prize": {},
        "rewards_delegation": {"points": protocol.counted("points", 0.5, language)},
        "rewards_veto": {"points": protocol.counted("points", 1, language)},
        "rewards_confidence": {"points": protocol.counted("points", 3, language)},
        "rewards_flat": {"points": protocol.counted("points", 10, language)},
        "rewards_rate": {"money": {"en": "2.00\u00a0€", "fr": "2,00\u00a0€"}[language]},
    }.items():  # fmt: skip
        assert protocol.text(key, language, **values) in said, key
    assert loss in said
    assert protocol.text("instructions_confidence", language) not in said
    alone = words(protocol.announcement(loaded.study.conditions["alone"], language, rewards=loaded.study.rewards))
    assert protocol.text("rewards_delegation", language, points=protocol.counted("points", 0.5, language)) in alone
    assert protocol.text("block_score", language) in alone


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [(0, "0 points", "0\u00a0point"), (1, "1 point", "1\u00a0point"), (1.5, "1.5 points", "1,5\u00a0point"),
     (2, "2 points", "2\u00a0points"), (-1, "-1 point", "-1\u00a0point"), (0.125, "0.12 points", "0,12\u00a0point"),
     (1234, "1,234 points", "1\u202f234\u00a0points")],
)  # fmt: skip
def test_nouns_agree_with_their_number(value: float, english: str, french: str) -> None:
    assert (protocol.counted("points", value, "en"), protocol.counted("points", value, "fr")) == (english, french)


@pytest.mark.parametrize("language", protocol.LANGUAGES)
def test_the_declared_duration_and_the_sittings_are_said(write_study: Write, make_stimuli: Make, language: str) -> None:
    folder = write_study(
        ("practice: 2", "practice: 2, minutes: 45"),
        ("operators: 16", "operators: 16, sittings: {count: 2, days: 3}"),
    )
    loaded, stimuli = protocol.load(folder), make_stimuli()
    steps = protocol.plan(loaded, stimuli, 0)
    said = " ".join(words(page) for page in protocol.instructions(loaded, stimuli, steps, language))
    assert "45 minutes" in said
    days = protocol.counted("days", 3, language)
    assert protocol.text("instructions_sittings", language, count=2, days=days) in said


def test_overviews_are_read_in_each_language_or_missed(write_study: Write) -> None:
    folder = write_study(("advised: {advice: after_initial,", "advised: {advice: after_initial, overview: model.md,"))
    assert {(p.field, p.line) for p in protocol.check(folder)} == {("conditions.advised.overview", 12)}
    (folder / "model.md").write_text("It looks at edges.\n", "utf-8")
    (folder / "model.fr.md").write_text("Elle regarde les bords.\n", "utf-8")
    overviews = protocol.load(folder).overviews
    assert list(overviews) == ["advised"]
    assert {language: page.blocks[0].text for language, page in overviews["advised"].items()} == {
        "en": "It looks at edges.", "fr": "Elle regarde les bords.",
    }  # fmt: skip
