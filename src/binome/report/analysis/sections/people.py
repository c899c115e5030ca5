"""Who counts, who was left out and why, which rows of the file were, and what it changes."""

from __future__ import annotations

import polars as pl

from binome.analysis import Analysis
from binome.analysis.findings import Findings
from binome.analysis.measure import registry
from binome.report.analysis.wording import Words
from binome.report.sections.answer import scale
from binome.report.tables import Cell, Table, table

SHOWN = 50
"""Rejected rows on the page; the CSV has all."""
SHARES = ("share", "difference")


def finding(findings: Findings, words: Words) -> tuple[str, ...]:
    """Of those who began, how many count; of the file's rows, how many could not be read."""
    steps = {row["step"]: row for row in findings.flow.iter_rows(named=True)}
    if not {"began", "analysed"} <= set(steps):
        return (words["flow_empty"],)
    began, analysed = steps["began"], steps["analysed"]
    lost = began["operators"] - analysed["operators"]
    names = {
        "began": words.counted("operators_only", began["operators"]),
        "analysed": words.count(analysed["operators"]),
        "trials": words.counted("trials", analysed["trials"]),
        "lost": words.count(lost),
    }
    said = [words.say("people_some" if lost else "people_all", **names)]
    if findings.rejected is not None and findings.rejected.height:
        count = findings.rejected["row"].n_unique()
        said.append(words["rejected_one"] if count == 1 else words.say("rejected_many", n=words.count(count)))
    return tuple(said)


def flow_table(findings: Findings, words: Words) -> Table:
    """The steps as a table."""
    rows: list[list[Cell | str]] = [
        [
            words.reason(row["reason"]) if row["reason"] else words[f"step_{row['step']}"],
            words.count(row["operators"]),
            words.count(row["trials"]),
        ]
        for row in findings.flow.iter_rows(named=True)
    ]
    return table(words["flow_title"], [words[key] for key in ("step_head", "operators_head", "trials")], rows)


def rejected(findings: Findings, words: Words) -> Table | None:
    """Rows of the file that could not be used."""
    if findings.rejected is None or findings.rejected.is_empty():
        return None
    columns = [name for name in ("row", "column", "found", "expected", "hint") if name in findings.rejected.columns]
    rows: list[list[Cell | str]] = [
        ["" if row[name] is None else str(row[name]) for name in columns]
        for row in findings.rejected.head(SHOWN).iter_rows(named=True)
    ]
    return table(words["rejected_caption"], [words[f"rejected_{name}"] for name in columns], rows, text=len(columns))


def changed(findings: Findings, words: Words) -> str:
    """By how much the measures of decisions change with the excluded rows kept in."""
    if findings.with_excluded is None:
        return ""
    both = _both(findings.analysis, findings.with_excluded)
    shares = [name for name in both["measure"].unique() if str(registry.get(name).declared["unit"]) in SHARES]
    both = both.filter(pl.col("measure").is_in(shares)).drop_nulls(["value", "other"])
    if both.is_empty():
        return ""
    row = both.sort((pl.col("value") - pl.col("other")).abs(), descending=True, maintain_order=True).row(0, named=True)
    shown = scale(row["measure"])
    return words.say(
        "exclusions_most",
        measure=words.measure(row["measure"]),
        condition=words.quoted(row["condition"]),
        change=shown.said(row["other"] - row["value"], words),
    )


def side_by_side(findings: Findings, words: Words) -> Table | None:
    """Every measure and condition, as declared and with the excluded rows."""
    if findings.with_excluded is None:
        return None
    rows: list[list[Cell | str]] = [
        [
            words.measure(row["measure"]),
            Cell(row["condition"], condition=row["condition"]),
            words.interval(row["value"], row["low"], row["high"]),
            words.interval(row["other"], row["other_low"], row["other_high"]),
        ]
        for row in _both(findings.analysis, findings.with_excluded).iter_rows(named=True)
    ]
    head = [words[key] for key in ("measure", "condition", "exclusions_kept", "exclusions_all")]
    return table(words["exclusions_caption"], head, rows, text=2)


def _both(analysis: Analysis, other: Analysis) -> pl.DataFrame:
    names = {"value": "other", "low": "other_low", "high": "other_high"}
    whole = other.measures.select("measure", "condition", *names).rename(names)
    return analysis.measures.join(whole, on=["measure", "condition"], how="left", maintain_order="left")
