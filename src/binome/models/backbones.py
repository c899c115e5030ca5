"""PLACEHOLDER until the colleague's module is merged."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from binome.models.zoo import Layout, build


def pretrained(name: str, layout: Layout) -> nn.Module:
    return build(name, layout)


def normalisation(name: str, layout: Layout) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.zeros(layout.shape[0]), torch.ones(layout.shape[0])


def groups(
    network: nn.Module, tune: str, learning_rate: float, weight_decay: float, layer_decay: float
) -> list[dict[str, Any]]:
    return [{"params": list(network.parameters()), "lr": learning_rate, "weight_decay": weight_decay}]


def freeze(network: nn.Module, tune: str) -> None:
    return None
