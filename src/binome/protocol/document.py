"""Study texts: a small part of Markdown (headings, paragraphs, `-` lists), shown as text, never as HTML."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from binome.core import Problem, StudyError


@dataclass(frozen=True)
class Block:
    kind: Literal["heading", "paragraph", "list"]
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A parsed text; `version` changes with every character of it, and is recorded with consent."""

    blocks: tuple[Block, ...]
    version: str


def read_document(path: Path) -> Document:
    """Parse a text file.

    Raises:
        StudyError: when it is missing, empty or uses Markdown beyond the part that is shown.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError([Problem(str(path), "file", str(error), "a readable UTF-8 text")]) from error
    blocks = parse_blocks(text, str(path))
    if not blocks:
        raise StudyError([Problem(str(path), "file", "an empty text", "at least one paragraph")])
    return Document(tuple(blocks), hashlib.sha256(text.encode()).hexdigest()[:12])


def parse_blocks(text: str, file: str = "text") -> list[Block]:
    """Blocks of a text; consecutive lines of one paragraph are joined."""
    blocks: list[Block] = []
    paragraph: list[str] = []
    items: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(Block("paragraph", " ".join(paragraph)))
        if items:
            blocks.append(Block("list", items=tuple(items)))
        paragraph.clear()
        items.clear()

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith(("![", "|", "```", "<", "> ", "---")):
            expected = "headings (#), paragraphs and lists (-) only"
            raise StudyError([Problem(file, "text", repr(line[:40]), expected, number)])
        if not line:
            close()
        elif line.startswith("#"):
            close()
            blocks.append(Block("heading", line.lstrip("#").strip()))
        elif line.startswith("- "):
            if paragraph:
                close()
            items.append(line[2:].strip())
        elif items:
            items[-1] += f" {line}"
        else:
            paragraph.append(line)
    close()
    return blocks
