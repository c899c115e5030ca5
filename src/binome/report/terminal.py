"""The analysis for a terminal, or as plain text in a pipe: what was declared first, then all else."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from binome.analysis import Analysis
from binome.analysis.findings import Findings
from binome.report.analysis.naming import compared, renamed
from binome.report.analysis.sections.biases import finding as biases_said
from binome.report.analysis.wording import Words, words_of
from binome.report.evidence import Evidence
from binome.report.wording import Wording

NAMES = 2
GROUPS = 3
"""Estimates of one bias that are printed; the page has all."""


def terminal(found: Analysis | Evidence | Findings, language: str = "en") -> Group:
    """The primary contrast; then, as exploratory, a row a measure and condition, the mixed model, and the biases."""
    words = words_of(language)
    analysis = found if isinstance(found, Analysis) else found.analysis
    by = compared(analysis)
    analysis = renamed(analysis, by)
    parts: list[RenderableType] = [_who(analysis, words)]
    if isinstance(found, Findings):
        parts += _rejected(found, words)
    parts += [Text(), *_primary(analysis, words), _heading(words["exploratory"]), _table(analysis, words), Text()]
    parts += _model(analysis, words)
    if isinstance(found, Findings) and found.biases is not None:
        parts += _biases(found.biases, words)
    return Group(*parts)


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _who(analysis: Analysis, words: Wording) -> Text:
    who = Text(
        words.say("operators_said", operators=analysis.operator_count, trials=words.count(analysis.trials.height))
    )
    if analysis.simulated:
        who.append(f"  {words['simulated_title']}", "bold yellow")
    return who


def _rejected(found: Findings, words: Words) -> list[RenderableType]:
    if found.rejected is None or found.rejected.is_empty():
        return []
    count = found.rejected["row"].n_unique()
    text = words["rejected_one"] if count == 1 else words.say("rejected_many", n=words.count(count))
    return [Text(text, style="yellow")]


def _table(analysis: Analysis, words: Wording) -> Table:
    rows, before = [], None
    for row in analysis.measures.iter_rows(named=True):
        rows.append(
            (
                words.measure(row["measure"]) if row["measure"] != before else "",
                row["condition"],
                words.number(row["value"]),
                words.limits(row["low"], row["high"]) or words.undefined,
                words.count(row["n"]),
                words.count(row["undefined"]),
            )
        )
        before = row["measure"]
    return _ruled([words[key] for key in ("measure", "condition", "value", "limits", "n", "undefined")], rows)


def _ruled(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table of two columns of names, which wrap where the terminal is narrow, and of numbers, which are never cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head[:NAMES]:
        table.add_column(name, overflow="fold")
    for i, name in enumerate(head[NAMES:], NAMES):
        needed = max((len(row[i]) for row in rows), default=0)
        table.add_column(name, justify="right", no_wrap=True, min_width=max(needed, len(name)))
    for row in rows:
        # As text: square brackets in a name are no markup.
        table.add_row(*(Text(cell) for cell in row))
    return table


def _primary(analysis: Analysis, words: Wording) -> list[RenderableType]:
    if analysis.primary is not None:
        row = analysis.primary.to_dicts()[0]
        interval = words.interval(row["value"], row["low"], row["high"])
        names = {"measure": words.measure(row["measure"]), "first": row["first"], "second": row["second"]}
        return [Text(words.say("primary_said", **names, interval=interval, p=words.p(row["p"])), style="bold"), Text()]
    if analysis.primary_reason:
        return [Text(words.say("primary_unsaid", reason=analysis.primary_reason), style="bold"), Text()]
    return []


def _model(analysis: Analysis, words: Wording) -> list[RenderableType]:
    if analysis.model is None:
        return [Text(words.say("model_unsaid", reason=analysis.model_reason))]
    fixed = Table(box=None, pad_edge=False, header_style="")
    fixed.add_column(f"  {words['term']}", no_wrap=True)
    for key in ("estimate", "se", "odds", "p"):
        fixed.add_column(words[key], justify="right", no_wrap=True)
    for row in analysis.model.fixed.iter_rows(named=True):
        numbers = (words.number(row["estimate"]), words.number(row["se"]), words.number(row["odds_ratio"], 2))
        fixed.add_row(Text(f"  {row['term']}"), *numbers, words.bare_p(row["p"]))
    lines: list[RenderableType] = [Text(words.say("model_said", formula=analysis.model.formula)), fixed]
    if not analysis.model.converged:
        lines.append(Text(f"  {words['model_failed']}", style="bold yellow"))
    return [*lines, *(Text(f"  {message}", style="yellow") for message in analysis.model.messages)]


def _biases(found: pl.DataFrame, words: Words) -> list[RenderableType]:
    """The biases that can be told, few rows of each, and how many cannot."""
    known = found.filter(pl.col("identifiable"))
    rows, before = [], None
    for row in known.filter(pl.int_range(pl.len()).over("bias") < GROUPS).iter_rows(named=True):
        rows.append(
            (
                words.bias(row["bias"]) if row["bias"] != before else "",
                words.bias_group(row["against"], row["group"] or words["all_groups"]),
                words.signed(row["value"]),
                words.limits(row["low"], row["high"]) or words.undefined,
            )
        )
        before = row["bias"]
    lost = found["bias"].n_unique() - known["bias"].n_unique()
    lines: list[RenderableType] = [Text(), Text(biases_said(found, words)[0])]
    lines += [_ruled([words[key] for key in ("bias_head", "group_head", "value", "limits")], rows)] if rows else []
    return [*lines, *([Text(words.say("biases_lost", n=words.count(lost)))] if lost else [])]
