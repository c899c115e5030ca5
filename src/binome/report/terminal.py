"""The measures for a terminal, or as plain text in a pipe."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from binome.analysis import Analysis
from binome.report.evidence import Evidence
from binome.report.wording import Wording, wording


def terminal(found: Analysis | Evidence, language: str = "en") -> Group:
    """A table of all measures, one row a measure and condition, then the primary contrast and the mixed model."""
    analysis, words = found.analysis if isinstance(found, Evidence) else found, wording(language)
    return Group(_who(analysis, words), Text(), _table(analysis, words), Text(), *_findings(analysis, words))


def _who(analysis: Analysis, words: Wording) -> Text:
    who = Text(
        words.say("operators_said", operators=analysis.operator_count, trials=words.count(analysis.trials.height))
    )
    if analysis.simulated:
        who.append(f"  {words['simulated_title']}", "bold yellow")
    return who


def _table(analysis: Analysis, words: Wording) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in ("measure", "condition"):
        table.add_column(words[key], no_wrap=True)
    for key in ("value", "limits", "n", "undefined"):
        table.add_column(words[key], justify="right", no_wrap=True)
    before = None
    for row in analysis.measures.iter_rows(named=True):
        table.add_row(
            # As text: square brackets in a name are no markup.
            Text(words.measure(row["measure"]) if row["measure"] != before else ""),
            Text(row["condition"]),
            words.number(row["value"]),
            Text(words.limits(row["low"], row["high"]) or words.undefined),
            words.count(row["n"]),
            words.count(row["undefined"]),
        )
        before = row["measure"]
    return table


def _findings(analysis: Analysis, words: Wording) -> list[RenderableType]:
    lines: list[RenderableType] = []
    if analysis.primary is not None:
        row = analysis.primary.to_dicts()[0]
        interval = words.interval(row["value"], row["low"], row["high"])
        names = {"measure": words.measure(row["measure"]), "first": row["first"], "second": row["second"]}
        lines.append(Text(words.say("primary_said", **names, interval=interval, p=words.p(row["p"]))))
    elif analysis.primary_reason:
        lines.append(Text(words.say("primary_unsaid", reason=analysis.primary_reason)))
    if analysis.model is None:
        return [*lines, Text(words.say("model_unsaid", reason=analysis.model_reason))]
    lines.append(Text(words.say("model_said", formula=analysis.model.formula)))
    fixed = Table(box=None, pad_edge=False, header_style="")
    fixed.add_column(f"  {words['term']}", no_wrap=True)
    for key in ("estimate", "se", "odds", "p"):
        fixed.add_column(words[key], justify="right", no_wrap=True)
    for row in analysis.model.fixed.iter_rows(named=True):
        numbers = (words.number(row["estimate"]), words.number(row["se"]), words.number(row["odds_ratio"], 2))
        fixed.add_row(Text(f"  {row['term']}"), *numbers, words.bare_p(row["p"]))
    lines.append(fixed)
    if not analysis.model.converged:
        lines.append(Text(f"  {words['model_failed']}", style="bold yellow"))
    return [*lines, *(Text(f"  {message}", style="yellow") for message in analysis.model.messages)]
