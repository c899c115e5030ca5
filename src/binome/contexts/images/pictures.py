"""Image classification: labelled pictures held in memory, seen through two views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from binome.contexts.context import Shown, Split, SplitName
from binome.contexts.images.views import IN_PIXELS, check_view, see
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Task
from binome.core.text import Text

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pictures:
    """One split before any view.

    Attributes:
        pixels: uint8 (n, C, H, W), as the predictor gets them.
        labels: int64 (n,).
        shown: uint8 (n, C, H', W'), the same pictures as the operator gets them, in another resolution; the pixels
            themselves without them.
    """

    pixels: Pixels
    labels: Labels
    shown: Pixels | None = None


class ImageContext:
    """A context of images.

    Args:
        task: words and decisions; labels index its decisions.
        splits: the pictures of each split.
        mirrors: whether a mirror image is as good an example of its class.
        notes: by item id, what only the operator is told.
        skipped: files that were left out, each with the reason.
    """

    categories: tuple[int, ...] = ()
    inputs_of: tuple[int, ...] = ()

    def __init__(
        self,
        task: Task,
        splits: Mapping[SplitName, Pictures],
        *,
        mirrors: bool,
        operator_view: Mapping[str, float] | None = None,
        predictor_view: Mapping[str, float] | None = None,
        notes: Mapping[str, Text] | None = None,
        skipped: tuple[str, ...] = (),
    ) -> None:
        self.task, self.mirrors, self.skipped = task, mirrors, skipped
        self._notes = dict(notes or {})
        self.operator_view, self.predictor_view = dict(operator_view or {}), dict(predictor_view or {})
        check_view(self.operator_view, "operator_view")
        check_view(self.predictor_view, "predictor_view")
        self._pictures = splits
        self._splits: dict[SplitName, Split] = {}

    @property
    def name(self) -> str:
        return self.task.context

    @cached_property
    def input_shape(self) -> tuple[int, ...]:
        return tuple(self._pictures["train"].pixels.shape[1:])

    def split(self, name: SplitName) -> Split:
        if name not in self._pictures:
            raise UnknownNameError("split", name, self._pictures)
        if name not in self._splits:
            pictures = self._pictures[name]
            ids = tuple(_item_id(name, index) for index in range(len(pictures.labels)))
            inputs = pictures.pixels.astype(np.float32) / 255
            if self.predictor_view:
                inputs = np.stack(
                    [see(image, self.predictor_view, item) for image, item in zip(inputs, ids, strict=True)]
                )
            self._splits[name] = Split(ids, torch.from_numpy(inputs), torch.from_numpy(pictures.labels))
        return self._splits[name]

    def show(self, item: str) -> Shown:
        return Shown(picture=self.picture(item), note=self._notes.get(item))

    def picture(self, item: str) -> Image.Image:
        """The item as the operator sees it, at its own size."""
        pixels, scale = self._pixels(item)
        image: Floats = pixels.astype(np.float32) / np.float32(255)
        view = {key: amount * scale if key in IN_PIXELS else amount for key, amount in self.operator_view.items()}
        seen = np.rint(see(image, view, item) * 255).astype(np.uint8)
        return Image.fromarray(seen[0] if seen.shape[0] == 1 else np.ascontiguousarray(seen.transpose(1, 2, 0)))

    def _pixels(self, item: str) -> tuple[Pixels, float]:
        """What the operator gets, and how many of its pixels make one of the predictor's."""
        split, _, digits = item.rpartition("-")
        for name, pictures in self._pictures.items():
            index = int(digits) if name == split and digits.isdecimal() else len(pictures.labels)
            # Only the spelling that `split` gives: views draw by id, and another one would draw another noise.
            if index < len(pictures.labels) and item == _item_id(name, index):
                if pictures.shown is None:
                    return pictures.pixels[index], 1.0
                return pictures.shown[index], pictures.shown.shape[-1] / pictures.pixels.shape[-1]
        raise BinomeError(f"{self.name} has no item {item!r}; ids look like {_item_id('test', 0)!r}")


def _item_id(split: str, index: int) -> str:
    return f"{split}-{index:05d}"
