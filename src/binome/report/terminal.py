"""The measures for a terminal, or as plain text in a pipe."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from binome.analysis import Analysis
from binome.report.page import measure_rows
from binome.report.wording import wording


def terminal(analysis: Analysis, language: str = "en") -> Group:
    """A table of all measures by condition, then the primary contrast and the mixed model."""
    words = wording(language)
    table = Table(words["measure"], *analysis.conditions, box=None, pad_edge=False, header_style="bold")
    for line in measure_rows(analysis.measures, list(analysis.conditions), words):
        table.add_row(line["name"], *(f"{cell['value']} {cell['interval']}".strip() for cell in line["cells"]))
    who = f"{analysis.operator_count} operators, {analysis.trials.height} decisions"
    if analysis.simulated:
        who += ", SIMULATED: no evidence about people"
    lines: list[RenderableType] = [Text(who, style="yellow" if analysis.simulated else ""), table, Text()]
    if analysis.primary is not None:
        first = analysis.primary.to_dicts()[0]
        lines.append(
            Text(
                f"Primary (confirmatory)  {words.measure(first['measure'])}, {first['first']} − {first['second']}: "
                f"{words.interval(first['value'], first['low'], first['high'])}, p {words.p(first['p'])}"
            )
        )
    if analysis.model is None:
        lines.append(Text(f"Mixed model             none: {analysis.model_reason}"))
    else:
        lines.append(Text(f"Mixed model             {analysis.model.formula}"))
        for row in analysis.model.fixed.to_dicts():
            estimate, error = words.number(row["estimate"]), words.number(row["se"])
            odds, p = words.number(row["odds_ratio"], 2), words.p(row["p"])
            lines.append(Text(f"  {row['term']:<22}{estimate} (SE {error}), odds ratio {odds}, p {p}"))
        lines += [Text(f"  {message}", style="yellow") for message in analysis.model.messages]
    return Group(*lines)
