"""Which explanation to show: a sentence that names a winner only where there is one."""

from __future__ import annotations

from binome.report.tables import Cell, Table, table
from binome.report.variation.findings import Findings
from binome.report.variation.wording import Words

CLEAR = 0.95
"""Share of the resamples in which a method must come first to be named."""


def finding(findings: Findings, words: Words) -> tuple[str, ...]:
    """The answer, or why there is none; and a caution where a placebo does better."""
    return (_answer(findings, words), *_caution(findings, words))


def _answer(findings: Findings, words: Words) -> str:
    if findings.choice.is_empty():
        return words["choice_missing"]
    if len(findings.methods) < 2:
        return words.say("choice_single", method=words.quoted(findings.methods[0]))
    # Placebos have no share: they are not to be shown.
    found = findings.choice.drop_nulls("best").sort("best", descending=True, maintain_order=True)
    if found.is_empty():
        return words["choice_undefined"]
    first = found.row(0, named=True)
    names = {"first": words.quoted(first["method"]), "share": words.percent(first["best"])}
    if first["best"] >= CLEAR:
        return words.say("choice_clear", **names)
    if found.height < 2:
        return words.say("choice_unclear_alone", **names)
    second = found.row(1, named=True)
    names |= {"second": words.quoted(second["method"]), "second_share": words.percent(second["best"])}
    return words.say("choice_unclear", **names)


def _caution(findings: Findings, words: Words) -> tuple[str, ...]:
    """A placebo takes no part in coming first; that its ranks are better than those of all others must be said."""
    ranked = findings.choice.drop_nulls("score").sort("score", maintain_order=True)
    if ranked.height < 2 or not ranked["control"][0]:
        return ()
    return (words.say("choice_placebo", placebo=words.quoted(ranked["method"][0])),)


def criteria(findings: Findings, words: Words) -> Table | None:
    """What stands behind the answer, the best mean of ranks first."""
    if findings.choice.is_empty():
        return None
    seconds = findings.choice["seconds"].drop_nulls()
    digits = 0 if seconds.is_empty() or float(seconds.min()) >= 0.01 else 1  # type: ignore[arg-type]
    rows: list[list[Cell | str]] = []
    for row in findings.choice.sort("score", nulls_last=True, maintain_order=True).iter_rows(named=True):
        control = row["control"] and row["method"] != words["role_control"]
        rows.append(
            [
                Cell(row["method"], (words["role_control"],) if control else ()),
                words.number(row["score"], 2),
                words.number(row["faithfulness"], 2),
                words.number(row["dependability"], 2),
                words.number(row["agreement"], 2),
                words.percent(row["complexity"]),
                words.number(None if row["seconds"] is None else 1000 * row["seconds"], digits),
            ]
        )
    keys = ("score", "faithfulness", "dependability", "agreement", "complexity", "cost")
    head = [Cell(words["explanation"])]
    head += [Cell(words[f"criterion_{key}"], (words[f"criterion_{key}_better"],)) for key in keys]
    return table(words["criteria_caption"], head, rows)
