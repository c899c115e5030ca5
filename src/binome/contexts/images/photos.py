"""`photos`: photographs from Debian's collection of stamps for Tux Paint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from binome.contexts.context import context
from binome.contexts.images.decoding import Shape
from binome.contexts.images.folder import Labelled, from_files
from binome.contexts.images.pictures import ImageContext
from binome.core import BinomeError
from binome.core.text import Text

FOLDER_VARIABLE = "BINOME_TUXPAINT_STAMPS"
DEBIAN = Path("/usr/share/tuxpaint/stamps")
SORTED: Mapping[str, tuple[str, ...]] = {
    "animal": ("animals",),
    "clothing": ("clothes",),
    "food": ("food",),
    "household": ("household",),
    "plant": ("plants/flowers", "plants/trees"),
    "vehicle": ("vehicles", "military/vehicles"),
}
"""By class, the collection's folders."""
DRAWN = ("cartoon", "toys", "plastic", "flags")
"""Folders of drawings and imitations, wherever they are."""
MIRRORED = "_mirror"
"""In the names of files that hold only what a mirrored stamp must show unmirrored, such as letters."""
LABELS: Mapping[str, Text] = {
    "animal": {"en": "Animal", "fr": "Animal"},
    "clothing": {"en": "Clothing", "fr": "Vêtement"},
    "food": {"en": "Food", "fr": "Nourriture"},
    "household": {"en": "Household object", "fr": "Objet de la maison"},
    "plant": {"en": "Plant", "fr": "Plante"},
    "vehicle": {"en": "Vehicle", "fr": "Véhicule"},
}


@context("photos")
def photos(
    root: str | None = None,
    size: int = 96,
    operator_size: int = 224,
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
    skip_bad: bool = False,
) -> ImageContext:
    """Photographs of things cut out on white, in six classes: Debian's `tuxpaint-stamps-default` (GPL-2).

    Drawings are left out. Looked for in the folder that `BINOME_TUXPAINT_STAMPS` names, then where Debian puts it.

    Args:
        root: the collection's folder.
        size, operator_size: side in pixels of what the predictor and the operator get.
    """
    place = Path(root or os.environ.get(FOLDER_VARIABLE) or DEBIAN)
    if not all((place / name).is_dir() for folders in SORTED.values() for name in folders[:1]):
        raise BinomeError(
            f"the stamps of Tux Paint are not in {place}; `apt install tuxpaint-stamps-default`, "
            f"or set {FOLDER_VARIABLE} to its folder of stamps"
        )
    files = [
        Labelled(path, label)
        for label, folders in SORTED.items()
        for name in folders
        for path in sorted((place / name).rglob("*.png"))
        if not set(DRAWN) & set(path.relative_to(place).parts) and MIRRORED not in path.name
    ]
    return from_files(
        "photos", files, Shape(size, operator_size),
        title={"en": "Sorting photographs", "fr": "Trier des photographies"},
        question={"en": "What is this?", "fr": "Qu’est-ce que c’est\u202f?"},
        labels=LABELS, operator_view=operator_view, predictor_view=predictor_view, skip_bad=skip_bad,
    )  # fmt: skip
