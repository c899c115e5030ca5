"""Which decisions an answer is about: those since the operator was last asked."""

from __future__ import annotations

import polars as pl

ROW = "_row"
"""Number of a trial."""


def rated_trials(trials: pl.DataFrame, filled: pl.DataFrame, by: str) -> pl.DataFrame:
    """The trials that some answer is about, with its `share` and its `occasion`.

    An answer is about the operator's trials since the answer before, those of its own level of `by` alone where it
    has one. Without a column `trial` in the trials, or where no answer tells its own, it is about all of them.

    Args:
        filled: `operator, trial, occasion, share` and `by`.
    """
    scored = filled.filter(pl.col("share").is_not_null())
    ordered = "trial" in trials.columns and scored["trial"].is_not_null().any()
    parts = []
    for own_level in (True, False):
        some = scored.filter(pl.col(by).is_not_null() == own_level)
        keys = ["operator", by] if own_level else ["operator"]
        if by not in trials.columns and own_level:
            keys = ["operator"]
        said = some.select(*keys, "trial", "share", "occasion")
        if ordered:
            known = trials.filter(pl.col("trial").is_not_null()).sort("trial")
            said = said.filter(pl.col("trial").is_not_null()).sort("trial")
            joined = known.join_asof(said, on="trial", by=keys, strategy="forward", check_sortedness=False)
        else:
            last = said.sort("occasion").unique(keys, keep="last", maintain_order=True).drop("trial")
            joined = trials.join(last, on=keys, how="left", maintain_order="left")
        parts.append(joined.filter(pl.col("share").is_not_null()))
    # An answer about one level says more of its trials than one about the whole session.
    first, second = parts
    return pl.concat([first, second.join(first.select(ROW), on=ROW, how="anti")])
