"""`biases`: every bias that the trials can tell, and why they cannot tell the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

import polars as pl

from binome.analysis.biases.capture import capture
from binome.analysis.biases.disparity import attributes, disparity, with_answers
from binome.analysis.biases.early import early_failure
from binome.analysis.biases.fatigue import fatigue
from binome.analysis.biases.favoured import favoured
from binome.analysis.biases.frame import Frame
from binome.analysis.biases.measured import measured
from binome.analysis.biases.order import order
from binome.analysis.biases.persuasion import persuasion
from binome.analysis.conform import conform
from binome.analysis.discovery import benjamini_hochberg
from binome.analysis.relation.profile import draw
from binome.analysis.resampling import grouped, require_columns, with_condition
from binome.analysis.sample import Label
from binome.core import BinomeError

BIASES = (measured, early_failure, order, persuasion, favoured, capture, fatigue, disparity)
PLACES = ("position", "trial", "block", "item")
SCHEMA = {
    "bias": pl.String, "group": pl.String, "against": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "scale": pl.String, "p": pl.Float64, "n": pl.Int64, "undefined": pl.Int64,
    "identifiable": pl.Boolean, "reason": pl.String, "caveat": pl.String, "needs": pl.String,
}  # fmt: skip


def biases(
    trials: pl.DataFrame,
    *,
    by: str = "condition",
    answers: pl.DataFrame | None = None,
    resamples: int = 2000,
    seed: int = 0,
    placebo: Collection[str] | None = None,
    early: int = 5,
    protected: Sequence[str] | None = None,
    positive: Label | None = None,
) -> pl.DataFrame:
    """Biases in each group of trials, or between groups, with intervals from a participant-cluster bootstrap.

    What each is, and what design it needs, is in docs/reference/biases.md.

    Args:
        trials: as `read_trials` gives them.
        by: the column of the groups; trials without a condition are one group, "all".
        answers: of questionnaires, as exported (operator, questionnaire, name, value): operators are grouped by them.
        resamples, seed: of the bootstrap; 0 for no intervals and no p.
        placebo: names of explanations (or of groups) that say nothing; by default those whose explanation is called
            something with placebo, shuffled, random or control.
        early: how many of the first advised trials of a condition are early ones.
        protected: columns of trials, or names of answers, whose groups are compared; by default the columns
            `item_…` with two to six labels, and answers about the person with as many.
        positive: of two labels, the one that says that what is looked for is there.

    Returns:
        One row a bias and group: `bias`; `group` (a level of `by`, `first − second`, or null for all trials);
        `against` (what it is measured against, or the attribute of a disparity); `value`, `low`, `high`, on `scale`;
        `p` of "none", two-sided; `p_bh`, adjusted over all p of the table (Benjamini & Hochberg 1995); `n`,
        `undefined` (trials that enter, and that do not); `identifiable`, and `reason` where it is not;
        `caveat`, what to bear in mind; `needs`, the design that it takes. Words are codes.

    Raises:
        BinomeError: naming a missing column; when no trial is left, or a number is out of bounds.
        UnknownNameError: when the label asked for as positive is not one of two.
        TrialsError: naming row and column of a value that cannot be used.
    """
    for name, number, least in (("resamples", resamples, 0), ("early", early, 1)):
        if number < least:
            raise BinomeError(f"{name} must be {least} or more, found {number}")
    trials = with_condition(trials, by)
    require_columns(trials, "a bias", ["operator", by])
    known, wanted = with_answers(conform(trials), answers, protected)
    # Sums of numbers that are no integers depend on the order of rows in their last bit.
    keys = [name for name in ("operator", by, *PLACES) if name in known.columns]
    data = grouped(known.sort(list(dict.fromkeys(keys)), nulls_last=True), [by], positive)
    if not data.size:
        raise BinomeError("no trial is left after practice, attention checks and exclusions; no bias can be told")
    frame = Frame(
        data=data,
        draws=draw(len(data.operators), resamples, seed),
        placebo=None if placebo is None else frozenset(placebo),
        early=early,
        attributes=attributes(data.sample.trials, wanted),
    )
    findings = [asdict(finding) for bias in BIASES for finding in bias(frame)]
    table = pl.DataFrame(findings, schema=SCHEMA)
    return table.insert_column(table.columns.index("p") + 1, benjamini_hochberg(table["p"]).alias("p_bh"))
