"""Both languages of the analysis page say everything, every code of the analysis included."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from test_report_words import fields, leaves

from binome import analysis
from binome.analysis.measure import registry
from binome.analysis.relation.coding import EVIDENCE, RELATIONS
from binome.report import analysis as pages
from binome.report.analysis.page import SECTIONS
from binome.report.analysis.wording import CODES, WORDS, words_of

CODE = Path(pages.__file__).parent
ANALYSIS = Path(analysis.__file__).parent
OWN = {code: yaml.safe_load((WORDS / f"{code}.yaml").read_text("utf-8")) for code in ("en", "fr")}
SAID = {code: yaml.safe_load((CODES / f"{code}.yaml").read_text("utf-8")) for code in ("en", "fr")}
WORD = re.compile(r"[a-z]+(_[a-z]+)+")


@pytest.mark.parametrize("texts", [OWN, SAID], ids=["words", "codes"])
def test_languages_have_the_same_keys_and_placeholders(texts: dict[str, object]) -> None:
    english, french = (dict(leaves(texts[code])) for code in ("en", "fr"))
    assert set(english) == set(french)
    for key, text in english.items():
        assert fields(text) == fields(french[key]), key
    assert all((*english.values(), *french.values()))
    assert not {key for key, text in english.items() if len(text) > 40 and text == french[key]}


def test_french_typography() -> None:
    for texts in (OWN, SAID):
        for key, text in leaves(texts["fr"]):
            assert not re.search(r"(?<=[\w»}]) [;:?!%»]|« |'", text), (key, text)


def test_every_key_in_use_exists() -> None:
    known = set(words_of("en").words)
    source = (CODE / "analysis.html").read_text("utf-8")
    keys = set(re.findall(r"\bw\.(?!say\b)(\w+)", source)) | set(re.findall(r'w(?:\.say\(|\[)"(\w+)"[\]),]', source))
    keys = keys - {"words", "count", "number", "undefined", "language", "quoted"} | {
        f"section_{id_}" for id_ in SECTIONS
    }
    for path in CODE.rglob("*.py"):
        keys |= set(re.findall(r'words(?:\.say\(\s*|\[)"(\w+)"', path.read_text("utf-8")))
    keys -= {"section_"}
    assert len(keys) > 120
    assert keys <= known


def test_every_key_is_in_use() -> None:
    """A text that nothing shows is a text that nobody mends."""
    files = (*CODE.rglob("*.py"), *CODE.rglob("*.html"), CODE.parent / "terminal.py")
    source = "\n".join(path.read_text("utf-8") for path in files)
    built = ("section_", "flow_", "step_", "rejected_", "effect_", "over_", "under_", "target_", "meeting_", "zero_")
    assert not {key for key in OWN["en"] if key not in source and not key.startswith(built)}


def literals() -> Iterator[tuple[str, str, str]]:
    """Codes that the analysis gives, with their kind and file: from the places in its source that give codes."""
    places = ("relation", "biases", "trust", "meeting")
    paths = [path for place in places for path in (ANALYSIS / place).glob("*.py")]
    for path in [*paths, ANALYSIS / "findings.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for kind, value in found_in(node):
                for one in ast.walk(value):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and WORD.fullmatch(one.value):
                        yield kind, one.value, path.name


def found_in(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == "reasons"
        for target in node.targets
    ):
        yield "codes", node.value
    if isinstance(node, ast.FunctionDef) and "why" in node.name:
        yield from (("codes", one.value) for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (("codes", v) for k, v in pairs if isinstance(k, ast.Constant) and k.value == "reason")
    if not isinstance(node, ast.Call):
        return
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "cannot":
        yield from (("codes", one) for one in node.args[1:2])
    if name == "part":
        yield from (("codes", one) for one in node.args[2:3])
    if name == "Kind":
        yield from (("biases", one) for one in node.args[:1])
        yield from (("needs", one) for one in node.args[1:2])
        yield from (("scales", one) for one in node.args[2:3])
        yield from (("caveats", one.value) for one in node.keywords if one.arg == "caveat")
        yield from (("scales", one.value) for one in node.keywords if one.arg == "scale")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_code_of_the_analysis_has_its_sentence(language: str) -> None:
    words = words_of(language).words
    found = list(literals())
    assert len({code for _, code, _ in found}) > 30
    assert not [(kind, code, file) for kind, code, file in found if code not in words[kind]]
    assert set(EVIDENCE) <= set(words["evidence"])
    assert set(RELATIONS) == set(words["relations"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_family_of_measures_has_a_name(language: str) -> None:
    families = {str(registry.get(name).declared["family"]) for name in registry.names()}
    assert families <= set(words_of(language).words["families"])


def test_turns_of_phrase() -> None:
    english, french = words_of("en"), words_of("fr")
    assert english.part("half", 0) == "first half"
    assert french.part("block", 2) == "bloc 3"
    assert english.bias_group("manual", "advised") == "advised"
    assert french.bias_group("item_sex", "f − m") == "sex\u00a0: f − m"
    assert english.bias("my_own_bias") == "my own bias"
    assert french.metric("agreement: spearman").startswith("Accord avec les autres explications\u00a0: Corrélation")
    assert "Φ" in english.metric("dependability")
    assert french.metric("deletion") == "Suppression"
    assert english.bias_said("my_own_bias", "all", "", 1.0, "{:+.0f}".format) == "my own bias, all: +1."
    assert english.code("a sentence of its own") == "a sentence of its own"
    assert not english.known("a sentence of its own")
    assert french.counted("trials", 1216) == "1\u202f216 décisions"


def test_a_negative_bias_is_said_without_a_sign() -> None:
    english, french = words_of("en"), words_of("fr")
    said = english.bias_said("disparity_overreliance", "A − B", "sex", -0.171, lambda value: f"−{-value:.3f}")
    assert "was followed 0.171 less often" in said
    assert "plus souvent" in french.bias_said("disparity_overreliance", "A − B", "sexe", 0.2, "+{:.1f}".format)
    assert french.levels("A − others") == "A − les autres"
