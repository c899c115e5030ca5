"""Languages: nothing missing in any, no English left in French, numbers as each writes them, others by one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from binome import protocol
from binome.core import StudyError
from binome.core.stimulus import Number
from binome.protocol import catalogue
from binome.protocol.questionnaire import SHIPPED

Write = Callable[..., Path]
SOURCE = Path(protocol.__file__).parents[1]
FOLDERS = {
    "operators": SOURCE / "protocol" / "languages",
    "page": SOURCE / "protocol" / "languages" / "page",
    "researcher": SOURCE / "experiment" / "pages",
    "report": SOURCE / "report" / "words",
    "variation report": SOURCE / "report" / "variation" / "words",
}
"""Every place where a language is one file."""
LONG = 25
"""Characters from which a text is a sentence, not a name that both languages may share."""


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def flat(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its place; forms of one text by number, of which languages have more or fewer, as one."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict) and any(str(key).split()[-1:] == ["other"] for key in data):
        yield path, " ".join(data.values())
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from flat(value, f"{path}.{key}")
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from flat(value, f"{path}.{i}")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=list(FOLDERS))
def test_no_text_is_missing_in_any_language(folder: Path) -> None:
    files = sorted(folder.glob("*.yaml"))
    assert {"en", "fr"} <= {file.stem for file in files}
    english = dict(flat(read(folder / "en.yaml")))
    for file in files:
        own = dict(flat(read(file)))
        assert set(own) == set(english), file.stem
        differing = {key for key in english if placeholders(own[key]) != placeholders(english[key])}
        assert differing == set(), file.stem
        assert [key for key, text in own.items() if not text and english[key]] == []


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=list(FOLDERS))
def test_no_english_is_left_in_french(folder: Path) -> None:
    english, french = (dict(flat(read(folder / f"{code}.yaml"))) for code in ("en", "fr"))
    assert [key for key, text in french.items() if len(text) >= LONG and text == english[key]] == []


def localised(data: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text that is given by language."""
    if isinstance(data, dict) and isinstance(data.get("en"), str):
        yield path, data
    elif isinstance(data, dict | list):
        children = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in children:
            yield from localised(value, f"{path}.{key}")


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_shipped_questionnaires_speak_both_languages(file: Path) -> None:
    texts = [(path, text) for path, text in localised(read(file)) if not path.startswith(".status")]
    assert texts
    assert [path for path, text in texts if set(text) != {"en", "fr"}] == []
    assert [path for path, text in texts if len(text["en"]) >= LONG and text["en"] == text["fr"]] == []


def test_the_codebook_speaks_both_languages() -> None:
    for table, columns in read(SOURCE / "experiment" / "codebook.yaml").items():
        for name, meaning in columns.items():
            assert meaning["en"].strip(), (table, name)
            assert meaning["fr"].strip(), (table, name)
            assert meaning["fr"] != meaning["en"] or len(meaning["en"]) < LONG, (table, name)


def test_french_typography_of_the_page() -> None:
    said = [text for _, text in flat(read(FOLDERS["page"] / "fr.yaml"))]
    assert [t for t in said if re.search(r"(^|[^\u00a0\u202f])[:;?!»%]|«[^\u00a0\u202f]|'|\.\.\.", t)] == []


@pytest.mark.parametrize(
    ("value", "digits", "grouped", "english", "french"),
    [
        (0.5, 1, False, "0.5", "0,5"),
        (1234.5, 1, False, "1234.5", "1234,5"),
        (1234567.25, 2, True, "1,234,567.25", "1\u202f234\u202f567,25"),
        (-1250, 0, True, "-1,250", "-1\u202f250"),
        (-0.04, 1, False, "0.0", "0,0"),
        (99.96, 1, False, "100.0", "100,0"),
    ],
)
def test_numbers(value: float, digits: int, grouped: bool, english: str, french: str) -> None:
    assert protocol.number(value, "en", digits, grouped=grouped) == english
    assert protocol.number(value, "fr", digits, grouped=grouped) == french


def test_estimates_have_the_decimals_of_their_step_and_a_unit_that_stays() -> None:
    scale = Number(0, 5000, 0.5, {"en": "points", "fr": "points"}, 5)
    assert protocol.say_number(scale, 1250, "en") == "1,250.0\u00a0points"
    assert protocol.say_number(scale, 1250, "fr") == "1\u202f250,0\u00a0points"
    assert protocol.say_tolerance(Number(0, 10, 1, "", 0.25), "fr") == "0,25"


def german() -> dict[str, Any]:
    """A whole language, as a translator would write it: every text in brackets."""

    def bracket(value: Any) -> Any:
        if isinstance(value, str):
            return f"[{value}]"
        return {k: bracket(v) for k, v in value.items()} if isinstance(value, dict) else [bracket(v) for v in value]

    words = bracket(read(FOLDERS["operators"] / "en.yaml")) | {"decimal": ",", "thousands": "."}
    return {**words, "page": bracket(read(FOLDERS["page"] / "en.yaml"))}


STUDY = (
    ("languages: [en, fr]", "languages: [en, de]"),
    ("[demographics]", "[]"),
    ("[trust_now]", "[]"),
    ("[sus]", "[]"),
)


@pytest.fixture
def write_german(write_study: Write) -> Iterator[Callable[[dict[str, Any]], Path]]:
    def write(words: dict[str, Any], *changes: tuple[str, str]) -> Path:
        folder = write_study(*STUDY, *changes)
        (folder / "languages").mkdir(exist_ok=True)
        (folder / "languages" / "de.yaml").write_text(yaml.safe_dump(words, allow_unicode=True), "utf-8")
        return folder

    yield write
    catalogue.learn(Path("nowhere"))


def test_a_language_is_one_file_of_the_study(
    write_german: Callable[..., Path], make_stimuli: Callable[..., Any]
) -> None:
    loaded, stimuli = protocol.load(write_german(german())), make_stimuli()
    assert catalogue.languages() == ("de", "en", "fr")
    pages = protocol.instructions(loaded, stimuli, protocol.plan(loaded, stimuli, 0), "de")
    said = [block.text for page in pages for block in page]
    assert [text for text in said if not text.startswith("[")] == []
    assert protocol.number(1234.5, "de", 1, grouped=True) == "1.234,5"
    assert catalogue.page_words("de")["cancel"] == "[Cancel]"
    # Of the study that was loaded last: another one does not speak it.
    (loaded.folder / "languages" / "de.yaml").unlink()
    with pytest.raises(StudyError, match="one of en, fr"):
        protocol.load(loaded.folder)


@pytest.mark.parametrize(
    ("change", "field", "found"),
    [
        (lambda words: words.pop("closing_title"), "file", "no text for closing_title"),
        (lambda words: words["page"].pop("cancel"), "page", "no text for cancel"),
        (lambda words: words.pop("page"), "page", "no text for continue, back, start, close, cancel and"),
        (lambda words: words.update(closing_titel="x"), "closing_titel", "an unknown text"),
        (lambda words: words.update(block_title="Teil"), "block_title", "{number}, {of} in one of the two texts only"),
        (lambda words: words.update(block_title="Teil {number"), "block_title", "expected '}' before end of string"),
        (lambda words: words.update(closing_title=3), "closing_title", "3"),
        (lambda words: words["page"].update(similarity=["nah"]), "page.similarity", "['nah']"),
        (lambda words: words["page"].update(exampleRole={"alike": "x"}), "page.exampleRole", "{'alike': 'x'}"),
        (lambda words: words["page"].update(page="Seite {0}"), "page.page", "{1} in one of the two texts only"),
        (lambda words: words.update(page="Seite"), "page", "'Seite'"),
    ],
)
def test_what_a_language_lacks_is_named(
    write_german: Callable[..., Path], change: Callable[[dict[str, Any]], Any], field: str, found: str
) -> None:
    words = german()
    change(words)
    with pytest.raises(StudyError) as refused:
        protocol.load(write_german(words))
    [problem] = refused.value.problems
    assert (Path(problem.file).name, problem.field) == ("de.yaml", field)
    assert problem.found.startswith(found)


def test_forms_by_number_may_be_more_or_fewer_than_the_english_ones(write_german: Callable[..., Path]) -> None:
    words = german()
    words["page"] |= {"missing": {"one": "eine", "few": "{0} wenige", "other": "{0} Fragen"}, "sameLines": "{0} gleich"}
    protocol.load(write_german(words))


def test_questionnaires_must_speak_the_studys_language(write_german: Callable[..., Path]) -> None:
    with pytest.raises(StudyError) as refused:
        protocol.load(write_german(german(), ("before: []", "before: [trust_now]")))
    problems = refused.value.problems
    assert {Path(problem.file).name for problem in problems} == {"trust_now.yaml"}
    assert {"title", "status", "questions.0.text"} <= {problem.field for problem in problems}


@pytest.mark.parametrize(("name", "field"), [("fr.yaml", "file"), ("my_own.yaml", "file")])
def test_a_languages_file_is_named_after_a_new_code(write_german: Callable[..., Path], name: str, field: str) -> None:
    folder = write_german(german())
    (folder / "languages" / "de.yaml").rename(folder / "languages" / name)
    with pytest.raises(StudyError) as refused:
        protocol.load(folder)
    assert (name, field) in {(Path(problem.file).name, problem.field) for problem in refused.value.problems}
