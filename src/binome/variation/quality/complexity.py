"""Complexity: how few pixels carry the map."""

from __future__ import annotations

import torch

from binome.variation.metric import Batch, metric
from binome.variation.quality.faithfulness import importance


@metric("sparseness", family="complexity", better="higher", paper="Chalasani et al. 2020, arXiv 1810.06583")
@metric("gini", family="complexity", better="higher", paper="Hurley & Rickard 2009, arXiv 0811.4706")
def gini(batch: Batch) -> torch.Tensor:
    """Gini index of |a|: 0 when all pixels weigh the same, near 1 when one carries all; NaN for an empty map."""
    weights = importance(batch.maps).double().abs().sort(dim=1).values
    n = weights.shape[1]
    places = 2 * torch.arange(1, n + 1, dtype=torch.float64, device=weights.device) - n - 1
    # 0 / 0 is NaN by itself: an empty map has no index.
    return weights @ places / (n * weights.sum(1))


@metric("effective_features", family="complexity", better="lower", paper="Bhatt, Weller & Moura 2020, arXiv 2005.00631")
def effective_features(batch: Batch) -> torch.Tensor:
    """exp(entropy of |a| / Σ|a|): as many pixels, equally important, would be as spread out; NaN for an empty map."""
    return torch.exp(entropy(batch))


@metric("complexity", family="complexity", better="lower", paper="Bhatt, Weller & Moura 2020, arXiv 2005.00631")
@metric("entropy", family="complexity", better="lower", paper="Bhatt, Weller & Moura 2020, arXiv 2005.00631")
def entropy(batch: Batch) -> torch.Tensor:
    """Entropy of |a| / Σ|a|, in nats: 0 when one pixel carries all, log(pixels) when all weigh the same.

    NaN for an empty map.
    """
    weights = importance(batch.maps).double().abs()
    shares = weights / weights.sum(1, keepdim=True)
    spread: torch.Tensor = torch.special.xlogy(shares, shares).sum(1)
    return -spread


@metric("tied_pixels", family="complexity", better="lower", paper="Binome's own")
def tied_pixels(batch: Batch) -> torch.Tensor:
    """Share of the pixels whose value another pixel has too: how much of a ranking is a matter of the tie rule."""
    values = importance(batch.maps).sort(dim=1).values
    same = values[:, 1:] == values[:, :-1]
    edge = torch.zeros(len(values), 1, dtype=torch.bool, device=values.device)
    return (torch.cat([same, edge], 1) | torch.cat([edge, same], 1)).double().mean(1)
