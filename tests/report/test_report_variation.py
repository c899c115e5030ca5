"""The variation study's pages: whole in themselves, true to the tables, sensible where the tables say little."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_report_page import Reader
from variation_tables import METHODS, METRICS, write_tables

from binome.core import ArtefactError, ArtefactStore, BinomeError, Recipe
from binome.report import Findings, publish_variation, read_findings
from binome.report.variation.page import Pictures, render
from binome.report.variation.sections import agreement, choice, drill, quality, stability, variance
from binome.report.variation.wording import Words, words_of

EN, FR = words_of("en"), words_of("fr")
TITLE = {"en": "Sorting <with> a machine", "fr": "Trier avec une machine"}
SMALL: dict[str, Any] = {"items": 12, "side": 12, "trainings": 2, "noises": (0.0, 0.1)}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Findings]:
    """Findings of a small made-up study."""

    def made(**options: Any) -> Findings:
        return read_findings(write_tables(tmp_path_factory.mktemp("grid"), **(SMALL | options)))

    return made


@pytest.fixture(scope="module")
def findings(make: Callable[..., Findings]) -> Findings:
    return make()


@pytest.fixture(scope="module")
def published(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    pages = publish_variation(folder, findings, title=TITLE)
    assert pages == [folder / "variation.html", folder / "variation.fr.html"]
    return folder


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request: pytest.FixtureRequest, published: Path) -> tuple[str, str, Reader]:
    html = (published / ("variation.html" if request.param == "en" else "variation.fr.html")).read_text("utf-8")
    return request.param, html, read(html)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_pages_are_well_formed(page: tuple[str, str, Reader]) -> None:
    language, html, reader = page
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert f'<html lang="{language}">' in html
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    assert "<with>" not in html


def test_pages_need_no_network_and_stay_small(page: tuple[str, str, Reader]) -> None:
    language, html, reader = page
    other = "variation.fr.html" if language == "en" else "variation.html"
    assert {link for link in reader.links if not link.startswith(("#", "data:image/png;base64,"))} == {other}
    assert "@import" not in html
    assert not re.findall(r"url\((?!#|data:image/png;base64,)", html)
    assert "<script" not in html
    assert len(html) < 6_000_000


def test_pages_say_the_numbers_of_the_tables(page: tuple[str, str, Reader], findings: Findings) -> None:
    language, _, reader = page
    words, text = words_of(language), " ".join(reader.text)
    for row in findings.summary.drop_nulls("value").iter_rows(named=True):
        assert words.number(row["value"]) in text
        assert words.limits(row["low"], row["high"]) in text
    for row in findings.dependability.filter(pl.col("reference") == "").iter_rows(named=True):
        assert words.number(row["phi"], 2) in text
    # 12 items, of which every sixth is not kept.
    assert words.say("left_out_some", n="2", total="12", rest="10") in text
    assert ("0,1" if language == "fr" else "0.1") in text
    assert "0.80" not in text or language == "en"


def test_undefined_scores_are_counted(page: tuple[str, str, Reader]) -> None:
    language, html, _ = page
    words = words_of(language)
    table = html[html.index('<table class="heat">') :]
    table = table[: table.index("</table>")]
    assert words.say("undefined_count", n="2") in table
    assert table.count('class="none"') == 1
    assert words["why_score_undefined"] in table
    assert table.count("★") == 0  # the style sheet's, so that it is not read aloud twice
    assert table.count(words["first_aloud"]) == len(METRICS)


def test_equal_findings_give_equal_bytes(findings: Findings, published: Path, tmp_path: Path) -> None:
    (tmp_path / "variation").mkdir()
    (tmp_path / "variation" / "old.svg").write_text("earlier")
    publish_variation(tmp_path, findings, title=TITLE)
    names = sorted(path.relative_to(published) for path in published.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    for name in names:
        assert (tmp_path / name).read_bytes() == (published / name).read_bytes(), name


def test_the_report_is_linked_where_it_is(findings: Findings, published: Path, tmp_path: Path) -> None:
    assert "report.html" not in (published / "variation.html").read_text("utf-8")
    (tmp_path / "report.html").write_text("the study's report")
    publish_variation(tmp_path, findings, title=TITLE)
    assert '<a href="report.html">' in (tmp_path / "variation.html").read_text("utf-8")
    assert "report.fr.html" not in (tmp_path / "variation.fr.html").read_text("utf-8")


def test_every_figure_is_saved_with_its_data(published: Path) -> None:
    stems = {path.stem for path in (published / "variation").glob("*.csv")}
    assert {"choice", "variance", "facets", "dependability", "decision-study", "alike-spearman", "agreement-spearman",
            "scores", "differences", "concordance", "stability-1"} <= stems  # fmt: skip
    for stem in stems:
        for suffix in ("", ".fr"):
            assert (published / "variation" / f"{stem}{suffix}.svg").read_text("utf-8").startswith("<svg")
    pixels = pl.read_csv(published / "variation" / "stability-1.csv")
    assert pixels.height == 6 * 12 * 12
    assert pixels.columns == ["item", "method", "row", "column", "mean", "deviation", "dependability"]


def test_a_winner_is_named_only_where_there_is_one(make: Callable[..., Findings]) -> None:
    unclear, clear = make(methods=METHODS[:4], lead=0.2), make(methods=METHODS[:4], lead=0.93)
    shares = unclear.choice.sort("best", descending=True)["best"].to_list()
    said = choice.finding(unclear, EN)
    assert said == (
        f"No clear winner: “occlusion” comes first in {100 * shares[0]:.0f}% of the resamples of the items,"
        f" “ig” in {100 * shares[1]:.0f}%.",
    )
    assert choice.finding(clear, EN)[0].startswith("Show “occlusion”: it comes first in 96%")
    assert choice.finding(clear, FR)[0].startswith(
        "Montrez «\u00a0occlusion\u00a0»\u00a0: elle arrive en tête dans 96\u00a0%"
    )


def test_a_placebo_that_does_better_is_said_and_never_wins(findings: Findings) -> None:
    better = findings.choice.with_columns(
        score=pl.when(pl.col("method") == "placebo").then(1.0).otherwise(pl.col("score") + 1)
    )
    said = choice.finding(_with(findings, choice=better), EN)
    assert said[0].startswith("No clear winner")
    assert "“placebo”, a placebo, has the best mean rank of all" in said[1]
    assert len(choice.finding(findings, EN)) == 1


def test_variation_is_said_with_its_uncertainty(findings: Findings) -> None:
    said = variance.findings_said(findings, EN)
    assert said[0].startswith("What a map shows hangs most on which method is used: it takes part in ")
    assert "is not dependable: Φ = 0.3" in said[1]
    assert "for shuffled maps" in said[2]
    wide = findings.facets.with_columns(low=pl.lit(0.0), high=pl.lit(1.0))
    assert "which of them weighs more is not clear" in variance.findings_said(_with(findings, facets=wide), EN)[0]


@pytest.mark.parametrize(
    ("phi", "low", "high", "verdict"),
    [(0.9, 0.82, 0.95, "enough"), (0.7, 0.6, 0.79, "little"), (0.8, 0.7, 0.9, "unsure"), (0.9, None, None, "enough")],
)
def test_verdicts_heed_the_interval(phi: float, low: float | None, high: float | None, verdict: str) -> None:
    assert variance.verdict(phi, low, high) == verdict


def test_how_many_to_average(findings: Findings) -> None:
    assert variance.advice(findings, EN)[0].startswith("Averaging any one thing is not enough for 0.8: ")
    enough = findings.decisions.with_columns(needed=pl.when(pl.col("facet") == "seed").then(7))
    assert variance.advice(_with(findings, decisions=enough), EN) == ("Average 7 seeds, and Φ reaches 0.8.",)
    table = variance.needed(_with(findings, decisions=enough), EN)
    assert table is not None
    texts = [cell.text for cell in table.rows[0]]
    assert texts[0] == "all methods"
    assert "7 seeds" in texts
    assert "no number" in texts


def test_seeds_are_no_choice_of_methods_that_draw_nothing(findings: Findings) -> None:
    grown = findings.facets.vstack(
        findings.facets.filter((pl.col("method") == "rise") & (pl.col("facet") == "seed")).with_columns(
            method=pl.lit("ig")
        )
    )
    kept = findings.meant(grown)
    assert kept.equals(findings.facets)
    assert {"", "smooth", "rise"} <= set(kept.filter(pl.col("facet") == "seed")["method"])


def test_agreement_leaves_placebos_out(findings: Findings) -> None:
    """The mean over pairs, computed here from the rows."""
    rows = [
        row["value"]
        for row in findings.agreements.iter_rows(named=True)
        if (row["reference"], row["facet"], row["measure"]) == ("", "method", "spearman")
        and "placebo" not in (row["a"], row["b"])
    ]
    assert len(rows) == 10
    said = agreement.finding(findings, EN)
    assert said[0] == (
        f"Maps agree least when another method is used: {sum(rows) / 10:.2f} on average over pairs,"
        f" which go from {min(rows):.2f} to {max(rows):.2f}."
    )
    assert said[2].startswith("Maps agree most when the noise on the input changes")


def test_quality_is_said_from_ranks(findings: Findings) -> None:
    said = quality.finding(findings, EN)
    best = findings.summary.drop_nulls("rank").sort("rank").group_by("metric", maintain_order=True).first()
    counts = dict(best["method"].value_counts().iter_rows())
    assert max(counts, key=lambda name: counts[name]) in said[0]
    assert "in part only (Kendall’s W = 0.46 [0.31, 0.63]" in said[1]
    heat = quality.heat(findings, EN)
    assert heat is not None
    for family in heat.families:
        for line in family.lines:
            ranks = [float(score.rank.split()[1]) for score in line.scores if score.rank]
            shades = [score.heat for score in line.scores if score.heat is not None]
            assert sorted(range(len(ranks)), key=lambda i: ranks[i]) == sorted(
                range(len(ranks)), key=lambda i: -shades[i]
            )
            assert [score.first for score in line.scores if score.rank].count(True) == ranks.count(min(ranks))


def test_steady_pixels_by_hand(findings: Findings) -> None:
    mean = [0.0] * 134 + [1.0] * 10
    table = pl.DataFrame(
        {
            "item": ["i"], "method": ["ig"], "mean": [mean], "deviation": [[0.1] * 144],
            "dependability": [[0.0] * 134 + [0.9] * 6 + [0.5] * 4],
        },
        schema=findings.stability.schema,
    )  # fmt: skip
    # The ninth decile of the mean is 0: only the ten pixels above it are called important, and six can be depended on.
    assert stability.steady(_with(findings, stability=table))["ig"] == [pytest.approx(0.6)]


def test_items_go_from_the_least_dependable_to_the_most(make: Callable[..., Findings]) -> None:
    many = make(items=40)
    items = drill.chosen(many)
    assert len(items) == drill.MOST == len(set(items))
    phis = dict(many.item_dependability.filter(pl.col("method") == "").select("item", "phi").iter_rows())
    values = [phis[item] for item in items]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (min(phis.values()), max(phis.values()))


def test_drill_shows_every_map_once_more(findings: Findings) -> None:
    (item, *_) = drill.illustrated(findings)
    (shown, *_) = drill.specimens([item], findings, EN)
    assert [name for name, _ in shown.over.rows] == list(findings.methods)
    assert sum(bool(map_.picture) for _, line in shown.over.rows for map_ in line) == 13
    grids = dict(shown.within)["rise"]
    assert [rows.caption for rows in grids] == ["no noise", "noise 0.1"]
    assert grids[0].columns == ("seed 0", "seed 1", "seed 2")
    assert [len(line) for _, line in grids[0].rows] == [3, 3]
    assert all(map_.picture for rows in grids for _, line in rows.rows for map_ in line)


EMPTY: dict[str, dict[str, Any]] = {
    "one method": {"methods": METHODS[:1]},
    "one drawn method": {"methods": METHODS[2:3], "metrics": METRICS[:1]},
    "nothing drawn": {"methods": (METHODS[0], METHODS[1]), "seeds": 1},
    "nothing varied": {"methods": METHODS[5:], "seeds": 1, "trainings": 1, "noises": (0.0,)},
    "no metrics": {"methods": METHODS[:2], "metrics": ()},
    "no items kept": {"methods": METHODS[:2], "kept": lambda i: 0.5},
    "no items": {"methods": METHODS[:2], "items": 0},
    "all undefined": {"methods": METHODS[:3], "defined": False},
    "no pictures": {"methods": METHODS[:2], "pictures": False},
    "placebos alone": {"methods": METHODS[5:]},
}
SAID = {
    "one method": ("choice_single", {"method": "“ig”"}),
    "nothing varied": ("variance_nothing_varied", {}),
    "no metrics": ("quality_missing", {}),
    "no items kept": ("variance_no_items", {}),
    "no items": ("items_none", {}),
    "all undefined": ("variance_undefined", {}),
}


@pytest.mark.parametrize(("state", "words"), [(state, (EN, FR)[i % 2]) for i, state in enumerate(EMPTY)])
def test_little_to_say_still_makes_a_page(make: Callable[..., Findings], state: str, words: Words) -> None:
    found = make(**EMPTY[state])
    html = render(found, Pictures.of(found), words, "Little", None).html
    assert read(html).open == []
    assert "None" not in html
    assert "nan" not in re.sub(r"<svg.*?</svg>|data:[^\"')]*", "", html, flags=re.DOTALL).split("</style>")[1].split()
    if state in SAID:
        key, values = SAID[state]
        assert words.say(key, **values) in html


def test_tables_that_cannot_be_read(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, methods=METHODS[:1], items=2, side=4, metrics=())

    def copied(change: Callable[[Path], None], summary: dict[str, int], number: int) -> Path:
        def build(target: Path) -> dict[str, int]:
            for path in folder.glob("*.parquet"):
                (target / path.name).write_bytes(path.read_bytes())
            change(target)
            return summary

        return ArtefactStore(tmp_path / "changed").make(Recipe("grid", {"number": number}), build)

    size = {"height": 4, "width": 4}
    with pytest.raises(BinomeError, match=r"choice\.parquet is missing.*without rows"):
        read_findings(copied(lambda target: (target / "choice.parquet").unlink(), size, 0))

    def lose(target: Path) -> None:
        pl.read_parquet(target / "facets.parquet").drop("share").write_parquet(target / "facets.parquet")

    with pytest.raises(BinomeError, match=r"facets\.parquet lacks share; it has reference, of"):
        read_findings(copied(lose, size, 1))
    with pytest.raises(BinomeError, match="summary lacks height"):
        read_findings(copied(lambda target: None, {"width": 4}, 2))
    (folder / "scores.parquet").write_bytes(b"spoilt")
    with pytest.raises(ArtefactError, match="was changed"):
        read_findings(folder)


def _with(findings: Findings, **tables: pl.DataFrame) -> Findings:
    return replace(findings, **tables)  # type: ignore[arg-type]
