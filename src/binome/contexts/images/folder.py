"""`folder`: images sorted into folders, one a class (torchvision's ImageFolder convention)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.cache import keep, recall
from binome.contexts.context import SplitName, context
from binome.contexts.images.decoding import Shape, decode_all
from binome.contexts.images.pictures import ImageContext, Pictures
from binome.contexts.splitting import stratified
from binome.core import BinomeError, digest
from binome.core.stimulus import Decision, Task
from binome.core.text import Text

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
NAMES: Mapping[str, SplitName] = {
    "train": "train", "calibration": "calibration", "val": "calibration", "valid": "calibration",
    "validation": "calibration", "test": "test",
}  # fmt: skip
TEST, CALIBRATION, SEED = 0.25, 0.15, 0
LEAST = 4
"""Images of a class: one for each split at least."""
LISTED = 10
FORMAT = 1


@dataclass(frozen=True)
class Labelled:
    """Files with their class, and their split where the folder says it."""

    path: Path
    label: str
    split: SplitName | None = None


@context("folder", paths=("folder",))
def folder(
    folder: str,
    title: Text = "",
    question: Text = "",
    labels: Mapping[str, Text] | None = None,
    size: int = 64,
    operator_size: int | None = None,
    grey: bool = False,
    fit: str = "pad",
    mirrors: bool = True,
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
    skip_bad: bool = False,
) -> ImageContext:
    """A folder of images, one folder a class; or `train` and `test` (and `val`) folders with such folders in them.

    Args:
        folder: its path. A file `notes.csv` in it (`file,en,fr`) tells operators something beside an image.
        title, question: the task's words; made from the folder's name without them.
        labels: by class, its words.
        size: side in pixels of what the predictor gets.
        operator_size: of what the operator gets; 224, or `size` where that is more, by default.
        grey: one channel.
        fit: `pad`, the whole image with white around it, or `crop`, its middle square.
        mirrors: whether a mirror image is as good an example of its class.
        skip_bad: leave out images that cannot be used, and list them.

    Raises:
        BinomeError: naming every file or class that cannot be used.
    """
    root = Path(folder)
    return from_files(
        root.name, labelled(root), Shape(size, operator_size or max(size, 224), grey, fit),  # type: ignore[arg-type]
        title=title, question=question, labels=labels, mirrors=mirrors, notes=_notes(root),
        operator_view=operator_view, predictor_view=predictor_view, skip_bad=skip_bad,
    )  # fmt: skip


def labelled(root: Path) -> list[Labelled]:
    """The images of a folder, in the order of their names.

    Raises:
        BinomeError: when there is none, a class has none, or the splits' classes differ.
    """
    if not root.is_dir():
        raise BinomeError(f"there is no folder {root}; correct the context's folder")
    inside = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if {"train", "test"} <= {path.name.lower() for path in inside}:
        found = [
            Labelled(file, each.label, NAMES[part.name.lower()])
            for part in inside
            if part.name.lower() in NAMES
            for each in _classes(part)
            for file in (each.path,)
        ]
        _check_classes(root, found)
        return found
    return _classes(root)


def from_files(
    name: str,
    files: Sequence[Labelled],
    shape: Shape,
    *,
    title: Text = "",
    question: Text = "",
    labels: Mapping[str, Text] | None = None,
    mirrors: bool = True,
    notes: Mapping[Path, Text] | None = None,
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
    skip_bad: bool = False,
) -> ImageContext:
    """A context of labelled image files, decoded once and kept in the user's cache.

    Raises:
        BinomeError: naming every file that cannot be read; for fewer than two classes, or one with too few images.
    """
    small, large, faults = _decoded(name, files, shape)
    if faults and not skip_bad:
        more = f"\n… and {len(faults) - LISTED} more" if len(faults) > LISTED else ""
        listing = "\n".join(f"  {reason}" for _, reason in faults[:LISTED])
        raise BinomeError(
            f"{name} has {len(faults)} images that cannot be used; mend them, or leave them out with --skip-bad "
            f"(skip_bad=True):\n{listing}{more}"
        )
    bad = {place for place, _ in faults}
    good = np.array([place for place in range(len(files)) if place not in bad], dtype=np.int64)
    classes = sorted({files[place].label for place in good})
    if len(classes) < 2:
        found = f"only the class {classes[0]!r}" if classes else "no class"
        raise BinomeError(f"{name} has {found}; a decision needs two or more")
    truths = np.array([classes.index(files[place].label) for place in good], dtype=np.int64)
    masks = _masks(name, [files[place] for place in good], truths, classes)
    said = labels or {}
    for given in said:
        if given not in classes:
            raise BinomeError(f"labels names {given!r}, which is no class of {name}; its classes: {', '.join(classes)}")
    splits = {
        split: Pictures(
            small[good[mask]], truths[mask], None if shape.size == shape.operator_size else large[good[mask]]
        )
        for split, mask in masks.items()
    }
    task = Task(
        name,
        title or name,
        question or {"en": "What is this?", "fr": "Qu’est-ce que c’est\u202f?"},
        tuple(Decision(each, said.get(each, each)) for each in classes),
    )
    told = {
        f"{split}-{place:05d}": note
        for split, mask in masks.items()
        for place, at in enumerate(good[mask])
        if (note := (notes or {}).get(files[at].path.resolve())) is not None
    }
    return ImageContext(
        task, splits, mirrors=mirrors, operator_view=operator_view, predictor_view=predictor_view, notes=told,
        skipped=tuple(reason for _, reason in faults),
    )  # fmt: skip


def _classes(root: Path) -> list[Labelled]:
    """The images in the folders of a folder, each of the class that its folder is named after."""
    names = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not names:
        raise BinomeError(f"{root} has no folders; sort the images into one folder a class")
    found = []
    for each in names:
        files = sorted(path for path in each.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not files:
            raise BinomeError(f"{each} holds no image; add some, or remove the folder")
        found += [Labelled(path, each.name) for path in files]
    return found


def _check_classes(root: Path, files: Sequence[Labelled]) -> None:
    by_part: dict[str, set[str]] = {}
    for each in files:
        by_part.setdefault(each.path.relative_to(root).parts[0], set()).add(each.label)
    for part, classes in sorted(by_part.items(), reverse=True):
        for other, theirs in by_part.items():
            lost = sorted(theirs - classes)
            if lost:
                raise BinomeError(
                    f"{root / other} has the class {lost[0]!r}, which {root / part} has not; give both the same classes"
                )


def _masks(
    name: str, files: Sequence[Labelled], truths: npt.NDArray[np.int64], classes: Sequence[str]
) -> dict[SplitName, npt.NDArray[np.bool_]]:
    counts = np.bincount(truths, minlength=len(classes))
    if counts.min() < LEAST:
        fewest = int(counts.argmin())
        raise BinomeError(f"{name} has {counts[fewest]} images of {classes[fewest]!r}; {LEAST} are needed at least")
    generator = np.random.default_rng(SEED)
    if files[0].split is None:
        test = _some(truths, TEST, generator)
        rest = np.flatnonzero(~test)
    else:
        test = np.array([each.split == "test" for each in files])
        rest = np.flatnonzero(np.array([each.split == "train" for each in files]))
    calibration = np.array([each.split == "calibration" for each in files])
    if not calibration.any():
        calibration[rest[_some(truths[rest], CALIBRATION / (1 - TEST), generator)]] = True
    return {"train": ~(test | calibration), "calibration": calibration, "test": test}


def _some(truths: npt.NDArray[np.int64], share: float, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """A share of the items, one of each class at least."""
    chosen = stratified(truths, round(share * len(truths)), generator)
    for label in np.unique(truths):
        members = np.flatnonzero(truths == label)
        if not chosen[members].any():
            chosen[generator.choice(members)] = True
    return chosen


def _decoded(name: str, files: Sequence[Labelled], shape: Shape) -> tuple[Any, Any, list[tuple[int, str]]]:
    """From the cache, where the files are what they were when they were decoded."""
    stamps = [[str(each.path.resolve()), each.path.stat().st_size, each.path.stat().st_mtime_ns] for each in files]
    key = f"images-{digest({'format': FORMAT, 'shape': asdict(shape), 'files': stamps})[:16]}"
    kept = recall(key)
    if kept is not None and {"small", "large"} <= set(kept) and len(kept["small"]) == len(files):
        return kept["small"], kept["large"], []
    small, large, faults = decode_all([each.path for each in files], shape, f"reading {name}")
    if not faults:
        keep(key, {"small": small, "large": large})
    return small, large, faults


def _notes(root: Path) -> dict[Path, Text]:
    """By file, what only operators are told."""
    path = root / "notes.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    notes: dict[Path, Text] = {}
    for number, row in enumerate(rows, 2):
        target = root / (row.get("file") or "")
        if not target.is_file():
            raise BinomeError(f"{path} row {number}: there is no file {target}; correct the column `file`")
        said = {language: row[language] for language in ("en", "fr") if row.get(language)}
        if not said:
            raise BinomeError(f"{path} row {number}: the columns `en` and `fr` are empty; fill one")
        notes[target.resolve()] = said
    return notes
