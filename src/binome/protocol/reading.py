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
    """A YAML file's data, the line (from 1) of each key by its path, and the keys that come twice."""

    file: str
    data: Any
    lines: Mapping[Path_, int]
    doubles: tuple[Problem, ...] = ()

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
    """Read a YAML file that holds a mapping; keys that come twice are told, not refused, here.

    Raises:
        StudyError: when it cannot be read, is not YAML, or is no mapping.
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
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise StudyError(
            [Problem(file, "file", error.problem or "broken YAML", "valid YAML", line, error.context or "")]
        ) from error
    except yaml.YAMLError as error:
        raise StudyError([Problem(file, "file", str(error).splitlines()[0], "valid YAML")]) from error
    if not isinstance(node, yaml.MappingNode):
        found = "an empty file" if node is None else "no mapping"
        raise StudyError([Problem(file, "file", found, "`key: value` lines", 1)])
    walk = _Walk(file)
    walk.visit(node, ())
    if walk.circles:
        raise StudyError(walk.circles)
    return Source(file, data, walk.lines, tuple(walk.doubles))


class _Walk:
    """Goes through the nodes of a file and notes lines, doubled keys and aliases that contain themselves."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {(): 1}
        self.doubles: list[Problem] = []
        self.circles: list[Problem] = []
        self._open: set[int] = set()

    def visit(self, node: yaml.Node, path: Path_) -> None:
        if id(node) in self._open:
            found = "an alias of the value that contains it"
            self.circles.append(Problem(self.file, dotted(path), found, "a value without a circle", self.lines[path]))
            return
        self._open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for i, value in enumerate(node.value):
                self.lines[(*path, i)] = value.start_mark.line + 1
                self.visit(value, (*path, i))
        self._open.remove(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> None:
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                what = f"two {path[-1]}" if path in (("conditions",), ("explanations",)) else "two keys"
                found = f"{what} of one name (lines {seen[name]} and {line})"
                field = dotted((*path, name))
                self.doubles.append(
                    Problem(self.file, field, found, "each name once", line, "rename or remove one of them")
                )
            seen[name] = line
            self.lines[(*path, name)] = line
            self.visit(value, (*path, name))
