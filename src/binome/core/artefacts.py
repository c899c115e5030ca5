"""Artefacts: folders named by the hash of what made them, each with a manifest of its own files.

An artefact's *key* hashes its spec, the keys of its parents and the format version, so it is known
before the artefact exists: a finished study finds all that it needs without computing anything. Its
*content* hashes the files, so damage is found on use.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from binome.core.errors import ArtefactError
from binome.core.spec import digest

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Recipe:
    """All that determines an artefact: change any part and the key changes.

    Attributes:
        kind: singular noun, also the start of the folder's name, e.g. `predictor`.
        spec: JSON-able description of what to make, seeds included.
        parents: artefacts that it is made from, by role.
        format: raised when the code that makes this kind changes what it writes.
    """

    kind: str
    spec: Mapping[str, Any]
    parents: Mapping[str, Recipe] = field(default_factory=dict)
    format: int = 1

    @property
    def key(self) -> str:
        parents = {role: parent.key for role, parent in self.parents.items()}
        return digest({"kind": self.kind, "spec": dict(self.spec), "parents": parents, "format": self.format})

    @property
    def folder(self) -> str:
        return f"{self.kind}-{self.key[:16]}"


class ArtefactStore:
    """The `artefacts/` folder of a study."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, recipe: Recipe) -> Path:
        return self.root / recipe.folder

    def partial(self, recipe: Recipe) -> Path:
        """Where an artefact is made, until it is complete."""
        return self.root / f".partial-{recipe.folder}"

    def has(self, recipe: Recipe) -> bool:
        """Whether the artefact exists and its files match its manifest, byte for byte."""
        try:
            verify(self.path(recipe))
        except ArtefactError:
            return False
        return True

    def make(self, recipe: Recipe, build: Callable[[Path], Mapping[str, Any] | None]) -> Path:
        """The artefact's folder, built when it is missing or damaged.

        Args:
            build: fills the folder that it is given. That folder survives an interruption, so that
                `build` may leave checkpoints in it (under a name that starts with a dot) and go on
                from them; such files are dropped once the artefact is complete. The mapping that it
                returns (figures worth keeping) is stored in the manifest as `summary`.
        """
        final = self.path(recipe)
        if self.has(recipe):
            return final
        partial = self.partial(recipe)
        if final.exists():
            shutil.rmtree(final)  # damaged: its bytes are never used
        partial.mkdir(parents=True, exist_ok=True)
        summary = build(partial)
        _drop_checkpoints(partial)
        _write_manifest(partial, recipe, summary or {})
        os.replace(partial, final)
        return final


def verify(folder: Path) -> dict[str, Any]:
    """The manifest of an artefact folder whose files all match it.

    Raises:
        ArtefactError: when the manifest or a file is missing, added or changed.
    """
    manifest = read_manifest(folder)
    expected: dict[str, str] = manifest["files"]
    found = {path.relative_to(folder).as_posix() for path in _files(folder)}
    for name in sorted(found.symmetric_difference(expected)):
        what = "is missing" if name in expected else "is not in the manifest"
        raise ArtefactError(f"{folder / name} {what}; delete {folder} and build again")
    for name, sha in expected.items():
        if _sha256(folder / name) != sha:
            raise ArtefactError(f"{folder / name} was changed after it was made; delete {folder} and build again")
    if digest(expected) != manifest["content"]:
        raise ArtefactError(f"{folder / MANIFEST} was changed after it was made; delete {folder} and build again")
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, unchecked but for its shape.

    Raises:
        ArtefactError: when there is none or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError(f"{path} cannot be read ({error}); delete {folder} and build again") from error
    if not isinstance(manifest, dict) or not {"files", "content", "key"} <= manifest.keys():
        raise ArtefactError(f"{path} is not a manifest; delete {folder} and build again")
    return manifest


def _write_manifest(folder: Path, recipe: Recipe, summary: Mapping[str, Any]) -> None:
    # Imported late: reading package versions is slow, and only a fresh artefact needs them.
    from binome.core.versions import versions

    files = {path.relative_to(folder).as_posix(): _sha256(path) for path in _files(folder)}
    manifest = {
        "kind": recipe.kind,
        "key": recipe.key,
        "spec": dict(recipe.spec),
        "format": recipe.format,
        "parents": {role: parent.key for role, parent in recipe.parents.items()},
        "files": files,
        "content": digest(files),
        "versions": versions(),
        "summary": dict(summary),
    }
    target = folder / MANIFEST
    target.write_text(json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def _drop_checkpoints(folder: Path) -> None:
    for path in folder.glob(".*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
