"""Persuasion: whether an explanation makes operators follow wrong advice, by its content or by being there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from binome.analysis.biases.finding import Finding, Kind, cannot, found
from binome.analysis.biases.frame import Frame, estimated
from binome.analysis.measure import registry

PLACEBO_WORDS = ("placebo", "shuffled", "random", "control")
"""Parts of the names by which placebo explanations are known where nobody says which they are."""

PAIRS = (
    (Kind("persuasion", "explained_and_advised", against="advised"), "explained", "advised"),
    (Kind("persuasion_content", "explained_and_placebo", against="placebo"), "explained", "placebo"),
    (Kind("persuasion_presence", "placebo_and_advised", against="advised"), "placebo", "advised"),
)


def persuasion(frame: Frame) -> list[Finding]:
    """Over-reliance of explained less advised groups, explained less placebo, placebo less advised."""
    if not frame.has("truth", "advice", "final"):
        reason = "lacks_column" if frame.has("advice") else "no_advice"
        return [cannot(kind, reason, undefined=frame.sample.size) for kind, _, _ in PAIRS]
    sorts = sorts_of_help(frame)
    values = estimated(frame, registry.get("overreliance").target(frame.sample))
    findings: list[Finding] = []
    for kind, first, second in PAIRS:
        pairs = list(pairs_of(sorts, first, second))
        if not pairs:
            lacking = next(sort for sort in (first, second) if sort not in sorts)
            findings.append(cannot(kind, f"no_{lacking}_condition", undefined=frame.sample.size))
        for a, b in pairs:
            enough = int(min(values.operators[[a, b]]))
            findings.append(
                found(
                    kind, f"{frame.labels[a]} − {frame.labels[b]}", float(values.value[a] - values.value[b]),
                    values.draws[:, a] - values.draws[:, b], enough, int(values.n[[a, b]].sum()),
                    int(values.undefined[[a, b]].sum()), "no_wrong_advice",
                )
            )  # fmt: skip
    return findings


def pairs_of(sorts: list[str], first: str, second: str) -> Iterator[tuple[int, int]]:
    """All pairs of a group of the first sort and one of the second, by number."""
    return ((a, b) for a, one in enumerate(sorts) if one == first for b, other in enumerate(sorts) if other == second)


def sorts_of_help(frame: Frame) -> list[str]:
    """Each group's help: `explained`, `placebo`, `advised` (without explanation); `other` for anything else."""
    sample, sorts = frame.sample, []
    explained = sample.known("explanation") if frame.has("explanation") else np.zeros(sample.size, dtype=np.bool_)
    advised = sample.advised & frame.own
    for g, label in enumerate(frame.labels):
        rows = frame.rows(g) & advised
        names = set(sample.trials["explanation"].filter(pl.Series(rows & explained))) if explained.any() else set()
        if not rows.any() or (names and not explained[rows].all()):
            sorts.append("other")
        elif not names:
            sorts.append("advised")
        else:
            sorts.append("placebo" if _says_nothing(frame.placebo, names, label) else "explained")
    return sorts


def _says_nothing(placebo: frozenset[str] | None, names: set[str], label: str) -> bool:
    if placebo is not None:
        return label in placebo or names <= placebo
    return all(any(word in name.lower() for word in PLACEBO_WORDS) for name in names)
