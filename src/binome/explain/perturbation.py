"""Explanations from what happens when parts of the input are taken away."""

from __future__ import annotations

import torch

from binome.core import BinomeError
from binome.explain.baseline import Baseline, make_baseline
from binome.explain.coalition import Hidden, Output, coalition_values, hidden_by
from binome.explain.explainer import Call, explainer
from binome.explain.units import Kind, make_units


@explainer("occlusion", family="perturbation", forward="windows + 1", paper="Zeiler & Fergus 2014, arXiv 1311.2901")
def occlusion(call: Call, window: int = 4, stride: int = 2, baseline: Baseline = "zero") -> torch.Tensor:
    """Drop of the target's logit when a square window is hidden, averaged over the windows that cover a pixel.

    Args:
        window: side in pixels; all channels are hidden together, and each carries an equal part of the drop.
        stride: between windows; the last row and column of windows end at the border, so all pixels are covered.
        baseline: what hides; see `baseline.Baseline`.
    """
    if call.inputs.dim() != 4:
        raise BinomeError(f"occlusion needs pictures (n, channels, height, width), found {tuple(call.inputs.shape)}")
    channels, height, width = call.inputs.shape[1:]
    if not 1 <= stride <= window <= min(height, width):
        raise BinomeError(
            f"occlusion needs 1 <= stride <= window <= {min(height, width)}; found stride {stride}, window {window}"
        )
    masks = windows(height, width, window, stride).to(call.inputs.device)
    hidden = make_baseline(baseline, call.inputs, call.positions, call.total, call.generator)

    def cut(part: range) -> torch.Tensor:
        return torch.where(masks[part.start : part.stop, None, None], hidden, call.inputs)

    drops = call.answer(call.inputs) - call.scores(len(masks), cut)
    cover = masks.to(drops).flatten(1)
    maps = (drops.T @ cover / cover.sum(0)).view(-1, 1, height, width)
    return (maps / channels).expand(-1, channels, -1, -1).contiguous()


@explainer(
    "feature_ablation", family="perturbation", forward="units × references + 1",
    paper="Zeiler & Fergus 2014, arXiv 1311.2901",
)  # fmt: skip
def feature_ablation(
    call: Call,
    units: Kind = "place",
    size: int | None = None,
    baseline: Hidden = "zero",
    output: Output = "logit",
) -> torch.Tensor:
    """Drop of the target's score when one unit alone is hidden. A case file's baseline `zero` is the typical value.

    Args:
        units, size: what is hidden together, see `units.Kind`; by default a line of a case file, or one pixel or cell.
        baseline: what stands in: a baseline, or `background`, averaged over.
        output: the target's `logit` or `probability`.
    """
    parts = make_units(call, units, size)
    hidden = hidden_by(call, baseline, "feature_ablation")
    but_one = ~torch.eye(parts.count, dtype=torch.bool, device=call.inputs.device)[:, None]
    whole = coalition_values(call, parts, hidden[:1], torch.ones_like(but_one[:1]), output)
    drops = whole - coalition_values(call, parts, hidden, but_one, output)
    return parts.spread(drops.T, call.inputs)


def windows(height: int, width: int, side: int, stride: int) -> torch.Tensor:
    """All windows as boolean masks (windows, height, width)."""
    tops, lefts = _places(height, side, stride), _places(width, side, stride)
    masks = torch.zeros(len(tops) * len(lefts), height, width, dtype=torch.bool)
    for i, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        masks[i, top : top + side, left : left + side] = True
    return masks


def _places(length: int, side: int, stride: int) -> list[int]:
    return sorted({*range(0, length - side + 1, stride), length - side})
