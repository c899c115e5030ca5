"""Architectures by name: Binome's own small ones, and all of timm's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import timm
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from binome.core import BinomeError, Registry, UnknownNameError

registry: Registry[Callable[[tuple[int, ...], int], nn.Module]] = Registry("architecture", "binome.architectures")
architecture = registry.register


@architecture("vit_micro")
def vit_micro(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """A Vision Transformer of 0.14 million parameters for pictures of about 8 to 64 pixels.

    Patches are a seventh of the side, and at least 2 pixels: 7 × 7 patches of 4 for 28 pixels, 4 × 4 of 2 for 8.
    """
    channels, height, width = input_shape
    patch = max(2, round(height / 7))
    if height % patch or width % patch:
        raise BinomeError(
            f"vit_micro cuts {height} × {width} pixels into patches of {patch}; give sides that it divides"
        )
    return VisionTransformer(
        img_size=(height, width), patch_size=patch, in_chans=channels, num_classes=classes,
        embed_dim=64, depth=4, num_heads=4, mlp_ratio=2, class_token=True,
    )  # fmt: skip


def names() -> list[str]:
    """Binome's own architectures; `build` takes any of `timm.list_models()` too."""
    return registry.names()


def build(name: str, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """A network with random weights for inputs of that shape.

    Raises:
        UnknownNameError: when neither Binome nor timm knows the name.
    """
    if name in registry:
        return registry.get(name).target(input_shape, classes)
    if not timm.is_model(name):
        raise UnknownNameError("architecture", name, registry.names())
    options: dict[str, Any] = {"in_chans": input_shape[0], "num_classes": classes}
    if name.startswith(("vit_", "deit_", "swin_")):
        options["img_size"] = input_shape[1:]
    network: nn.Module = timm.create_model(name, pretrained=False, **options)
    return network
