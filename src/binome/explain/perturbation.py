"""Explanations from what happens when parts of the input are taken away."""

from __future__ import annotations

import math

import torch

from binome.core import BinomeError
from binome.explain.baseline import Baseline, make_baseline
from binome.explain.explainer import Call, explainer


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

    drops = _whole(call) - call.scores(len(masks), cut)
    cover = masks.to(drops).flatten(1)
    maps = (drops.T @ cover / cover.sum(0)).view(-1, 1, height, width)
    return (maps / channels).expand(-1, channels, -1, -1).contiguous()


@explainer(
    "feature_ablation", family="perturbation", forward="features + 1", paper="Zeiler & Fergus 2014, arXiv 1311.2901"
)
def feature_ablation(call: Call, baseline: Baseline = "zero") -> torch.Tensor:
    """Drop of the target's logit when one feature alone takes its baseline's value.

    A feature is a line of a case file, or a place of a picture or board with all its channels, of which each carries
    an equal part of the drop. A case file's baseline `zero` is the typical value.

    Args:
        baseline: what stands in; see `baseline.Baseline`.
    """
    shape = call.inputs.shape[1:]
    spread = call.inputs.dim() > 2  # channels first
    features = math.prod(shape[1:]) if spread else math.prod(shape)
    places = torch.eye(features, dtype=torch.bool, device=call.inputs.device)
    masks = places.view(features, 1, 1, *shape[1:]) if spread else places.view(features, 1, *shape)
    hidden = make_baseline(baseline, call.inputs, call.positions, call.total, call.generator)

    def cut(part: range) -> torch.Tensor:
        return torch.where(masks[part.start : part.stop], hidden, call.inputs)

    drops = _whole(call) - call.scores(features, cut)
    if not spread:
        return drops.T.reshape(call.inputs.shape)
    maps = drops.T.reshape(len(call.inputs), 1, *shape[1:]) / shape[0]
    return maps.expand(call.inputs.shape).contiguous()


def _whole(call: Call) -> torch.Tensor:
    return call.scores(1, lambda part: call.inputs[None])[0]


def windows(height: int, width: int, side: int, stride: int) -> torch.Tensor:
    """All windows as boolean masks (windows, height, width)."""
    tops, lefts = _places(height, side, stride), _places(width, side, stride)
    masks = torch.zeros(len(tops) * len(lefts), height, width, dtype=torch.bool)
    for i, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        masks[i, top : top + side, left : left + side] = True
    return masks


def _places(length: int, side: int, stride: int) -> list[int]:
    return sorted({*range(0, length - side + 1, stride), length - side})
