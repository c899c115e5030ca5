"""Both languages say everything, and write numbers as they should."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Any

import pytest

from binome import analysis
from binome.core import UnknownNameError
from binome.report.page import SECTIONS
from binome.report.templates import HERE
from binome.report.wording import LANGUAGES, wording


def leaves(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its place."""
    if isinstance(words, dict):
        for key, value in words.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(words, list):
        for i, value in enumerate(words):
            yield from leaves(value, f"{path}[{i}]")
    else:
        yield path, str(words)


def fields(text: str) -> set[str]:
    """Placeholders; `measure_first` is `measure` with a capital, where a language begins a sentence with it."""
    return {field.removesuffix("_first") for _, field, *_ in string.Formatter().parse(text) if field}


def test_languages_have_the_same_keys_and_placeholders() -> None:
    assert set(LANGUAGES) == {"en", "fr"}
    english, french = (dict(leaves(wording(code).words)) for code in ("en", "fr"))
    assert set(english) == set(french)
    for key, text in english.items():
        assert fields(text) == fields(french[key]), key


def test_no_text_is_empty_or_left_in_the_other_language() -> None:
    english, french = (dict(leaves(wording(code).words)) for code in ("en", "fr"))
    assert all(text for text in (*english.values(), *french.values()))
    assert not {key for key, text in english.items() if len(text) > 40 and text == french[key]}


def test_every_key_of_the_template_exists() -> None:
    source = (HERE / "report.html").read_text("utf-8")
    keys = set(re.findall(r"\bw\.(?!say\b)(\w+)", source)) | set(re.findall(r'w(?:\.say\(|\[)"(\w+)"[\]),]', source))
    keys |= {f"{section}_title" for section in SECTIONS}
    assert len(keys) > 50
    methods = {"words", "count", "number", "undefined", "language", "agreement"}
    assert keys <= set(wording("en").words) | methods


def test_every_measure_has_a_name_and_a_meaning() -> None:
    for code in LANGUAGES:
        words = wording(code).words
        assert set(words["measures"]) == set(words["meanings"])
        assert set(analysis.measures()) <= set(words["measures"])


def test_french_typography() -> None:
    for key, text in leaves(wording("fr").words):
        if key != ".to":
            assert not re.search(r"(?<=[\w»}]) [;:?!%»]|« |'", text), (key, text)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "−0.050 [−0.125, 0.025]"), ("fr", "−0,050 [−0,125 ; 0,025]")]
)
def test_numbers_as_each_language_writes_them(language: str, expected: str) -> None:
    words = wording(language)
    assert words.interval(-0.05, -0.125, 0.025) == expected
    assert words.interval(None, None, None) == "–"
    assert words.interval(0.5, None, None) == words.number(0.5)
    assert words.p(0.0004) == ("< 0.001" if language == "en" else "< 0,001")
    assert words.p(None) == "= –"
    assert words.ratio(1.5, 0.5, 2e9) == ("1.50 [0.50, > 1000]" if language == "en" else "1,50 [0,50 ; > 1000]")
    assert words.ratio(None, None, None) == "–"


def test_signs_are_never_given_to_nothing() -> None:
    words = wording("en")
    said = [words.signed(x, 1) for x in (1.26, -1.26, 0.0, 0.04, -0.04, None)]
    assert said == ["+1.3", "−1.3", "0.0", "0.0", "0.0", "–"]
    assert words.number(-0.0) == "0.000"
    assert words.number(float("nan")) == "–"


def test_thousands_and_unknown_names() -> None:
    assert wording("en").count(1234567) == "1,234,567"
    assert wording("fr").count(1234567) == "1\u202f234\u202f567"
    assert wording("fr").measure("my_own_measure") == "my own measure"
    with pytest.raises(UnknownNameError, match="known: en, fr"):
        wording("de")
    with pytest.raises(TypeError, match="no single text"):
        wording("en")["measures"]
