"""The texts of the operator's side: one file a language, Binome's own or a study's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from binome.core import Problem, StudyError, did_you_mean
from binome.protocol.reading import Path_, Source, read_yaml

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""Those that come with Binome; `languages` has those of the study too."""
PAGE = "page"
"""The key, in a language's file, of the words that the operator's page itself has."""
CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

_own: dict[str, Mapping[str, Any]] = {}


def text(key: str, language: str, **values: Any) -> str:
    """The text of a key, its {placeholders} filled; in English for a language that is not known.

    Raises:
        KeyError: for a key that no catalogue has; a test keeps all catalogues alike.
    """
    return str(_catalogue(language)[key]).format(**values)


def number(value: float, language: str, digits: int = 0, *, grouped: bool = False) -> str:
    """A number as the language writes it: a decimal comma in French.

    Args:
        grouped: thousands apart, with a comma in English and a narrow no-break space in French, as browsers do.
    """
    written = f"{value:,.{digits}f}" if grouped else f"{value:.{digits}f}"
    if not written.strip("-0.,"):
        written = written.lstrip("-")
    words = _catalogue(language)
    return written.translate({ord(","): words["thousands"], ord("."): words["decimal"]})


def languages() -> tuple[str, ...]:
    """The languages that operators can be spoken to in: Binome's, and those of the study that was loaded last."""
    return tuple(sorted({*LANGUAGES, *_own}))


def page_words(language: str) -> Mapping[str, Any]:
    """The words of the operator's page itself, by name: texts with {0}, {1}, or forms of them by number.

    Raises:
        KeyError: for a language that is not known.
    """
    if language not in languages():
        raise KeyError(language)
    words: Mapping[str, Any] = _catalogue(language).get(PAGE) or _shipped_page(language)
    return words


def learn(folder: Path) -> list[Problem]:
    """Take over the languages of a study folder, `languages/CODE.yaml`, in place of those of the study before.

    A process speaks for one study at a time. A language with a problem is taken over all the same, with English for
    what it lacks, so that only its own problems are told.

    Returns:
        What is wrong with the files: missing and unknown texts, placeholders that differ from the English ones.
    """
    _own.clear()
    problems: list[Problem] = []
    for path in sorted((folder / "languages").glob("*.yaml")):
        try:
            source = read_yaml(path)
        except StudyError as error:
            problems += error.problems
            source = Source(str(path), {}, {})
        else:
            problems += [*source.doubles, *_faults(source, path.stem)]
        english = _shipped("en")
        page = source.data.get(PAGE)
        words = {**_shipped_page("en"), **(page if isinstance(page, dict) else {})}
        if path.stem not in LANGUAGES:
            _own[path.stem] = {**english, **source.data, PAGE: words}
    return problems


def _catalogue(language: str) -> Mapping[str, Any]:
    return _own.get(language) or _shipped(language if language in LANGUAGES else "en")


@cache
def _shipped(language: str) -> Mapping[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    return loaded


@cache
def _shipped_page(language: str) -> Mapping[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / PAGE / f"{language}.yaml").read_text("utf-8"))
    return loaded


def _faults(source: Source, code: str) -> Iterator[Problem]:
    """What a language's file lacks, has too much, or says with other placeholders than English."""
    if code in LANGUAGES:
        yield source.problem((), f"another {code!r}", "a language that Binome does not come with", "rename the file")
        return
    if not CODE.fullmatch(code):
        yield source.problem((), f"the language {code!r}", "a code like de or pt-BR as the file's name")
    page = source.data.get(PAGE, {})
    texts = {key: value for key, value in source.data.items() if key != PAGE}
    english = {key: value for key, value in _shipped("en").items() if key != PAGE}
    yield from _unlike(source, (), texts, english)
    if isinstance(page, dict):
        yield from _unlike(source, (PAGE,), page, _shipped_page("en"))
    else:
        yield source.problem((PAGE,), repr(page)[:40], "a mapping { … } of the page's words")


def _unlike(source: Source, path: Path_, own: Mapping[str, Any], english: Mapping[str, Any]) -> Iterator[Problem]:
    missing = [key for key in english if key not in own]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        found = f"no text for {', '.join(missing[:5])}{more}"
        yield source.problem(path, found, f"{len(english)} texts, as in {FOLDER / 'en.yaml'}")
    for key, value in own.items():
        here = (*path, key)
        if key not in english:
            yield source.problem(here, "an unknown text", "one that English has", did_you_mean(str(key), english))
            continue
        if (kinds := _kind(value)) is None or kinds != _kind(english[key]):
            yield source.problem(here, repr(value)[:60], f"the same kind of text as {english[key]!r}")
            continue
        try:
            extra = sorted(_placeholders(value) ^ _placeholders(english[key]))
        except ValueError as error:
            yield source.problem(here, str(error), "braces around placeholders only")
            continue
        if extra:
            named = ", ".join(f"{{{name}}}" for name in extra)
            yield source.problem(here, f"{named} in one of the two texts only", f"as in {english[key]!r}")


def _kind(value: Any) -> str | None:
    """One text (or forms of it by number), a list of so many texts, named texts; None for anything else."""
    if isinstance(value, str):
        return "text"
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [None]
    if not all(isinstance(one, str) for one in values):
        return None
    if isinstance(value, list):
        return f"list {len(value)}"
    return "text" if _is_by_number(value) else f"named {sorted(value)}"


def _is_by_number(value: Mapping[str, str]) -> bool:
    """Whether a mapping has forms of one text by number: `one`, `other`, or two such classes with a blank."""
    return any(key.split()[-1] == "other" for key in value)


def _placeholders(value: Any) -> set[str]:
    texts = [value] if isinstance(value, str) else value.values() if isinstance(value, dict) else value
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
