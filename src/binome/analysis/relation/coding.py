"""Each trial as evidence for one of the four relations, from what the operator did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from binome.analysis.relation.signs import Signs, confidence_sign, explanation_sign, time_sign
from binome.analysis.resampling import Grouped
from binome.analysis.sample import Codes, Mask, Sample
from binome.core import BinomeError

RELATIONS = ("autonomy", "mediation", "delegation", "substitution")
EVIDENCE: Mapping[str, str | None] = {
    "handed_over": "delegation",
    "let_pass": "substitution",
    "vetoed": "mediation",
    "model_decided": "substitution",
    "no_decision": None,
    "not_asked": "autonomy",
    "unopened": "autonomy",
    "evidence_only": "mediation",
    "alone": "autonomy",
    "agreed": None,
    "third_answer": "mediation",
    "followed_processed": "mediation",
    "followed_unprocessed": "delegation",
    "otherwise_processed": "mediation",
    "otherwise_unprocessed": "autonomy",
    "no_signs": None,
}
"""What a trial shows, in the order in which it is asked, and the relation that this is evidence for; None for none."""


@dataclass(frozen=True)
class Thresholds:
    """Where the coding draws its lines.

    Attributes:
        fast: a decision is fast below this share of the operator's median time for a decision alone.
        sensitive: from this area under the curve on, an operator's answers to advice depend on confidence.
        least: disputed trials of an operator in a condition without which nothing is said of that.

    Raises:
        BinomeError: naming one that is out of bounds.
    """

    fast: float = 0.5
    sensitive: float = 0.6
    least: int = 6

    def __post_init__(self) -> None:
        if self.fast < 0:
            raise BinomeError(f"fast is a share of a time, zero or more; found {self.fast}")
        if not 0 <= self.sensitive <= 1:
            raise BinomeError(f"sensitive is an area under a curve, from 0 to 1; found {self.sensitive}")
        if self.least < 2:
            raise BinomeError(f"least must be 2 or more, for one trial cannot vary; found {self.least}")


@dataclass(frozen=True)
class Coded:
    """Trials coded.

    Attributes:
        evidence: int64 (trials,), positions in `EVIDENCE`.
        relation: int64 (trials,), positions in `RELATIONS`; −1 for none.
        reasons: what could not be told by the design, by the sign that is lacking.
    """

    evidence: Codes
    relation: Codes
    reasons: Mapping[str, str]


def code(data: Grouped, thresholds: Thresholds) -> Coded:
    """Code every trial.

    Args:
        data: trials with the columns advice, initial and final, empty where the study has none.
    """
    sample = data.sample
    weighed = sample.advised & sample.decided & sample.known("final")
    first = sample.known("initial")
    followed, kept = sample.final == sample.advice, sample.final == sample.initial
    agreed = first & (sample.initial == sample.advice)
    disputed = weighed & first & ~agreed & (followed | kept)
    signs = {
        "time": time_sign(sample, data.layout.operator, fast=thresholds.fast),
        "explanation": explanation_sign(sample, data.layout.group),
        "confidence": confidence_sign(
            sample, data.layout.cell, disputed, sensitive=thresholds.sensitive, least=thresholds.least
        ),
    }
    votes = np.sum(list(signs.values()), axis=0)
    told = np.any([sign != 0 for sign in signs.values()], axis=0)
    processed, unprocessed = told & (votes >= 0), told & (votes < 0)
    explained, opened = _present(sample, "explanation"), signs["explanation"]
    vetoed = _present(sample, "vetoed")
    stopped = vetoed & sample.flag("vetoed") if vetoed.any() else vetoed
    handed = sample.flag("delegated") if "delegated" in sample.trials.columns else np.zeros(sample.size, np.bool_)
    found = {
        "handed_over": handed,
        "let_pass": vetoed & ~stopped,
        "vetoed": stopped,
        "model_decided": ~sample.decided,
        "no_decision": ~sample.known("final"),
        "not_asked": ~sample.advised & ~explained & _present(sample, "advice_requested"),
        "unopened": ~sample.advised & explained & (opened < 0),
        "evidence_only": ~sample.advised & explained,
        "alone": ~sample.advised,
        "agreed": agreed & followed,
        "third_answer": (first & ~followed & ~kept) | agreed,
        "followed_processed": followed & processed,
        "followed_unprocessed": followed & unprocessed,
        "otherwise_processed": processed,
        "otherwise_unprocessed": unprocessed,
        "no_signs": np.ones(sample.size, dtype=np.bool_),
    }
    evidence = np.select([found[name] for name in EVIDENCE], np.arange(len(EVIDENCE)), default=-1).astype(np.int64)
    return Coded(evidence, _RELATION_OF[evidence], _lacking(weighed & ~vetoed, first, disputed, signs))


def _lacking(weighed: Mask, first: Mask, disputed: Mask, signs: Mapping[str, Signs]) -> dict[str, str]:
    """Signs that no trial gives where they would be needed."""
    if not weighed.any():
        return {}
    wanted = {
        "adoption": (first, "no_initial_answers"),
        "time": (signs["time"] != 0, "no_own_times"),
        "explanation": (signs["explanation"] != 0, "no_explanation_use"),
        "confidence": ((signs["confidence"] != 0) & disputed, "no_own_confidence"),
    }
    return {part: reason for part, (given, reason) in wanted.items() if not (given & weighed).any()}


def _present(sample: Sample, column: str) -> Mask:
    return sample.known(column).copy() if column in sample.trials.columns else np.zeros(sample.size, dtype=np.bool_)


_RELATION_OF = np.array([-1 if to is None else RELATIONS.index(to) for to in EVIDENCE.values()], dtype=np.int64)
