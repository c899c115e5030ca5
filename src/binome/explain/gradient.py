"""Explanations from gradients."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

from binome.core import BinomeError
from binome.explain.baseline import Baseline, make_baseline
from binome.explain.explainer import Call, explainer

Rule = Literal["gausslegendre", "midpoint", "left", "right", "trapezoid"]


@explainer(
    "saliency",
    family="gradient",
    forward="1",
    backward="1",
    paper="Simonyan, Vedaldi & Zisserman 2014, arXiv 1312.6034",
)
def saliency(call: Call) -> torch.Tensor:
    """Gradient of the target's logit, signed (take absolute values with `explain.reduce`)."""
    return call.gradient(call.inputs)


@explainer(
    "input_x_gradient", family="gradient", forward="1", backward="1", paper="Shrikumar et al. 2016, arXiv 1605.01713"
)
def input_x_gradient(call: Call) -> torch.Tensor:
    """Input times gradient: integrated gradients of a linear model against a zero baseline."""
    return call.inputs * call.gradient(call.inputs)


@explainer(
    "integrated_gradients", family="gradient", forward="steps", backward="steps",
    paper="Sundararajan, Taly & Yan 2017, arXiv 1703.01365",
)  # fmt: skip
def integrated_gradients(
    call: Call, steps: int = 32, baseline: Baseline = "zero", rule: Rule = "gausslegendre"
) -> torch.Tensor:
    """Gradients averaged along the straight path from a baseline, times the difference.

    Args:
        steps: points on the path.
        baseline: where the path starts; see `baseline.Baseline`.
        rule: quadrature; Gauss-Legendre is exact for polynomials of degree 2·steps − 1.
    """
    if steps < 1:
        raise BinomeError(f"integrated_gradients.steps is {steps}; give 1 or more")
    start = start_of_path(call, baseline)
    points, weights = quadrature(rule, steps)
    path = call.inputs - start
    total = torch.zeros_like(call.inputs)
    # All points of one item travel together, so the cost is that of the passes alone.
    rows = max(1, call.batch_size // len(call.inputs))
    for first in range(0, steps, rows):
        alphas = torch.tensor(points[first : first + rows], dtype=path.dtype, device=path.device)
        shares = torch.tensor(weights[first : first + rows], dtype=path.dtype, device=path.device)
        shape = (-1,) + (1,) * path.dim()
        batch = (start + alphas.view(shape) * path).flatten(0, 1)
        gradients = call.gradient(batch, call.targets.repeat(len(alphas)))
        total += (shares.view(shape) * gradients.view(len(alphas), *path.shape)).sum(0)
    return path * total


def quadrature(rule: Rule, steps: int) -> tuple[list[float], list[float]]:
    """Points and weights on [0, 1] (weights sum to 1)."""
    if rule == "gausslegendre":
        x, w = np.polynomial.legendre.leggauss(steps)
        return ((x + 1) / 2).tolist(), (w / 2).tolist()
    if rule == "trapezoid":
        if steps < 2:
            raise BinomeError("integrated_gradients: the trapezoid rule needs 2 steps or more")
        weights = np.full(steps, 1 / (steps - 1))
        weights[[0, -1]] /= 2
        return np.linspace(0, 1, steps).tolist(), weights.tolist()
    shift = {"midpoint": 0.5, "left": 0.0, "right": 1.0}
    if rule not in shift:
        raise BinomeError(
            f"integrated_gradients.rule is {rule!r}; give gausslegendre, midpoint, left, right or trapezoid"
        )
    return ((np.arange(steps) + shift[rule]) / steps).tolist(), np.full(steps, 1 / steps).tolist()


def start_of_path(call: Call, baseline: Baseline) -> torch.Tensor:
    """The baseline for each of the call's inputs."""
    return make_baseline(baseline, call.inputs, call.positions, call.total, call.generator)
