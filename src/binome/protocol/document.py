"""Study texts: a small part of Markdown (headings, paragraphs, `-` lists, pictures by name), never shown as HTML."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from binome.core import Problem, StudyError, did_you_mean

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


PICTURE = re.compile(r"!\[([^\]]*)\]")


@dataclass(frozen=True)
class Block:
    """A piece of prose: a heading or paragraph (`text`), a list (`items`), or a picture (named by `text`)."""

    kind: Literal["heading", "paragraph", "list", "picture"]
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A parsed text; `version` changes with every character of it, and is recorded with consent."""

    blocks: tuple[Block, ...]
    version: str

    @property
    def pictures(self) -> list[str]:
        """Names of the pictures that it shows, in their order."""
        return [block.text for block in self.blocks if block.kind == "picture"]


def read_document(path: Path, pictures: Collection[str] = ()) -> Document:
    """Parse a text file.

    Args:
        pictures: names of those that it may show.

    Raises:
        StudyError: when it is missing, empty, uses Markdown beyond the part that is shown, or shows an unknown picture.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError([Problem(str(path), "file", str(error), "a readable UTF-8 text")]) from error
    blocks = parse_blocks(text, str(path))
    if unknown := list(_unknown_pictures(text, str(path), pictures)):
        raise StudyError(unknown)
    if not blocks:
        raise StudyError([Problem(str(path), "file", "an empty text", "at least one paragraph")])
    return Document(tuple(blocks), hashlib.sha256(text.encode()).hexdigest()[:12])


def parse_blocks(text: str, file: str = "text") -> list[Block]:
    """Blocks of a text; consecutive lines of one paragraph (or list item) are joined.

    Raises:
        StudyError: with each line that uses Markdown beyond the part that is shown.
    """
    lines = [line.strip() for line in text.splitlines()]
    expected = "headings (#), paragraphs, lists (-) and ![pictures] only"
    problems = [
        Problem(file, "text", f"{what} ({line[:40]!r})", expected, number)
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
        elif picture := PICTURE.fullmatch(line):
            blocks += [Block("picture", picture[1]), Block("paragraph")]
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


def _unknown_pictures(text: str, file: str, known: Collection[str]) -> Iterator[Problem]:
    for number, line in enumerate(text.splitlines(), 1):
        picture = PICTURE.fullmatch(line.strip())
        if picture and picture[1] not in known:
            named = ", ".join(sorted(known))
            expected = f"one of {named}" if named else "no picture here"
            hint = did_you_mean(picture[1], known) or "`operators.pictures` declares those of instructions"
            yield Problem(file, "text", f"the picture {picture[1]!r}", expected, number, hint)


def _unsupported(line: str) -> str | None:
    return next((what for what, pattern in UNSUPPORTED.items() if pattern.match(line)), None)
