"""`torchvision` and `huggingface`: image data sets by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
from PIL import Image

from binome.contexts.context import SplitName, context
from binome.contexts.images.decoding import Pixels, Shape
from binome.contexts.images.decoding import square as squared
from binome.contexts.images.pictures import ImageContext, Pictures
from binome.contexts.splitting import stratified
from binome.core import BinomeError, did_you_mean
from binome.core.progress import bar
from binome.core.stimulus import Decision, Task
from binome.core.text import Text

CALIBRATION, TEST, SEED = 0.1, 0.2, 0


class Rows(Protocol):
    """Pairs of an image and its label, by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> tuple[Image.Image, int]: ...


@context("torchvision")
def torchvision(
    dataset: str,
    root: str = "~/.cache/torchvision",
    title: Text = "",
    question: Text = "",
    labels: Mapping[str, Text] | None = None,
    size: int = 32,
    operator_size: int | None = None,
    grey: bool = False,
    limit: int | None = None,
    mirrors: bool = False,
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
) -> ImageContext:
    """An image classification data set of torchvision, by the name of its class: `torchvision:CIFAR10`.

    Args:
        dataset: the class's name.
        root: folder of the data; downloaded there where it is not yet.
        limit: use only the first so many images of each part.
        size, operator_size, grey, labels, title, question: as for `folder`.

    Raises:
        BinomeError: when there is no such data set, or it cannot be had here.
    """
    from torchvision import datasets

    known = [name for name in datasets.__all__ if isinstance(getattr(datasets, name), type)]
    if dataset not in known:
        near = did_you_mean(dataset, known)
        raise BinomeError(f"torchvision has no data set {dataset!r}; {near or 'see its documentation for the names'}")
    place, maker = Path(root).expanduser(), getattr(datasets, dataset)
    train, test = (_torchvision(maker, dataset, place, part) for part in (True, False))
    classes = [str(name) for name in getattr(train, "classes", [])]
    if not classes:
        raise BinomeError(f"torchvision's {dataset} names no classes; save its images by class and use `folder`")
    shape = Shape(size, operator_size or max(size, 224), grey)
    parts = {"train": train, "test": test}
    words = Words(title or dataset, question, labels or {})
    splits = _splits(dataset, parts, shape, limit)
    return ImageContext(
        words.task(dataset, classes),
        splits,
        mirrors=mirrors,
        operator_view=operator_view,
        predictor_view=predictor_view,
    )


@context("huggingface")
def huggingface(
    dataset: str,
    config: str | None = None,
    image: str | None = None,
    label: str | None = None,
    title: Text = "",
    question: Text = "",
    labels: Mapping[str, Text] | None = None,
    size: int = 64,
    operator_size: int | None = None,
    grey: bool = False,
    limit: int | None = None,
    mirrors: bool = False,
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
) -> ImageContext:
    """An image classification data set of Hugging Face, by name: `huggingface:beans`. Needs `binome[hub]`.

    Args:
        dataset, config: as `datasets.load_dataset` takes them.
        image, label: its columns; the only image and class-label columns by default.
        limit, size, operator_size, grey, labels, title, question: as for `torchvision`.

    Raises:
        BinomeError: when it cannot be had here, or its columns are not clear.
    """
    try:
        import datasets
    except ImportError as error:
        raise BinomeError("huggingface data sets need the package datasets: `pip install 'binome[hub]'`") from error
    try:
        found = datasets.load_dataset(dataset, config)
    except (OSError, ValueError, RuntimeError, httpx.HTTPError) as error:
        raise BinomeError(
            f"Hugging Face's data set {dataset!r} cannot be had ({type(error).__name__}: {_first_line(error)}); "
            f"fetch it once where there is a network (it is kept in its cache, HF_HOME), or save its images by class "
            f"and use `folder`"
        ) from error
    features = next(iter(found.values())).features
    image = image or _only(features, "Image", dataset, "image")
    label = label or _only(features, "ClassLabel", dataset, "label")
    names = {"train": "train", "validation": "calibration", "valid": "calibration", "test": "test"}
    parts = {names[part]: _Columns(rows, image, label) for part, rows in found.items() if part in names}
    if "train" not in parts:
        raise BinomeError(f"Hugging Face's {dataset!r} has no part `train`, only {', '.join(found)}")
    classes = [str(name) for name in features[label].names]
    shape = Shape(size, operator_size or max(size, 224), grey)
    words = Words(title or dataset, question, labels or {})
    splits = _splits(dataset, parts, shape, limit)
    return ImageContext(
        words.task(dataset, classes),
        splits,
        mirrors=mirrors,
        operator_view=operator_view,
        predictor_view=predictor_view,
    )


class _Columns:
    """Rows of a data set as pairs of image and label."""

    def __init__(self, rows: Any, image: str, label: str) -> None:
        self._rows, self._image, self._label = rows, image, label

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> tuple[Image.Image, int]:
        row = self._rows[place]
        return row[self._image], int(row[self._label])


def _torchvision(maker: Callable[..., Any], name: str, root: Path, train: bool) -> Any:
    """A part of a data set: what is there already, else downloaded."""
    part = "train" if train else "test"
    errors: list[str] = []
    for options in ({"download": False}, {"download": True}):
        for chosen in ({"train": train}, {"split": part}):
            try:
                return maker(str(root), **chosen, **options)
            except TypeError:
                continue  # another spelling of the same wish
            except (OSError, RuntimeError, ValueError) as error:
                errors.append(f"{type(error).__name__}: {_first_line(error)}")
    raise BinomeError(
        f"torchvision's {name} is not in {root} and cannot be downloaded ({errors[-1] if errors else 'no such part'}); "
        f"copy its files to {root} from a machine with a network, or save its images by class and use `folder`"
    )


@dataclass(frozen=True)
class Words:
    """What operators read of a data set."""

    title: Text
    question: Text
    labels: Mapping[str, Text]

    def task(self, name: str, classes: Sequence[str]) -> Task:
        question = self.question or {"en": "What is this?", "fr": "Qu’est-ce que c’est\u202f?"}
        return Task(name, self.title, question, tuple(Decision(each, self.labels.get(each, each)) for each in classes))


def _splits(name: str, parts: Mapping[str, Rows], shape: Shape, limit: int | None) -> dict[SplitName, Pictures]:
    """The parts that there are, and those that are missing drawn from the training part."""
    read = {part: _read(rows, shape, limit, f"reading {name}") for part, rows in parts.items()}
    train, generator = read["train"], np.random.default_rng(SEED)
    for missing, share in (("test", TEST), ("calibration", CALIBRATION)):
        if missing not in read:
            taken = stratified(train.labels, round(share * len(train.labels)), generator)
            read[missing], train = _some(train, taken), _some(train, ~taken)
    return {"train": train, "calibration": read["calibration"], "test": read["test"]}


def _read(rows: Rows, shape: Shape, limit: int | None, label: str) -> Pictures:
    count = len(rows) if limit is None else min(limit, len(rows))
    small, large, labels = list[Pixels](), list[Pixels](), list[int]()
    with bar(label, count) as progress:
        for place in range(count):
            picture, truth = rows[place]
            picture = picture.convert("L" if shape.grey else "RGB")
            small.append(squared(picture, shape.size, shape.fit))
            large.append(squared(picture, shape.operator_size, shape.fit))
            labels.append(int(truth))
            progress.advance()
    return Pictures(_stack(small), np.array(labels, dtype=np.int64), _stack(large))


def _stack(pictures: Iterable[Pixels]) -> Pixels:
    return np.stack(list(pictures))


def _some(pictures: Pictures, mask: Any) -> Pictures:
    shown = None if pictures.shown is None else pictures.shown[mask]
    return Pictures(pictures.pixels[mask], pictures.labels[mask], shown)


def _only(features: Mapping[str, Any], kind: str, dataset: str, param: str) -> str:
    names = [name for name, feature in features.items() if type(feature).__name__ == kind]
    if len(names) != 1:
        raise BinomeError(
            f"Hugging Face's {dataset!r} has {len(names)} columns of kind {kind}; "
            f"name the one to use with `{param}`: {', '.join(features)}"
        )
    return names[0]


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines() or [""]
    return lines[0][:200]
