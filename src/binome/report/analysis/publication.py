"""`publish_analysis`: the pages of an analysis, its figures as SVG with their data, its tables as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from binome.analysis.findings import Findings
from binome.core import BinomeError, Text
from binome.report.analysis.naming import compared, renamed, tables
from binome.report.analysis.page import render
from binome.report.analysis.wording import words_of
from binome.report.files import clear, page_file, write_whole
from binome.report.page import OtherPage

FOLDER = "analysis"


def publish_analysis(
    findings: Findings, folder: Path, title: Text | None = None, *, languages: Sequence[str] = ("en", "fr")
) -> list[Path]:
    """Write the pages of an analysis into a folder.

    `analysis.html` is in English, `analysis.fr.html` in French; each is whole in itself and opens from disk without a
    network. `analysis/figures/` holds each figure as SVG (`NAME.svg`, `NAME.fr.svg`) with its data as CSV,
    `analysis/tables/` every table in full precision. The same findings give the same bytes; figures and tables of an
    earlier page that this one no longer has are removed. It links to the study's report where that is there already.

    Args:
        findings: of `binome.analysis.find`; no study, stimulus set or predictor is needed.
        title: of the page; that of the findings by default.
        languages: at least one of those that the report speaks.

    Returns:
        The files written, the page in the first language first.

    Raises:
        UnknownNameError: for a language that the report does not speak.
        BinomeError: when no language is named.
    """
    if not languages:
        raise BinomeError("name at least one language for the analysis")
    by = compared(findings.analysis)
    shown = renamed(findings, by)
    files = {code: page_file("analysis", code) for code in dict.fromkeys(languages)}
    texts: dict[Path, str] = {}
    for code, name in files.items():
        other = next((OtherPage(file, language) for language, file in files.items() if language != code), None)
        twin = page_file("report", code)
        link = twin if (folder / twin).exists() else None
        page = render(shown, words_of(code), findings.title if title is None else title, other, by, link)
        texts[folder / name] = page.html
        suffix = "" if code == "en" else f".{code}"
        for figure in page.figures:
            texts[folder / FOLDER / "figures" / f"{figure.name}{suffix}.svg"] = figure.file
            texts[folder / FOLDER / "figures" / f"{figure.name}.csv"] = _csv(figure.data)
    for name, table in tables(findings, "").items():
        if name != "analysis_trials":
            texts[folder / FOLDER / "tables" / f"{name}.csv"] = _csv(table)
    for path, text in texts.items():
        write_whole(path, text)
    for kind in ("figures", "tables"):
        clear(folder / FOLDER / kind, set(texts))
    return list(texts)


def _csv(table: pl.DataFrame) -> str:
    """As CSV, which has no room for lists: they become JSON."""
    nested = [name for name, kind in table.schema.items() if kind.is_nested()]
    return table.with_columns(_json(name) for name in nested).write_csv()


def _json(name: str) -> pl.Expr:
    return pl.struct(name).struct.json_encode().alias(name)
