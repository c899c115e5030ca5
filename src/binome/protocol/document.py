"""Study texts: a small part of Markdown (headings, paragraphs, `-` lists), shown as text, never as HTML."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from binome.core import Problem, StudyError

# What Markdown would show otherwise than as it is written; shown raw it would look like a mistake.
UNSUPPORTED = {
    "a numbered list": re.compile(r"\d+[.)]\s"),
    "a list with * or +": re.compile(r"[*+]\s"),
    "a table": re.compile(r"\|"),
    "code": re.compile(r"```|~~~|.*`[^`]+`"),
    "a quotation": re.compile(r">"),
    "a rule or an underlined heading": re.compile(r"(-{3,}|={3,}|\*{3,}|_{3,})\s*$"),
    "HTML": re.compile(r".*</?[A-Za-z!]"),
    "a link or picture": re.compile(r".*\]\("),
    "bold or italics": re.compile(r".*(\*\*|__)\S|.*(?<!\w)\*\w[^*]*\*"),
}


@dataclass(frozen=True)
class Block:
    """A piece of prose: a heading or paragraph with its `text`, or a list with its `items`."""

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
    """Blocks of a text; consecutive lines of one paragraph (or list item) are joined.

    Raises:
        StudyError: with each line that uses Markdown beyond the part that is shown.
    """
    lines = [line.strip() for line in text.splitlines()]
    problems = [
        Problem(file, "text", f"{what} ({line[:40]!r})", "headings (#), paragraphs and lists (-) only", number)
        for number, line in enumerate(lines, 1)
        for what in [_unsupported(line)]
        if what
    ]
    if problems:
        raise StudyError(problems)
    blocks: list[Block] = []
    for line in [*lines, ""]:
        last = blocks[-1] if blocks else None
        if not line:
            blocks.append(Block("paragraph"))
        elif line.startswith("#"):
            blocks += [Block("heading", line.lstrip("#").strip()), Block("paragraph")]
        elif line.startswith("- "):
            items = last.items if last and last.kind == "list" else ()
            blocks[-1 if items else len(blocks) :] = [Block("list", items=(*items, line[2:].strip()))]
        elif last and last.kind == "list":
            blocks[-1] = Block("list", items=(*last.items[:-1], f"{last.items[-1]} {line}"))
        elif last:
            blocks[-1] = Block("paragraph", f"{last.text} {line}".strip())
        else:
            blocks.append(Block("paragraph", line))
    return [block for block in blocks if block.text or block.items]


def _unsupported(line: str) -> str | None:
    return next((what for what, pattern in UNSUPPORTED.items() if pattern.match(line)), None)
