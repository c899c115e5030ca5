"""Common corruptions: how a predictor does when its inputs are a little worse than in training.

After Hendrycks & Dietterich 2019 (arXiv 1903.12261); the amounts are ours, in units that fit any picture size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional as F

from binome.contexts import Context
from binome.core import derive_seed

Corrupt = Callable[[torch.Tensor, float, torch.Generator], torch.Tensor]


def noise(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Normal noise of that standard deviation (white is 1)."""
    return (inputs + amount * torch.randn(inputs.shape, generator=generator)).clamp(0, 1)


def blur(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Gaussian blur whose standard deviation is that share of the shorter side."""
    from torchvision.transforms.v2 import functional as transforms

    sigma = amount * min(inputs.shape[-2:])
    kernel = 2 * round(2 * sigma) + 1
    functions: Any = transforms
    blurred: torch.Tensor = functions.gaussian_blur(inputs, [max(3, kernel)] * 2, [sigma] * 2)
    return blurred


def contrast(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Contrast reduced by that share, around each picture's mean."""
    mean = inputs.mean((1, 2, 3), keepdim=True)
    return mean + (1 - amount) * (inputs - mean)


def brightness(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Every pixel lighter by that amount."""
    return (inputs + amount).clamp(0, 1)


def pixelate(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Resolution reduced to that share of the pixels of each side."""
    height, width = inputs.shape[-2:]
    small = F.interpolate(inputs, (max(1, round(height * amount)), max(1, round(width * amount))), mode="area")
    return F.interpolate(small, (height, width), mode="nearest-exact")


def hide(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """A grey square whose side is that share of the picture's, at a random place."""
    height, width = inputs.shape[-2:]
    tall, wide = round(height * amount), round(width * amount)
    tops = torch.randint(0, height - tall + 1, (len(inputs), 1, 1, 1), generator=generator)
    lefts = torch.randint(0, width - wide + 1, (len(inputs), 1, 1, 1), generator=generator)
    rows, columns = torch.arange(height).view(1, 1, -1, 1), torch.arange(width).view(1, 1, 1, -1)
    inside = (rows >= tops) & (rows < tops + tall) & (columns >= lefts) & (columns < lefts + wide)
    return inputs.masked_fill(inside, 0.5)


def forget(inputs: torch.Tensor, amount: float, generator: torch.Generator) -> torch.Tensor:
    """Each value of a case file is, with that probability, unknown: the typical value stands for it."""
    return inputs.masked_fill(torch.rand(inputs.shape, generator=generator) < amount, 0.0)


PICTURES: Mapping[str, tuple[Corrupt, tuple[float, ...]]] = {
    "noise": (noise, (0.05, 0.1, 0.2)),
    "blur": (blur, (0.02, 0.04, 0.08)),
    "contrast": (contrast, (0.3, 0.5, 0.7)),
    "brightness": (brightness, (0.1, 0.2, 0.3)),
    "pixelate": (pixelate, (0.75, 0.5, 0.33)),
    "hide": (hide, (0.25, 0.4, 0.55)),
}
"""By name: the corruption, and its amounts at severity 1, 2 and 3."""
CASES: Mapping[str, tuple[Corrupt, tuple[float, ...]]] = {"forget": (forget, (0.1, 0.25, 0.5))}


def corruptions(context: Context) -> Mapping[str, tuple[Corrupt, tuple[float, ...]]]:
    """What makes sense for a context: a changed board is another position, and has another answer."""
    if context.categories:
        return CASES
    return {} if context.split("test").values is not None else PICTURES


def corrupt(inputs: torch.Tensor, name: str, severity: int, context: Context, seed: int) -> torch.Tensor:
    """Inputs (n, …) under a corruption, at severity 1 to 3; the caller's stay as they are."""
    change, amounts = corruptions(context)[name]
    generator = torch.Generator().manual_seed(derive_seed(seed, "corruption", name, severity))
    return change(inputs, amounts[severity - 1], generator)
