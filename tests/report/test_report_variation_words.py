"""Both languages of the variation page say everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from test_report_words import fields, leaves

from binome import explain, variation
from binome.core import UnknownNameError
from binome.report import variation as pages
from binome.report.variation.findings import FACETS
from binome.report.variation.page import SECTIONS
from binome.report.variation.wording import FOLDER, words_of
from binome.report.wording import wording
from binome.variation.metric import metrics

OWN = {code: yaml.safe_load((FOLDER / f"{code}.yaml").read_text("utf-8")) for code in ("en", "fr")}
CODE = Path(pages.__file__).parent


def test_languages_have_the_same_keys_and_placeholders() -> None:
    english, french = (dict(leaves(OWN[code])) for code in ("en", "fr"))
    assert set(english) == set(french)
    for key, text in english.items():
        assert fields(text) == fields(french[key]), key
    assert all((*english.values(), *french.values()))
    assert not {key for key, text in english.items() if len(text) > 40 and text == french[key]}


def test_no_word_of_the_report_is_said_anew() -> None:
    shared = wording("en").words
    assert {key for key in OWN["en"] if key in shared and not isinstance(shared[key], dict)} == set()
    for key, names in OWN["en"].items():
        if isinstance(shared.get(key), dict):
            assert not set(names) & set(shared[key]), key


def test_every_key_in_use_exists() -> None:
    known = set(words_of("en").words)
    source = (CODE / "variation.html").read_text("utf-8")
    keys = set(re.findall(r"\bw\.(?!say\b)(\w+)", source)) | set(re.findall(r'w(?:\.say\(|\[)"(\w+)"[\]),]', source))
    methods = {"words", "count", "number", "undefined", "language", "agreement", "labelled"}
    keys = keys - methods | {f"section_{name}" for name in SECTIONS}
    keys -= {"section_"}
    for path in CODE.rglob("*.py"):
        keys |= set(re.findall(r'words(?:\.say\(|\[)"(\w+)"', path.read_text("utf-8")))
    assert len(keys) > 120
    assert keys <= known


def test_every_key_is_in_use() -> None:
    """A text that nothing shows is a text that nobody mends."""
    source = "\n".join(path.read_text("utf-8") for path in (*CODE.rglob("*.py"), *CODE.rglob("*.html")))
    built = ("criterion_", "section_", "better_", "phi_", "order_")
    assert not {key for key in OWN["en"] if f"{key}" not in source and not key.startswith(built)}


@pytest.mark.parametrize("code", ["en", "fr"])
def test_every_name_has_its_word(code: str) -> None:
    words = words_of(code)
    for facet in FACETS:
        for kind in ("facets", "facets_said", "facets_changed", "levels", "levels_endless", "parts"):
            assert facet in words.words[kind], (kind, facet)
    declared = metrics()
    assert set(declared) <= set(words.words["metrics"])
    assert set(declared) <= set(words.words["metric_meanings"])
    assert {plugin.declared["family"] for plugin in declared.values()} <= set(words.words["families"])
    assert set(variation.agreements()) <= set(words.words["agreements"])
    assert set(explain.methods()) <= set(words.words["methods"])


def test_french_typography() -> None:
    for key, text in leaves(OWN["fr"]):
        assert not re.search(r"(?<=[\w»}]) [;:?!%»]|« |'", text), (key, text)


def test_turns_of_phrase() -> None:
    english, french = words_of("en"), words_of("fr")
    assert (english.counted("items", 1), english.counted("items", 1200)) == ("1 item", "1,200 items")
    assert french.levels("seed", 7) == "7 graines"
    assert english.listed(["a"]) == "a"
    assert english.listed(["a", "b", "c"]) == "a, b and c"
    assert french.percents(0.614, 0.552, 0.66) == "61\u00a0% [55 ; 66]"
    assert english.percents(None, None, None) == "–"
    assert english.labelled("deletion (zero)") == "Deletion (zero)"
    assert french.labelled("my_own (blur)") == "my own (blur)"
    assert english.metric_meaning("my_own (blur)") == ""
    with pytest.raises(UnknownNameError, match="known: en, fr"):
        words_of("de")
