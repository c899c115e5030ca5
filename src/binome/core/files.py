"""What files hold, as a hash: so that a study notices data that changed under the same name."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from binome.core.errors import BinomeError


class Contents:
    """Hashes of files and folders, kept in a file so that what did not change is not read again.

    Args:
        memory: where the hashes are kept, by path, size and time of the last change.
    """

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self._known: dict[str, list[object]] = {}
        if memory.exists():
            try:
                self._known = json.loads(memory.read_text("utf-8"))
            except ValueError:
                self._known = {}  # only a memory: what it lost is read again

    def hash(self, path: Path) -> str:
        """SHA-256, in hexadecimal, of a file's bytes; of a folder, of its files' names and bytes.

        Raises:
            BinomeError: when there is no such file or folder.
        """
        if path.is_dir():
            sha = hashlib.sha256()
            for file in sorted(each for each in path.rglob("*") if each.is_file()):
                sha.update(f"{file.relative_to(path).as_posix()}\0{self._file(file)}\n".encode())
            found = sha.hexdigest()
        elif path.is_file():
            found = self._file(path)
        else:
            raise BinomeError(f"there is no file or folder {path}; correct the context's name or parameters")
        self._remember()
        return found

    def _file(self, path: Path) -> str:
        state = path.stat()
        stamp = [state.st_size, state.st_mtime_ns]
        known = self._known.get(str(path.resolve()))
        if known is not None and known[:2] == stamp:
            return str(known[2])
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        self._known[str(path.resolve())] = [*stamp, found]
        return found

    def _remember(self) -> None:
        self.memory.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.memory.with_name(f"{self.memory.name}.{os.getpid()}")
        fresh.write_text(json.dumps(self._known), "utf-8")
        fresh.replace(self.memory)
