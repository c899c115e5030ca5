"""The published report: whole in itself, true to the numbers, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from binome.core import BinomeError, UnknownNameError
from binome.report import Evidence, publish
from binome.report.wording import wording

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Reader(HTMLParser):
    """Checks that elements nest, and gathers what the page refers to and says."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given[name] or "" for name in ("src", "href", "xlink:href", "data", "poster") if name in given]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


@pytest.fixture(scope="module")
def published(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("report"), evidence).parent


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request: pytest.FixtureRequest, published: Path) -> tuple[str, str, Reader]:
    name = "report.html" if request.param == "en" else "report.fr.html"
    html = (published / name).read_text("utf-8")
    reader = Reader()
    reader.feed(html)
    reader.close()
    return request.param, html, reader


def test_pages_are_well_formed(page: tuple[str, str, Reader]) -> None:
    language, html, reader = page
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert f'<html lang="{language}">' in html
    anchors = {link[1:] for link in reader.links if link.startswith("#")}
    assert anchors <= set(reader.ids)


def test_pages_need_no_network(page: tuple[str, str, Reader]) -> None:
    language, html, reader = page
    other = "report.fr.html" if language == "en" else "report.html"
    assert {link for link in reader.links if not link.startswith(("#", "data:image/png;base64,"))} == {other}
    assert "@import" not in html
    assert not re.findall(r"url\((?!#)", html)
    assert "<script" not in html
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<)]+", html)) <= namespaces


def test_titles_are_escaped(published: Path) -> None:
    html = (published / "report.html").read_text("utf-8")
    assert "Naming animals &lt;with&gt; a machine" in html
    assert "<with>" not in html


def test_pages_say_the_numbers_of_the_tables(page: tuple[str, str, Reader], evidence: Evidence) -> None:
    language, _, reader = page
    words, text = wording(language), " ".join(reader.text)
    for row in evidence.analysis.measures.drop_nulls("value").iter_rows(named=True):
        assert words.number(row["value"]) in text
        assert words.limits(row["low"], row["high"]) in text
    model = evidence.analysis.model
    assert model is not None
    for row in model.marginal.iter_rows(named=True):
        assert words.number(row["probability"]) in text
    assert words["simulated_title"] in text
    assert words["confirmatory"] in text


def test_what_is_undefined_is_a_dash_with_its_reason(page: tuple[str, str, Reader]) -> None:
    language, html, _ = page
    words = wording(language)
    row = html[html.index(f'<span class="main">{words.measure("rair")}</span>') :]
    row = row[: row.index("</tr>")]
    alone = row[row.index("<td") : row.index("</td>")]
    assert f'title="{words["why_no_advice"]}"' in alone
    assert '<span class="main">–</span>' in alone
    assert "0.000" not in alone
    # An undefined figure of the model card is a dash as well.
    facts = html[html.index('<dl class="facts">') :]
    assert f"<dt>{words['fact_balanced']}</dt><dd>–</dd>" in facts


def test_the_banner_is_for_simulated_operators_only(evidence: Evidence, tmp_path: Path) -> None:
    people = replace(evidence, analysis=replace(evidence.analysis, simulated=0.0))
    html = publish(tmp_path, people, languages=["en"]).read_text("utf-8")
    words = wording("en")
    assert words["simulated_title"] not in html
    assert words["simulated_note"] not in html
    assert words["limit_simulated"] not in html
    # Sessions of 600, 610, … 830 seconds: the median is 715.
    assert words.say("durations_text", median="11.9", low="11.0", high="12.9") in html
    mixed = replace(evidence, analysis=replace(evidence.analysis, simulated=0.4))
    assert "40% of the decisions" in publish(tmp_path, mixed, languages=["en"]).read_text("utf-8")


def test_the_flow_accounts_for_everybody(published: Path) -> None:
    html = (published / "report.html").read_text("utf-8")
    flow = html[html.index('<ol class="flow">') :]
    assert re.findall(r"<strong>(\d+)</strong>", flow[: flow.index("</ol>")]) == ["25", "24", "23"]
    assert "1 did not finish" in flow
    assert "1 left out" in flow
    assert "failed the attention checks" in flow


def test_questionnaires_count_who_has_no_score(published: Path) -> None:
    html = (published / "report.html").read_text("utf-8")
    table = html[html.index(wording("en")["questionnaires_caption"]) :]
    row = re.findall(r'<span class="main[^>]*>(?:<svg.*?</svg>)?([^<]*)</span>', table[table.index("Workload") - 40 :])
    # 40 + o for o in 0 … 23 but 3: the mean is 40 + (276 − 3) / 23, the variance (4324 − 9 − 273² / 23) / 22.
    assert row[:6] == ["Workload", "alone", "51.87", "6.99", "23", "1"]
    assert "the French text is this project’s own translation" in html


def test_equal_evidence_gives_equal_bytes(evidence: Evidence, published: Path, tmp_path: Path) -> None:
    publish(tmp_path, evidence)
    names = sorted(path.relative_to(published) for path in published.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    for name in names:
        assert (tmp_path / name).read_bytes() == (published / name).read_bytes(), name


def test_tables_are_written_in_full(published: Path, evidence: Evidence) -> None:
    read = pl.read_csv(published / "tables" / "measures.csv")
    wanted = evidence.analysis.measures.with_columns(pl.col("measure", "condition").cast(pl.String))
    assert read.equals(wanted)
    for figure in (published / "figures").glob("*.svg"):
        if not figure.stem.endswith(".fr"):
            assert figure.with_suffix(".csv").exists()
            assert figure.with_name(f"{figure.stem}.fr.svg").exists()


def test_an_earlier_report_s_figures_do_not_stay(evidence: Evidence, tmp_path: Path) -> None:
    publish(tmp_path, evidence)
    (tmp_path / "figures" / "notes.txt").write_text("mine")
    found = evidence.analysis
    less = replace(
        found, measures=found.measures.filter(pl.col("measure") == "accuracy"), model=None, model_reason="why"
    )
    page = publish(tmp_path, replace(evidence, analysis=less), languages=["en"])
    kept = {path.name for path in (tmp_path / "figures").iterdir()}
    assert {"reliance-plane.svg", "odds.svg", "odds.csv", "accuracy.fr.svg"}.isdisjoint(kept)
    assert {"accuracy.svg", "notes.txt"} <= kept
    assert not (tmp_path / "tables" / "model_fixed.csv").exists()
    html = page.read_text("utf-8")
    assert wording("en").say("model_missing", reason="why") in html
    assert wording("en")["reliance_none"] in html
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".new")]


def test_languages_that_cannot_be_written(evidence: Evidence, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="report language 'de'"):
        publish(tmp_path, evidence, languages=["en", "de"])
    with pytest.raises(BinomeError, match="at least one language"):
        publish(tmp_path, evidence, languages=[])
    assert list(tmp_path.iterdir()) == []


def test_the_variation_study_is_linked_where_it_is(evidence: Evidence, published: Path, tmp_path: Path) -> None:
    assert "variation.html" not in (published / "report.html").read_text("utf-8")
    (tmp_path / "variation.html").write_text("the study's page")
    publish(tmp_path, evidence, languages=["en", "fr"])
    assert '<a href="variation.html">' in (tmp_path / "report.html").read_text("utf-8")
    assert 'href="variation' not in (tmp_path / "report.fr.html").read_text("utf-8")
