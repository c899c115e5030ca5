"""Randomisation: does the map depend on what the module learnt, and on the class it explains?

All parameters are drawn again as the control `random_weights` draws them, normalisation, class token and position
embeddings included; statistics that are no parameters, such as those of batch normalisation, stay. The new values
hang on `weights_seed` alone: all items, batches and explanations are held against the same modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Literal, get_args

import torch
from torch import nn

from binome.core import BinomeError
from binome.core.kinds import check_count
from binome.variation.agreement import agree
from binome.variation.features import Features
from binome.variation.metric import Batch, metric
from binome.variation.quality.cascade import Steps, cascade, steps_of
from binome.variation.quality.faithfulness import importance

Similarity = Literal["spearman", "pearson", "ssim"]
HEDSTROEM = "Hedström et al. 2024, arXiv 2401.06465"


@metric(
    "mprt", family="randomisation", better="lower", forward="layers of the method", needs="method",
    paper="Adebayo et al. 2018, arXiv 1810.03292",
)  # fmt: skip
def mprt(
    batch: Batch, layers: int | None = 5, similarity: Similarity = "spearman", weights_seed: int = 0
) -> torch.Tensor:
    """Mean similarity of the map with those of the module as its layers are randomised in turn, the last first.

    A map of a randomised module that is constant is like nothing, and is left out of the mean; NaN where all are, or
    where the item's own map is.

    Args:
        layers: at how many points of the cascade maps are made, evenly spread over its steps; the last is the wholly
            randomised module. None for each step, of which a Vision Transformer has six a block.
        similarity: `spearman`, of absolute values; `pearson`, or `ssim` (pictures), of signed ones. Channels are added
            first; for `ssim` each map is divided by its largest absolute value.
        weights_seed: of the parameters' new values.
    """
    own = _features(batch.maps, similarity)
    found = [_similarity(own, maps, similarity) for maps in _randomised(batch, layers, weights_seed)]
    return torch.stack(found).nanmean(0)


@metric(
    "smooth_mprt", family="randomisation", better="lower", forward="(layers + 1) × samples of the method",
    needs="method", paper=HEDSTROEM,
)  # fmt: skip
def smooth_mprt(
    batch: Batch,
    layers: int | None = 5,
    similarity: Similarity = "spearman",
    samples: int = 10,
    noise: float = 0.1,
    weights_seed: int = 0,
) -> torch.Tensor:
    """As `mprt`, every map being the mean over noisy copies of the item, so that noise in maps is no difference.

    The given maps are not used: those of the module as it is are made of the same noisy copies.

    Args:
        layers, similarity, weights_seed: as for `mprt`.
        samples: noisy copies of an item.
        noise: their standard deviation, as a share of the item's own range.
    """
    check_count("samples", samples)
    if not noise > 0:
        raise BinomeError(f"noise is {noise!r}; give more than 0")
    own = _features(_smooth(batch, samples, noise, batch.module), similarity)
    found = [
        _similarity(own, _smooth(batch, samples, noise, module), similarity)
        for _, module in cascade(batch.module, _steps(batch), layers, weights_seed)
    ]
    return torch.stack(found).nanmean(0)


@metric(
    "efficient_mprt", family="randomisation", better="higher", forward="1 of the method", needs="method",
    paper=HEDSTROEM,
)  # fmt: skip
def efficient_mprt(batch: Batch, bins: int = 100, weights_seed: int = 0) -> torch.Tensor:
    """Rise of the map's complexity, (H' − H) / H, when all parameters are randomised.

    H is the entropy of the histogram of the map's values, channels added, between its own extremes. A constant map,
    of the item or of the randomised module, has no complexity: NaN.

    Args:
        bins: of the histogram.
        weights_seed: as for `mprt`.
    """
    check_count("bins", bins)
    (maps,) = _randomised(batch, 1, weights_seed)
    before, after = _complexity(batch.maps, bins), _complexity(maps, bins)
    return (after - before) / before


@metric(
    "random_logit", family="randomisation", better="lower", forward="1, and 1 of the method", needs="method",
    paper="Sixt, Granz & Landgraf 2020, arXiv 1912.09818",
)  # fmt: skip
def random_logit(batch: Batch, similarity: Similarity = "spearman") -> torch.Tensor:
    """Similarity of the map with that of another class, drawn for each item.

    NaN for a module with one output. Where two classes share one score, as in a binary model with the sign turned,
    their maps are one map up to the sign, and Spearman's correlation of absolute values is 1 for any method.

    Args:
        similarity: as for `mprt`.
    """
    own = _features(batch.maps, similarity)
    classes = batch.once("intact", lambda: batch.logits(batch.inputs)).shape[1]
    if classes < 2:
        return torch.full((len(batch.inputs),), float("nan"), dtype=torch.float64)
    steps = [
        int(torch.randint(1, classes, (), generator=batch.generator(row, "other class")))
        for row in range(len(batch.inputs))
    ]
    others = (batch.targets + torch.tensor(steps).to(batch.targets)) % classes
    return _similarity(own, replace(batch, targets=others).explain(batch.inputs), similarity)


def _steps(batch: Batch) -> Steps:
    return batch.once("steps of the cascade", lambda: steps_of(batch.module, batch.inputs[:1]))


def _randomised(batch: Batch, layers: int | None, weights_seed: int) -> Iterator[torch.Tensor]:
    """Maps of the items at each point of the cascade; those of the wholly randomised module once for all metrics."""
    steps = _steps(batch)
    for done, module in cascade(batch.module, steps, layers, weights_seed):
        make = partial(batch.explain, batch.inputs, module)
        yield batch.once(("wholly randomised", batch.place, weights_seed), make) if done == len(steps) else make()


def _smooth(batch: Batch, samples: int, noise: float, module: nn.Module) -> torch.Tensor:
    """Mean map of noisy copies, the same for every module, float64 (n, …)."""
    x = batch.inputs
    flat = x.flatten(1)
    spread = (noise * (flat.amax(1) - flat.amin(1))).view(-1, *(1,) * (x.dim() - 1))
    total, rows = torch.zeros_like(x, dtype=torch.float64), max(1, batch.batch_size // len(x))
    for first in range(0, samples, rows):
        part = range(first, min(first + rows, samples))
        copies = torch.stack([x + spread * _noise(batch, sample) for sample in part])
        total += batch.explain(copies.flatten(0, 1), module).view(copies.shape).sum(0, dtype=torch.float64)
    return total / samples


def _noise(batch: Batch, sample: int) -> torch.Tensor:
    shape = batch.inputs.shape[1:]
    rows = [
        torch.randn(shape, generator=batch.generator(row, "smooth", sample), dtype=torch.float32)
        for row in range(len(batch.inputs))
    ]
    return torch.stack(rows).to(batch.inputs)


def _features(maps: torch.Tensor, similarity: Similarity) -> Features:
    """One signed value a pixel, as the measure wants it."""
    if similarity not in get_args(Similarity):
        raise BinomeError(f"similarity is {similarity!r}; give one of {', '.join(get_args(Similarity))}")
    pixels = maps.sum(1) if maps.dim() == 4 else maps
    if similarity == "ssim":  # the only one that asks how large values are
        peak = pixels.abs().flatten(1).amax(1).view(-1, *(1,) * (pixels.dim() - 1))
        pixels = pixels / peak.masked_fill(peak == 0, 1)
    return Features.of(pixels)


def _similarity(own: Features, maps: torch.Tensor, similarity: Similarity) -> torch.Tensor:
    return torch.from_numpy(agree(own, _features(maps, similarity), similarity))


def _complexity(maps: torch.Tensor, bins: int) -> torch.Tensor:
    """Entropy of each map's histogram between its own extremes, float64 (n,); NaN for a constant map."""
    values = importance(maps).double()
    low, high = values.amin(1, keepdim=True), values.amax(1, keepdim=True)
    reach = (high - low).masked_fill(high == low, 1)
    places = ((values - low) / reach * bins).long().clamp_max(bins - 1)
    counts = torch.zeros(len(values), bins, dtype=torch.float64, device=values.device)
    shares = counts.scatter_add(1, places, torch.ones_like(values)) / values.shape[1]
    found: torch.Tensor = -torch.special.xlogy(shares, shares).sum(1)
    return found.masked_fill((high == low)[:, 0], float("nan"))
