"""The page of an analysis: whole in itself, true to the tables, for full, poor and hostile trials."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from analysis_findings import CONDITIONS, make_findings, make_trials
from test_report_page import Reader

from binome.analysis import Findings, find
from binome.core import BinomeError, UnknownNameError
from binome.report import publish_analysis
from binome.report.analysis.naming import compared, renamed, tables
from binome.report.analysis.page import SECTIONS
from binome.report.analysis.wording import words_of


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_findings()


@pytest.fixture(scope="module")
def folder(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysis")
    publish_analysis(findings, folder)
    return folder


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def text_of(html: str) -> str:
    """What the page says; spaces that must not break stay what they are."""
    return re.sub(r"[ \n]+", " ", " ".join(read(html).text))


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request: pytest.FixtureRequest, folder: Path) -> tuple[str, str]:
    name = "analysis.html" if request.param == "en" else "analysis.fr.html"
    return request.param, (folder / name).read_text("utf-8")


def test_pages_are_well_formed_and_need_no_network(page: tuple[str, str]) -> None:
    language, html = page
    reader = read(html)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert f'<html lang="{language}">' in html
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    assert set(SECTIONS) <= set(reader.ids)
    other = "analysis.fr.html" if language == "en" else "analysis.html"
    assert {link for link in reader.links if not link.startswith("#")} == {other}
    assert "<script" not in html
    assert not re.findall(r"url\((?!#)", html)
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<)]+", html)) <= namespaces


def test_what_was_declared_is_confirmatory_and_first(page: tuple[str, str], findings: Findings) -> None:
    language, html = page
    words, text = words_of(language), text_of(html)
    assert html.index(f">{words['confirmatory']}<") < html.index(f">{words['exploratory']}<")
    assert html.count(f">{words['confirmatory']}<") == 1
    primary = findings.analysis.primary
    assert primary is not None
    row = primary.row(0, named=True)
    assert words.signed(100 * row["value"], 1) in text
    assert words.signed(100 * row["low"], 1) in text
    assert words.p(row["p"]).replace(" ", "\u00a0") in html


def test_the_page_says_the_numbers_of_the_tables(page: tuple[str, str], findings: Findings) -> None:
    language, html = page
    words, text = words_of(language), text_of(html)
    for row in findings.analysis.measures.drop_nulls(["value", "low"]).iter_rows(named=True):
        assert words.number(row["value"]) in text
        assert words.limits(row["low"], row["high"]) in text
    assert findings.biases is not None
    for row in findings.biases.filter(pl.col("identifiable")).drop_nulls("low").iter_rows(named=True):
        assert words.signed(100 * row["value"], 1) in text
        assert words.bias(row["bias"]) in text
    for row in findings.relations.shares.drop_nulls("value").iter_rows(named=True):
        assert words.number(row["value"]) in text
    assert findings.calibration is not None
    for row in findings.calibration.drop_nulls("value").iter_rows(named=True):
        assert words.number(row["confidence"], 2) in text
    assert findings.with_excluded is not None
    for row in findings.with_excluded.measures.drop_nulls("low").iter_rows(named=True):
        assert words.interval(row["value"], row["low"], row["high"]) in text


def test_what_cannot_be_told_is_listed_with_its_reason(page: tuple[str, str], findings: Findings) -> None:
    language, html = page
    words, text = words_of(language), text_of(html)
    assert findings.biases is not None
    known = set(findings.biases.filter(pl.col("identifiable"))["bias"])
    lost = findings.biases.filter(~pl.col("bias").is_in(list(known)))
    assert lost.height
    for row in lost.unique("bias", keep="first", maintain_order=True).iter_rows(named=True):
        assert words.bias(row["bias"]) in text
        assert words.code(row["reason"]) in text
        assert words.need(row["needs"]) in text


def test_rejected_rows_are_shown_as_text(page: tuple[str, str]) -> None:
    _, html = page
    assert "&lt;maybe&gt;" in html
    assert "<maybe>" not in html


def test_every_figure_has_its_drawing_and_its_data(folder: Path) -> None:
    drawn = sorted(path.stem for path in (folder / "analysis" / "figures").glob("*.csv"))
    assert {"accuracy", "reliance", "reliance-plane", "calibration", "course", "relation-flow", "biases",
            "participants", "exclusions", "relation-profiles", "relation-classes", "trust", "mediation-paths",
            "mediation-effects", "mediation-sensitivity", "odds", "primary"} <= set(drawn)  # fmt: skip
    for name in drawn:
        for suffix in ("", ".fr"):
            root = ET.fromstring((folder / "analysis" / "figures" / f"{name}{suffix}.svg").read_text("utf-8"))
            assert root.tag.endswith("svg")
        assert pl.read_csv(folder / "analysis" / "figures" / f"{name}.csv", infer_schema_length=None).height


def test_every_table_is_written_in_full_precision(folder: Path, findings: Findings) -> None:
    written = pl.read_csv(folder / "analysis" / "tables" / "analysis_measures.csv")
    assert written["value"].to_list() == findings.analysis.measures["value"].to_list()
    names = {path.stem for path in (folder / "analysis" / "tables").glob("*.csv")}
    assert {name for name in tables(findings, "") if name != "analysis_trials"} == names
    assert {"relations_flow", "biases", "trust_reliability", "mediation_effects", "with_excluded_measures"} <= names


@pytest.fixture(scope="module")
def minimal() -> Findings:
    """One condition, one stage, no confidence, nothing else known."""
    trials = make_trials(4, 5).select("operator", "item", "truth", "final")
    return find(trials, title="plain", source="plain.csv", resamples=50)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_least_there_can_be(minimal: Findings, language: str, tmp_path: Path) -> None:
    found = replace(minimal, reasons={**minimal.reasons, "trust": "no_answers", "meeting": "scores are <lost>"})
    page = publish_analysis(found, tmp_path, languages=[language])[0]
    html, words = page.read_text("utf-8"), words_of(language)
    text = text_of(html)
    assert words["verdict_missing"] in text
    assert words["reliance_none"] in text
    for code in ("no_confidence", "no_positions", "nobody_excluded", "no_answers"):
        assert words.code(code) in text
    assert "Scores are &lt;lost&gt;." in html
    # What is undefined is never 0.
    assert ">0.000<" not in html[html.index('id="reliance"') : html.index('id="confidence"')]
    assert f">{words['confirmatory']}<" not in html


def test_the_same_findings_give_the_same_bytes_and_old_figures_go(minimal: Findings, tmp_path: Path) -> None:
    first = {path: path.read_bytes() for path in publish_analysis(minimal, tmp_path, languages=["en"])}
    stale = tmp_path / "analysis" / "figures" / "stale.svg"
    stale.write_text("old", "utf-8")
    assert {path: path.read_bytes() for path in publish_analysis(minimal, tmp_path, languages=["en"])} == first
    assert not stale.exists()
    assert not (tmp_path / "analysis.fr.html").exists()
    assert first[tmp_path / "analysis.html"]


@pytest.mark.parametrize("conditions", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_hostile_names(conditions: int, tmp_path: Path) -> None:
    long = "a condition whose name never ends & goes on <for> " + "ever and " * 12
    names = [f"<b>{i}</b> & co" for i in range(conditions - 1)] + [long]
    trials = make_trials(5, 4, conditions=CONDITIONS)
    parts = [
        trials.filter(pl.col("condition") == CONDITIONS[1 + i % 3]).with_columns(group=pl.lit(name))
        for i, name in enumerate(names)
    ]
    found = find(
        pl.concat(parts).with_columns(position=pl.int_range(pl.len()).over("operator")),
        title="<script>alert(1)</script>", source="/somewhere/<odd> name.csv", by="group", resamples=30,
        primary={"measure": "accuracy", "contrast": [long, names[0]]},
    )  # fmt: skip
    page = publish_analysis(found, tmp_path, languages=["fr"])[0]
    html = page.read_text("utf-8")
    assert "<b>" not in html
    assert "<script" not in html
    assert "/somewhere" not in html
    assert read(html).open == []
    assert words_of("fr").say("compared_by", column=words_of("fr").quoted("group")) in text_of(html)
    assert "goes on &lt;for&gt;" in html
    for path in (tmp_path / "analysis" / "figures").glob("*.svg"):
        root = ET.fromstring(path.read_text("utf-8"))
        assert "<b>" not in "".join(root.itertext()) or "<b>0" in "".join(root.itertext())


def test_one_operator(tmp_path: Path) -> None:
    found = find(make_trials(2, 6).filter(pl.col("operator") == "o01"), title="one", source="one.csv", resamples=50)
    html = publish_analysis(found, tmp_path, languages=["en"])[0].read_text("utf-8")
    assert "1 operator ·" in html
    assert "nan" not in text_of(html).lower().split()


def test_a_primary_contrast_that_could_not_be_computed_says_why(findings: Findings, tmp_path: Path) -> None:
    bare = replace(findings.analysis, primary=None, primary_reason="there is no condition “explained”")
    found = replace(findings, analysis=bare, relations=None, trust=None, mediation=None, biases=None, course=None)
    html = publish_analysis(found, tmp_path, languages=["fr"])[0].read_text("utf-8")
    words = words_of("fr")
    assert words["primary_not_computed"] in text_of(html)
    # The program's own sentence is marked as English.
    assert 'lang="en">There is no condition “explained”.' in html


def test_errors(findings: Findings, tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match="at least one language"):
        publish_analysis(findings, tmp_path, languages=[])
    with pytest.raises(UnknownNameError, match="known: en, fr"):
        publish_analysis(findings, tmp_path, languages=["de"])


def test_the_compared_column_is_renamed_everywhere(findings: Findings) -> None:
    def by_group(table: Any) -> Any:
        return table.rename({"condition": "group"})

    analysis = replace(findings.analysis, measures=by_group(findings.analysis.measures))
    assert compared(analysis) == "group"
    assert compared(findings.analysis) == "condition"
    between = pl.DataFrame({"group_first": ["a"], "group_second": ["b"], "share": [0.5]})
    assert renamed(between, "group").columns == ["condition_first", "condition_second", "share"]
    back = renamed(replace(findings, analysis=analysis), "group")
    assert back.analysis.measures.equals(findings.analysis.measures)
    # A column of the new name that is there already gives way.
    both = pl.DataFrame({"condition": ["x"], "group": ["a"]})
    assert renamed(both, "group").to_dicts() == [{"condition": "a"}]
