"""How often decisions were right, condition by condition."""

from __future__ import annotations

import polars as pl

from binome.analysis import Analysis
from binome.report.analysis.sections.estimates import lowest_and_highest, percents, rows_of
from binome.report.analysis.wording import Words

ALPHA = 0.05


def finding(analysis: Analysis, words: Words) -> tuple[str, ...]:
    """Where decisions were right most and least often, and how many pairs of conditions differ."""
    rows = rows_of(analysis, "accuracy")
    if not rows:
        return (words["accuracy_missing"],)
    if len(rows) == 1:
        return (words.say("accuracy_single", value=percents(rows[0], words)),)
    low, high = lowest_and_highest(rows)
    said = words.say(
        "accuracy_range",
        highest=words.quoted(high["condition"]),
        high=percents(high, words),
        lowest=words.quoted(low["condition"]),
        low=percents(low, words),
    )
    tested = analysis.contrasts.drop_nulls("p_holm")
    if tested.is_empty():
        return (said,)
    apart = tested.filter(pl.col("p_holm") < ALPHA).height
    key = "pairs_none" if not apart else "pairs_one" if tested.height == 1 else "pairs_some"
    return said, words.say(key, n=words.count(apart), total=words.count(tested.height))


def advice_accuracy(analysis: Analysis) -> float | None:
    """Accuracy of the advice on the items decided, over all conditions; None where it is not known."""
    rows = rows_of(analysis, "accuracy_advice")
    total = sum(row["n"] for row in rows)
    return sum(row["value"] * row["n"] for row in rows) / total if total else None


def chance(analysis: Analysis) -> float | None:
    """Accuracy of guessing: one over the number of right answers that there are; None for estimates."""
    if "truth" not in analysis.trials.columns or analysis.trials.schema["truth"].is_numeric():
        return None
    truths = analysis.trials["truth"].drop_nulls().n_unique()
    return 1 / truths if 1 < truths <= 20 else None
