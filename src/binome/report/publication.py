"""`publish`: the report's pages, its figures as SVG with their data, its tables as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from binome.core import BinomeError
from binome.report.evidence import Evidence
from binome.report.files import clear, page_file, write_whole
from binome.report.items import item_means
from binome.report.page import OtherPage, render
from binome.report.wording import wording


def publish(target: Path, evidence: Evidence, *, languages: Sequence[str] = ("en", "fr")) -> Path:
    """Write the report into a folder.

    `report.html` is in English, `report.fr.html` in French; each is whole in itself and opens from disk without a
    network. `figures/` holds each figure as SVG (`NAME.svg`, `NAME.fr.svg`) with its data as CSV, `tables/` the
    tables as CSV in full precision. The same evidence gives the same bytes. Files of an earlier report that this
    one no longer has are removed from the two folders. It links to the variation study's page where that is there.

    Args:
        languages: at least one of those that the report speaks.

    Returns:
        The page in the first language.

    Raises:
        UnknownNameError: for a language that the report does not speak.
        BinomeError: when no language is named.
    """
    if not languages:
        raise BinomeError("name at least one language for the report")
    files = {code: page_file("report", code) for code in dict.fromkeys(languages)}
    texts: dict[Path, str] = {}
    for code, name in files.items():
        other = next((OtherPage(file, language) for language, file in files.items() if language != code), None)
        twin = page_file("variation", code)
        page = render(evidence, wording(code), other, twin if (target / twin).exists() else None)
        texts[target / name] = page.html
        suffix = "" if code == "en" else f".{code}"
        for figure in page.figures:
            texts[target / "figures" / f"{figure.name}{suffix}.svg"] = figure.file
            texts[target / "figures" / f"{figure.name}.csv"] = figure.data.write_csv()
    for name, table in _tables(evidence).items():
        texts[target / "tables" / f"{name}.csv"] = table.write_csv()
    for path, text in texts.items():
        write_whole(path, text)
    for folder in ("figures", "tables"):
        clear(target / folder, set(texts))
    return target / files[languages[0]]


def _tables(evidence: Evidence) -> Mapping[str, pl.DataFrame]:
    """Everything that the page shows in tables, as numbers."""
    analysis = evidence.analysis
    tables = {
        "measures": analysis.measures,
        "contrasts": analysis.contrasts,
        "accuracy_by_operator": analysis.operators,
        "left_out": analysis.left_out,
        "explanation_scores": item_means(evidence.scores, ["metric", "explanation"]),
        "explanation_agreement": item_means(evidence.agreements, ["measure", "a", "b"]),
    }
    if analysis.primary is not None:
        tables["primary"] = analysis.primary
    if analysis.model is not None:
        tables |= {
            "model_fixed": analysis.model.fixed,
            "model_random": analysis.model.random,
            "model_marginal": analysis.model.marginal,
            "model_contrasts": analysis.model.contrasts,
        }
    return tables
