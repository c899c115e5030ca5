"""Explanations from gradients along paths from a baseline to the input."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch

from binome.core import BinomeError
from binome.explain.baseline import Baseline, make_baseline
from binome.explain.explainer import Call, explainer

Rule = Literal["gausslegendre", "midpoint", "left", "right", "trapezoid"]


@explainer(
    "integrated_gradients", family="gradient", forward="steps × baselines", backward="steps × baselines",
    paper="Sundararajan, Taly & Yan 2017, arXiv 1703.01365",
)  # fmt: skip
def integrated_gradients(
    call: Call, steps: int = 32, baseline: Baseline | list[Any] = "zero", rule: Rule = "gausslegendre"
) -> torch.Tensor:
    """Gradients averaged along the straight path from a baseline, times the difference.

    Details: `completeness_gap`, |Σ φ − (f(x) − f(x₀))| (f(x₀) averaged over several baselines), 2 F an item more.

    Args:
        steps: points on the path.
        baseline: where the path starts; see `baseline.Baseline`. A list of several: the mean over them.
        rule: quadrature; Gauss-Legendre is exact for polynomials of degree 2·steps − 1.
    """
    if steps < 1:
        raise BinomeError(f"integrated_gradients.steps is {steps}; give 1 or more")
    chosen: list[Any] = list(baseline) if isinstance(baseline, list | tuple) and _several(baseline) else [baseline]
    points, weights = (call.inputs.new_tensor(values) for values in quadrature(rule, steps))
    maps = torch.zeros_like(call.inputs)
    starts = [start_of_path(call, one) for one in chosen]
    for start in starts:
        path, total = call.inputs - start, torch.zeros_like(call.inputs)

        def along(part: range, start: torch.Tensor = start, path: torch.Tensor = path) -> torch.Tensor:
            return start + _over_items(points[part.start : part.stop], path) * path

        for part, gradients in call.gradients(steps, along):
            total += torch.tensordot(weights[part.start : part.stop], gradients, dims=1)
        maps += path * total / len(starts)
    if call.detailed:
        _note_gap(call, maps, torch.stack([call.answer(start) for start in starts]).mean(0))
    return maps


@explainer(
    "expected_gradients", family="gradient", forward="samples", backward="samples", needs="background",
    paper="Erion et al. 2021, arXiv 1906.10670; with noise, GradientSHAP of Lundberg & Lee 2017, arXiv 1705.07874",
)  # fmt: skip
def expected_gradients(call: Call, samples: int = 64, noise: float = 0.0) -> torch.Tensor:
    """Integrated gradients averaged over baselines from the background, one random point of each random path.

    Details: `completeness_gap`, |Σ φ − (f(x) − mean f(background))|, 1 F an item and a background item more;
    `seed_deviation` (of the maps' shape), the standard error over the samples: how much another seed changes a value.

    Args:
        samples: pairs of a background item and a place on the path, drawn for each item; places are stratified, one
            in each of `samples` equal parts of the path.
        noise: standard deviation of the normal noise added to each input before its path, in the inputs' unit.
    """
    if samples < 2:
        raise BinomeError(f"expected_gradients.samples is {samples}; give 2 or more")
    if noise < 0:
        raise BinomeError(f"expected_gradients.noise is {noise}; give 0 or more")
    background = needed_background(call, "expected_gradients")
    rows = range(len(call.inputs))
    draws = [torch.randint(len(background), (samples,), generator=call.generator(row, "background")) for row in rows]
    chosen = torch.stack(draws, 1).to(background.device)
    shares = torch.stack([torch.rand(samples, generator=call.generator(row, "place")) for row in rows], 1)
    places = ((torch.arange(samples)[:, None] + shares) / samples).to(call.inputs)

    def ends(part: range) -> torch.Tensor:
        if not noise:
            return call.inputs.expand(len(part), *call.inputs.shape)
        return call.inputs + noise * torch.stack([call.noise("noise", draw) for draw in part])

    def along(part: range) -> torch.Tensor:
        start = background[chosen[part.start : part.stop]]
        return start + _over_items(places[part.start : part.stop], call.inputs) * (ends(part) - start)

    total, squares = torch.zeros_like(call.inputs), torch.zeros_like(call.inputs)
    for part, gradients in call.gradients(samples, along):
        found = gradients * (ends(part) - background[chosen[part.start : part.stop]])
        total += found.sum(0)
        if call.detailed:
            squares += found.square().sum(0)
    maps = total / samples
    if call.detailed:
        call.note("seed_deviation", ((squares / samples - maps.square()).clamp_min(0) / (samples - 1)).sqrt())
        _note_gap(call, maps, _mean_score(call, background))
    return maps


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


def needed_background(call: Call, method: str) -> torch.Tensor:
    """The background.

    Raises:
        BinomeError: when the caller gave none.
    """
    if call.background is None:
        raise BinomeError(f"{method} needs reference items: give `background`, e.g. some training items' inputs")
    return call.background


def _several(baselines: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list holds baselines, and is not itself one given as nested numbers."""
    return any(isinstance(one, str | torch.Tensor | np.ndarray) for one in baselines)


def _over_items(shares: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Shares (k,) or (k, n), so that they multiply (k, n, …)."""
    wide = shares if shares.dim() == 2 else shares[:, None]
    return wide.view(*wide.shape, *(1,) * (like.dim() - 1))


def _mean_score(call: Call, background: torch.Tensor) -> torch.Tensor:
    """For each item, its target's logit averaged over the background."""
    return call.outputs(background).mean(0)[call.targets]


def _note_gap(call: Call, maps: torch.Tensor, start: torch.Tensor) -> None:
    call.note("completeness_gap", (maps.flatten(1).sum(1) - (call.answer(call.inputs) - start)).abs())
