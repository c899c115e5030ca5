"""Calibration: temperature scaling, and how well confidence matches accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional as F

Floats = npt.NDArray[np.float64]
BINS = 15


def fit_temperature(logits: torch.Tensor, truths: torch.Tensor) -> float:
    """The temperature that minimises the negative log-likelihood of softmax(logits / T) (Guo et al. 2017).

    Args:
        logits: (n, c).
        truths: int64 (n,), or bool (n, c) where several decisions are equally right: their probabilities add up.

    Returns:
        T in [0.05, 20]; the likelihood has one optimum in 1/T, so a bounded scalar search finds it.
    """
    logits = logits.double()
    right = truths if truths.dtype == torch.bool else F.one_hot(truths, logits.shape[1]).bool()

    def loss(log_temperature: float) -> float:
        logs = torch.log_softmax(logits / float(np.exp(log_temperature)), 1)
        return -float(torch.logsumexp(logs.masked_fill(~right, -torch.inf), 1).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: bins are closed on the right, (low, high]; 0 belongs to the first.

    Attributes:
        edges: the bins' k + 1 edges.
        n: items a bin.
        confidence, accuracy: means a bin; NaN in an empty one.
    """

    edges: Floats
    n: npt.NDArray[np.int64]
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """Expected calibration error: mean |accuracy − confidence|, bins weighted by their items."""
        filled = self.n > 0
        gaps = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float(np.average(gaps, weights=self.n[filled])) if filled.any() else float("nan")


def reliability(confidence: Floats, correct: npt.NDArray[np.bool_], bins: int = BINS) -> Reliability:
    """Bin confidences in [0, 1] by equal widths (Naeini et al. 2015; Guo et al. 2017)."""
    edges = np.linspace(0, 1, bins + 1)
    index = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    n = np.bincount(index, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Reliability(
            edges,
            n,
            np.bincount(index, weights=confidence, minlength=bins) / n,
            np.bincount(index, weights=correct.astype(float), minlength=bins) / n,
        )
