"""Architectures by name: Binome's own small ones, and all of timm's.

timm is imported where a network is made: it takes several times as long as PyTorch, and explaining somebody's own
module needs none of it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from binome.core import BinomeError, Registry, UnknownNameError


@dataclass(frozen=True)
class Layout:
    """What a network takes and gives.

    Attributes:
        shape: of one input.
        outputs: logits, or 1 where a number is estimated.
        categories: of a case file, how many values each feature has, 0 for a number; empty for pictures and boards.
    """

    shape: tuple[int, ...]
    outputs: int
    categories: tuple[int, ...] = ()


registry: Registry[Callable[[Layout], nn.Module]] = Registry("architecture", "binome.architectures")
architecture = registry.register

MOST_PATCHES = 16


@architecture("vit_micro")
def vit_micro(layout: Layout) -> nn.Module:
    """A Vision Transformer of about 0.14 million parameters for pictures of 8 to 100 pixels.

    Patches are a seventh of the side, as nearly as they divide it, and 2 pixels or more: 7 × 7 patches of 4 for
    28 pixels, 4 × 4 of 2 for 8. Positions start from sines and cosines, which a short training makes better use
    of than of noise (Beyer, Zhai & Kolesnikov 2022, arXiv 2205.01580).
    """
    from timm.layers.pos_embed_sincos import build_sincos2d_pos_embed
    from timm.models.vision_transformer import VisionTransformer

    channels, height, width = pictures_only("vit_micro", layout)
    patch = _patch(height, width)
    network: Any = VisionTransformer(
        img_size=(height, width), patch_size=patch, in_chans=channels, num_classes=layout.outputs,
        embed_dim=64, depth=4, num_heads=4, mlp_ratio=2, class_token=True,
    )  # fmt: skip
    positions = build_sincos2d_pos_embed([height // patch, width // patch], dim=64)
    with torch.no_grad():
        # Half their size: as large as the patches' own embedding of normalised pixels.
        network.pos_embed.copy_(torch.cat([torch.zeros(1, 64), positions / 2])[None])
    return cast(nn.Module, network)


def declared(name: str) -> Mapping[str, Any]:
    """What an architecture of Binome's own declares; nothing for timm's."""
    return registry.get(name).declared if name in registry else {}


def names() -> list[str]:
    """Binome's own architectures; `build` takes any of `timm.list_models()` too."""
    return registry.names()


class Architectures(Collection[str]):
    """All names that `build` takes; timm is imported for those only that are not Binome's own."""

    def __contains__(self, name: object) -> bool:
        if name in registry:
            return True
        import timm

        return bool(timm.is_model(str(name)))

    def __iter__(self) -> Iterator[str]:
        import timm

        return iter([*registry.names(), *timm.list_models()])

    def __len__(self) -> int:
        return len(list(iter(self)))


def build(name: str, layout: Layout) -> nn.Module:
    """A network with random weights, for inputs of the layout's shape, that returns logits (n, outputs).

    Raises:
        UnknownNameError: when neither Binome nor timm knows the name.
        BinomeError: when the architecture cannot take such inputs.
    """
    if name in registry:
        return registry.get(name).target(layout)
    import timm
    from timm.models import get_pretrained_cfg
    from timm.models.vision_transformer import VisionTransformer

    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=3)
        raise UnknownNameError("architecture", name, [*registry.names(), *near])
    shape = pictures_only(name, layout)
    options: dict[str, Any] = {"in_chans": shape[0], "num_classes": layout.outputs}
    published = get_pretrained_cfg(name)
    if published is not None and published.fixed_input_size:
        options["img_size"] = shape[1:]
    network: nn.Module = timm.create_model(name, pretrained=False, **options)
    if isinstance(network, VisionTransformer):
        _check_patches(name, network.patch_embed.patch_size, shape)
    return network


def pictures_only(name: str, layout: Layout) -> tuple[int, int, int]:
    """The layout's channels, height and width.

    Raises:
        BinomeError: when its inputs are no pictures.
    """
    if len(layout.shape) != 3:
        raise BinomeError(
            f"{name} takes pictures (channels, height, width), the context gives inputs of shape {layout.shape}; "
            f"choose another architecture, e.g. gradient_boosting for a table"
        )
    channels, height, width = layout.shape
    return channels, height, width


def _patch(height: int, width: int) -> int:
    divisors = [p for p in range(2, min(height, width) + 1) if height % p == 0 and width % p == 0]
    useful = [p for p in divisors if min(height, width) // p >= 2 and max(height, width) // p <= MOST_PATCHES]
    if not useful:
        raise BinomeError(
            f"vit_micro finds no square patches for {height} × {width} pixels, at most {MOST_PATCHES} on a side; "
            f"give pictures whose sides share a divisor"
        )
    return min(useful, key=lambda patch: abs(patch - min(height, width) / 7))


def _check_patches(name: str, patch: tuple[int, int], shape: tuple[int, int, int]) -> None:
    _, height, width = shape
    if height % patch[0] or width % patch[1]:
        raise BinomeError(
            f"{name} cuts pictures into patches of {patch[0]} × {patch[1]} pixels, which do not divide "
            f"{height} × {width}; choose another architecture, e.g. vit_micro"
        )
