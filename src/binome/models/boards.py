"""A network for boards: what move to make, and how good the position is for the side to move."""

from __future__ import annotations

import torch
from torch import nn

from binome.models.zoo import Layout, architecture, pictures_only

WIDTH, BLOCKS, VALUE_WIDTH = 48, 4, 32


class Block(nn.Module):
    """Two convolutions around which the input is led past."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.rectify = nn.ReLU()

    def forward(self, board: torch.Tensor) -> torch.Tensor:
        rectified: torch.Tensor = self.rectify(board + self.second(self.first(board)))
        return rectified


class BoardNet(nn.Module):
    """A residual network with a policy head and a value head, a small one of those of Silver et al. 2017
    (doi:10.1038/nature24270).

    What a cell is worth depends on where it lies, which convolutions cannot see; so each place adds values of its own
    to the first layer.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        channels, rows, columns = pictures_only("board_net", layout)
        self.stem = nn.Conv2d(channels, WIDTH, 3, padding=1)
        self.places = nn.Parameter(0.02 * torch.randn(1, WIDTH, rows, columns))
        self.body = nn.Sequential(nn.BatchNorm2d(WIDTH), nn.ReLU(), *(Block(WIDTH) for _ in range(BLOCKS)))
        self.policy = nn.Sequential(
            nn.Conv2d(WIDTH, WIDTH, 1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU(),
            nn.Flatten(), nn.Linear(WIDTH * rows * columns, layout.outputs),
        )  # fmt: skip
        self.value = nn.Sequential(
            nn.Conv2d(WIDTH, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
            nn.Flatten(), nn.Linear(4 * rows * columns, VALUE_WIDTH), nn.ReLU(), nn.Linear(VALUE_WIDTH, 1), nn.Tanh(),
        )  # fmt: skip

    def forward(self, boards: torch.Tensor) -> torch.Tensor:
        """Logits (n, outputs) for boards (n, channels, rows, columns)."""
        logits: torch.Tensor = self.policy(self._features(boards))
        return logits

    def heads(self, boards: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, outputs), and the value for the side to move (n,) in [-1, 1]."""
        features = self._features(boards)
        return self.policy(features), self.value(features)[:, 0]

    def _features(self, boards: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.body(self.stem(boards) + self.places)
        return features


@architecture("board_net")
def board_net(layout: Layout) -> nn.Module:
    """A residual network of about 0.2 million parameters for boards, with a policy head and a value head."""
    return BoardNet(layout)
