"""`fashion`: Fashion-MNIST (Xiao, Rasul & Vollgraf 2017), 70,000 pictures of clothes of 28 × 28 pixels."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from binome.contexts.context import SplitName, context
from binome.contexts.images.pictures import ImageContext, Pictures
from binome.contexts.splitting import stratified
from binome.core import BinomeError
from binome.core.stimulus import Decision, Task

FOLDER_VARIABLE = "BINOME_FASHION_MNIST"
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
TORCHVISION_CACHE = Path("~/.cache/torchvision")
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 60_000),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 10_000),
}
CALIBRATION, SPLIT_SEED = 5_000, 0

TASK = Task(
    context="fashion",
    title={"en": "Sorting clothes", "fr": "Trier des vêtements"},
    question={"en": "Which article is this?", "fr": "Quel est cet article ?"},
    decisions=(
        Decision("t-shirt", {"en": "T-shirt", "fr": "T-shirt"}),
        Decision("trousers", {"en": "Trousers", "fr": "Pantalon"}),
        Decision("pullover", {"en": "Pullover", "fr": "Pull"}),
        Decision("dress", {"en": "Dress", "fr": "Robe"}),
        Decision("coat", {"en": "Coat", "fr": "Manteau"}),
        Decision("sandal", {"en": "Sandal", "fr": "Sandale"}),
        Decision("shirt", {"en": "Shirt", "fr": "Chemise"}),
        Decision("sneaker", {"en": "Sneaker", "fr": "Basket"}),
        Decision("bag", {"en": "Bag", "fr": "Sac"}),
        Decision("ankle-boot", {"en": "Ankle boot", "fr": "Bottine"}),
    ),
)


@context("fashion")
def fashion(
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
    root: str | None = None,
) -> ImageContext:
    """Fashion-MNIST: clothes of 28 × 28 pixels in ten classes, 60,000 to train and 10,000 to test.

    Looked for in the folder that `BINOME_FASHION_MNIST` names, in Debian's `dataset-fashion-mnist`, in
    torchvision's cache under `root`, and last downloaded there by torchvision.
    """
    folder = find(root)
    known = {name: _read_split(folder, *files) for name, files in FILES.items()}
    train = known["train"]
    held_out = stratified(train.labels, CALIBRATION, np.random.default_rng(SPLIT_SEED))
    splits: dict[SplitName, Pictures] = {
        "train": Pictures(train.pixels[~held_out], train.labels[~held_out]),
        "calibration": Pictures(train.pixels[held_out], train.labels[held_out]),
        "test": known["test"],
    }
    return ImageContext(TASK, splits, mirrors=True, operator_view=operator_view, predictor_view=predictor_view)


def find(root: str | None = None) -> Path:
    """The folder that holds the four idx files.

    Raises:
        BinomeError: naming every place that was tried.
    """
    here = find_here(root)
    if here is not None:
        return here
    try:
        from torchvision.datasets import FashionMNIST

        FashionMNIST(str(_cache(root)), train=True, download=True)
    except (OSError, RuntimeError) as error:
        tried = "; ".join(f"{place} lacks {_missing(place)}" for place in _places(root))
        raise BinomeError(
            f"Fashion-MNIST was not found: {FOLDER_VARIABLE} is not set; {tried}; "
            f"torchvision's download failed ({error}). "
            f"Install Debian's dataset-fashion-mnist (`apt install dataset-fashion-mnist`), "
            f"or set {FOLDER_VARIABLE} to a folder with its four idx files."
        ) from error
    return _places(root)[-1]


def find_here(root: str | None = None) -> Path | None:
    """The folder on this machine that holds the four idx files; None where there is none yet.

    Raises:
        BinomeError: when the folder that `BINOME_FASHION_MNIST` names lacks some.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        # A folder that somebody named is used or refused, never passed over for another.
        if not _complete(Path(named)):
            raise BinomeError(
                f"{FOLDER_VARIABLE} names {named}, which lacks {_missing(Path(named))}; correct or unset it"
            )
        return Path(named)
    return next((place for place in _places(root) if _complete(place)), None)


def read_idx(path: Path) -> npt.NDArray[np.uint8]:
    """Read an idx file of unsigned bytes, compressed (`.gz`) or not.

    Raises:
        BinomeError: when the file is no such file or is cut short.
    """
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise BinomeError(f"{path} cannot be read ({error}); fetch it again") from error
    if len(data) < 4 or data[:3] != b"\x00\x00\x08":
        raise BinomeError(f"{path} is not an idx file of bytes; fetch it again")
    dimensions = data[3]
    header = 4 + 4 * dimensions
    if len(data) < header:
        raise BinomeError(f"{path} is cut short; fetch it again")
    shape = struct.unpack(f">{dimensions}I", data[4:header])
    if len(data) - header != math.prod(shape):
        raise BinomeError(
            f"{path} holds {len(data) - header} bytes, its header says {math.prod(shape)}; fetch it again"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=header).reshape(shape)


def _cache(root: str | None) -> Path:
    return Path(root or TORCHVISION_CACHE).expanduser()


def _places(root: str | None) -> list[Path]:
    return [DEBIAN, _cache(root) / "FashionMNIST" / "raw"]


def _read_split(folder: Path, images: str, labels: str, count: int) -> Pictures:
    pixels, classes = read_idx(_file(folder, images)), read_idx(_file(folder, labels))
    if pixels.shape != (count, 28, 28) or classes.shape != (count,):
        raise BinomeError(
            f"{folder} holds {pixels.shape} images and {classes.shape} labels, expected {count} of 28 × 28"
        )
    if classes.max() >= len(TASK.decisions):
        raise BinomeError(f"{folder / labels} holds the label {classes.max()}, expected 0 to 9; fetch it again")
    return Pictures(pixels[:, None], classes.astype(np.int64))


def _file(folder: Path, stem: str) -> Path:
    plain = folder / stem
    return plain if plain.exists() else folder / f"{stem}.gz"


def _missing(folder: Path) -> str:
    stems = [stem for images, labels, _ in FILES.values() for stem in (images, labels)]
    return ", ".join(stem for stem in stems if not _file(folder, stem).exists())


def _complete(folder: Path) -> bool:
    return not _missing(folder)
