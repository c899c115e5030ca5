"""Capture by what the map covers: against a loop over rows, put in and found again, and designs that cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis

LABELS = ("a", "b", "c")
KINDS = ("capture_favoured", "capture_favoured_content")


def study(pull: float = 0.0, seed: int = 0, operators: int = 30, items: int = 24) -> list[dict[str, Any]]:
    """Three conditions within operators; with the real map, its favourite is answered with probability `pull`."""
    rng, rows = np.random.default_rng(seed), []
    advice = rng.choice(LABELS, items)
    favours = np.where(rng.random(items) < 0.5, advice, rng.choice(LABELS, items))
    for operator in range(operators):
        for condition in ("advised", "explained", "placebo"):
            for item in rng.permutation(items)[: items - 4]:
                own = str(rng.choice(LABELS))
                final = str(advice[item]) if rng.random() < 0.5 else own
                if condition == "explained" and rng.random() < pull:
                    final = str(favours[item])
                said = {"explained": str(favours[item]), "placebo": str(rng.choice(LABELS))}.get(condition)
                explanation = {"explained": "ig", "placebo": "shuffled"}.get(condition)
                rows.append(
                    {
                        "operator": f"p{operator}", "condition": condition, "item": f"i{item}", "truth": "a",
                        "advice": str(advice[item]), "initial": own, "final": final if rng.random() < 0.97 else None,
                        "explanation": explanation, "explanation_favours": said,
                    }
                )  # fmt: skip
    return rows


def found(rows: list[dict[str, Any]] | pl.DataFrame, **options: Any) -> dict[str, dict[str, Any]]:
    table = analysis.biases(analysis.check_trials(rows), **{"resamples": 300, **options})
    return {row["bias"]: row for row in table.iter_rows(named=True) if row["bias"] in KINDS}


def looped(rows: list[dict[str, Any]], control: str) -> tuple[float, int]:
    favours = {row["item"]: row["explanation_favours"] for row in rows if row["condition"] == "explained"}
    mine = [
        row for row in rows if row["final"] is not None and favours.get(row["item"], row["advice"]) != row["advice"]
    ]
    seen = [{row["item"] for row in mine if row["condition"] == name} for name in ("explained", control)]
    shares, n = [], 0
    for name in ("explained", control):
        some = [row for row in mine if row["condition"] == name and row["item"] in seen[0] & seen[1]]
        shares.append(sum(row["final"] == favours[row["item"]] for row in some) / len(some))
        n += len(some)
    return shares[0] - shares[1], n


def test_a_loop_over_rows_agrees() -> None:
    rows = study(pull=0.2)
    mine = found(rows)
    for kind, control in zip(KINDS, ("advised", "placebo"), strict=True):
        value, n = looped(rows, control)
        assert mine[kind]["value"] == pytest.approx(value)
        assert (mine[kind]["n"], mine[kind]["group"]) == (n, f"explained − {control}")
        assert mine[kind]["undefined"] == sum(row["condition"] in ("explained", control) for row in rows) - n
        assert mine[kind]["low"] < value < mine[kind]["high"]


def test_capture_that_was_put_in_is_found_and_none_where_there_is_none() -> None:
    captured, free = found(study(pull=0.3, seed=1)), found(study(seed=2))
    for kind in KINDS:
        assert captured[kind]["low"] > 0
        assert free[kind]["low"] < 0 < free[kind]["high"]
    assert captured["capture_favoured"]["caveat"] == "presence_included"


def test_numbers_are_labels_too() -> None:
    rows = study(pull=0.2)
    codes = {label: place for place, label in enumerate(LABELS)}
    columns = ("truth", "advice", "initial", "final", "explanation_favours")
    numbers = pl.DataFrame([row | {name: codes.get(row[name]) for name in columns} for row in rows])
    for table in (numbers, numbers.with_columns(pl.col("explanation_favours").cast(pl.Float64))):
        assert found(table)["capture_favoured"]["value"] == pytest.approx(looped(rows, "advised")[0])


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (lambda t: t.drop("explanation_favours"), "capture_favoured", "favoured_unknown"),
        (lambda t: t.with_columns(explanation_favours=pl.lit(None)), "capture_favoured", "favoured_unknown"),
        (lambda t: t.with_columns(explanation_favours="advice"), "capture_favoured", "favours_advice"),
        # The map of an item is another one for every operator: what it would have favoured without is not known.
        (lambda t: t.with_columns(explanation_favours="initial"), "capture_favoured", "favoured_unknown"),
        (lambda t: t.filter(pl.col("condition") != "placebo"), "capture_favoured_content", "no_placebo_condition"),
        (lambda t: t.filter(pl.col("condition") != "advised"), "capture_favoured", "no_advised_condition"),
        (lambda t: t.filter(pl.col("condition") == "advised"), "capture_favoured", "no_explained_condition"),
        (lambda t: t.drop("advice"), "capture_favoured", "no_advice"),
    ],
)
def test_designs_that_cannot_tell(change: Callable[[pl.DataFrame], pl.DataFrame], kind: str, reason: str) -> None:
    row = found(change(pl.DataFrame(study())))[kind]
    assert (row["identifiable"], row["reason"], row["value"]) == (False, reason, None)
