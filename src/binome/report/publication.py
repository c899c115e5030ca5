"""`publish`: the report's pages, its figures as SVG with their data, its tables as CSV."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from binome.report.evidence import Evidence
from binome.report.page import render
from binome.report.wording import wording


def publish(target: Path, evidence: Evidence, *, languages: Sequence[str] = ("en", "fr")) -> Path:
    """Write the report into a folder: `report.html` in the first language, `report.fr.html` in another.

    The same evidence gives the same bytes. Each page is whole in itself: it opens from disk, without a network.

    Returns:
        The first page.
    """
    names = {code: "report.html" if code == languages[0] else f"report.{code}.html" for code in languages}
    target.mkdir(parents=True, exist_ok=True)
    for code, name in names.items():
        other = next((file for language, file in names.items() if language != code), name)
        page, figures = render(evidence, wording(code), other)
        _write(target / name, page)
        for figure in figures:
            suffix = "" if code == languages[0] else f".{code}"
            _write(target / "figures" / f"{figure.name}{suffix}.svg", figure.svg)
            _write(target / "figures" / f"{figure.name}.csv", figure.data.write_csv())
    analysis = evidence.analysis
    tables = {"measures": analysis.measures, "contrasts": analysis.contrasts, "left_out": analysis.left_out}
    if analysis.primary is not None:
        tables["primary"] = analysis.primary
    if analysis.model is not None:
        tables |= {"model_fixed": analysis.model.fixed, "model_random": analysis.model.random}
    for name, table in tables.items():
        _write(target / "tables" / f"{name}.csv", table.write_csv())
    return target / names[languages[0]]


def _write(path: Path, text: str) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, path)
