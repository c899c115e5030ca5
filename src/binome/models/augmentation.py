"""Augmentation: each batch of pictures a little changed, by torchvision's transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from binome.models.settings import Settings

GROUP = 8
"""Pictures that are moved, turned, zoomed and lit alike: a transform for each would cost more than the training."""


def augmentation(settings: Settings) -> Callable[[torch.Tensor], torch.Tensor] | None:
    """What the settings ask for, for pictures (n, channels, height, width) in [0, 1]; None for nothing.

    Draws come from PyTorch's global generator. Moved and turned pictures are filled with background (0).
    """
    from torchvision.transforms import InterpolationMode, v2

    transforms: Any = v2  # torchvision does not name what it exports
    changes: list[torch.nn.Module] = []
    if settings.shift or settings.rotate or settings.zoom:
        changes.append(
            transforms.RandomAffine(
                degrees=settings.rotate,
                translate=(settings.shift, settings.shift) if settings.shift else None,
                scale=(1 - settings.zoom, 1 + settings.zoom) if settings.zoom else None,
                interpolation=InterpolationMode.BILINEAR,
            )
        )
    if settings.jitter:
        changes.append(transforms.ColorJitter(brightness=settings.jitter, contrast=settings.jitter))
    if not changes and not settings.mirror:
        return None

    def augment(pictures: torch.Tensor) -> torch.Tensor:
        if changes:
            groups = []
            for group in torch.split(pictures, GROUP):
                for change in changes:
                    group = change(group)
                groups.append(group)
            pictures = torch.cat(groups)
        if settings.mirror:
            flipped = torch.rand(len(pictures), device=pictures.device) < 0.5
            pictures = torch.where(flipped.view(-1, 1, 1, 1), pictures.flip(-1), pictures)
        return pictures

    return augment
