"""A small variation study: two networks on pictures of 8 × 8 pixels."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from binome import variation

METHODS: dict[str, Any] = {
    "ig": {"method": "integrated_gradients", "settings": [{"steps": 2}, {"steps": 4}]},
    "smooth": {"method": "smooth_grad", "settings": [{"samples": 3}, {"samples": 6}]},
    "edges": "edges",
}


def network(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 8), nn.Tanh(), nn.Linear(8, 3)
        )


def pictures(count: int = 6) -> torch.Tensor:
    return torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def run(folder: Any = None, items: Sequence[int] = range(6), **changes: Any) -> variation.Varied:
    """The example, with what a test changes of it."""
    options: dict[str, Any] = {
        "methods": METHODS,
        "seeds": 2,
        "noise": [0.0, 0.1],
        "metrics": ["deletion", "gini"],
        "agreements": ["spearman"],
        "same_prediction": False,
        "references": 0,
        "resamples": 50,
    }
    options |= changes
    predictors = options.pop("predictors", [variation.Trained(network(seed), "net", seed) for seed in (0, 1)])
    chosen = list(items)
    ids = [f"item {place}" for place in chosen]
    return variation.study(predictors, pictures(12)[chosen], items=ids, folder=folder, **options)
