"""Errors a person can act on: what was found, what was expected, how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class BinomeError(Exception):
    """Base of every error that Binome raises on purpose; its text is meant for the user."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file. `line` counts from 1; None where the file has no lines to point at."""

    file: str
    field: str
    found: str
    expected: str
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        text = f"{place}: {self.field}: found {self.found}, expected {self.expected}"
        return f"{text} ({self.hint})" if self.hint else text


class StudyError(BinomeError):
    """A study (or a file it names) cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ArtefactError(BinomeError):
    """An artefact's files do not match their manifest, or cannot be read."""


class UnknownNameError(BinomeError):
    """A plug-in, a decision or another named thing does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        near = did_you_mean(name, self.known)
        listing = ", ".join(self.known) or "none"
        super().__init__(f"unknown {kind} {name!r}; {near + '; ' if near else ''}known: {listing}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known name, or an empty string when nothing is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.55)
    return f"did you mean {near[0]!r}?" if near else ""
