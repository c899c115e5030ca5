"""`cnn_micro`: a small convolutional network."""

from __future__ import annotations

import torch
from torch import nn

from binome.core import BinomeError
from binome.models.zoo import Layout, architecture, pictures_only

WIDTHS = (24, 48, 96)
LEAST = 8
LARGE = 64
"""Pictures from this side on are halved at once."""


class _Block(nn.Module):
    """Two convolutions with a way around them, at half the resolution of what comes in (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.around = nn.Sequential(nn.Conv2d(inputs, outputs, 1, 2, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(inputs) + self.around(inputs))


@architecture("cnn_micro", takes="pictures")
def cnn_micro(layout: Layout) -> nn.Module:
    """A residual convolutional network of 0.16 million parameters, for pictures of 8 to 128 pixels."""
    channels, height, width = pictures_only("cnn_micro", layout)
    if min(height, width) < LEAST:
        raise BinomeError(f"cnn_micro takes pictures of {LEAST} pixels or more, found {height} × {width}")
    # One layer at full resolution: there, normalising costs more than convolving.
    stem = nn.Conv2d(channels, WIDTHS[0], 3, 2 if min(height, width) >= LARGE else 1, 1, bias=False)
    return nn.Sequential(
        stem, nn.BatchNorm2d(WIDTHS[0]), nn.ReLU(),
        *(_Block(WIDTHS[i], WIDTHS[i + 1]) for i in range(len(WIDTHS) - 1)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(WIDTHS[-1], layout.outputs),
    )  # fmt: skip
