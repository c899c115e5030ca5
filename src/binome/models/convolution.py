"""`cnn_micro`: a small convolutional network."""

from __future__ import annotations

import torch
from torch import nn

from binome.core import BinomeError
from binome.models.zoo import Layout, architecture, pictures_only

WIDTHS = (32, 64, 128)
LEAST = 8


class _Block(nn.Module):
    """Two convolutions with a way around them, at half the resolution of what comes in."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, groups=outputs, bias=False), nn.BatchNorm2d(outputs),
            nn.Conv2d(outputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.around = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(inputs) + self.around(inputs))


@architecture("cnn_micro", takes="pictures")
def cnn_micro(layout: Layout) -> nn.Module:
    """A residual convolutional network of about 0.17 million parameters, for pictures of 8 to 128 pixels."""
    channels, height, width = pictures_only("cnn_micro", layout)
    if min(height, width) < LEAST:
        raise BinomeError(f"cnn_micro takes pictures of {LEAST} pixels or more, found {height} × {width}")
    # Small pictures keep their resolution for one block more.
    strides = (1, 2, 2) if min(height, width) < 64 else (2, 2, 2)
    sizes = (channels, *WIDTHS)
    blocks = [_Block(sizes[i], sizes[i + 1], stride) for i, stride in enumerate(strides)]
    return nn.Sequential(
        *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(WIDTHS[-1], layout.outputs)
    )
