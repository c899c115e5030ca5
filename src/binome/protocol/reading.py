"""YAML with the line of every key and value, so that an error can point at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from binome.core import Problem, StudyError

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """A YAML file's data, and the line (from 1) of each key, by its path."""

    file: str
    data: Any
    lines: Mapping[Path_, int]

    def line(self, path: Path_) -> int | None:
        """The line of a key, or of its nearest parent that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, path: Path_, found: str, expected: str, hint: str = "") -> Problem:
        return Problem(self.file, dotted(path) or "file", found, expected, self.line(path), hint)


def dotted(path: Path_) -> str:
    return ".".join(str(part) for part in path)


def read_yaml(path: Path) -> Source:
    """Read a YAML file that holds a mapping.

    Raises:
        StudyError: when it cannot be read, is not YAML, is no mapping, or has a key twice.
    """
    file = str(path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise StudyError([Problem(file, "file", "nothing", "a YAML file", hint="check the path")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError([Problem(file, "file", str(error), "a readable UTF-8 file")]) from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise StudyError(
            [Problem(file, "file", error.problem or "broken YAML", "valid YAML", line, error.context or "")]
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise StudyError([Problem(file, "file", "no mapping", "`key: value` lines", 1)])
    lines: dict[Path_, int] = {(): 1}
    doubles: list[Problem] = []
    _walk(node, (), lines, doubles, file)
    if doubles:
        raise StudyError(doubles)
    try:
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise StudyError([Problem(file, "file", error.problem or "broken YAML", "valid YAML", line)]) from error
    return Source(file, data, lines)


def _walk(node: yaml.Node, path: Path_, lines: dict[Path_, int], doubles: list[Problem], file: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                found = f"two keys of that name (lines {seen[name]} and {line})"
                doubles.append(
                    Problem(file, dotted((*path, name)), found, "each name once", line, "rename or remove one")
                )
            seen[name] = line
            lines[(*path, name)] = line
            _walk(value, (*path, name), lines, doubles, file)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            lines[(*path, i)] = value.start_mark.line + 1
            _walk(value, (*path, i), lines, doubles, file)
