"""Progress on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Bar:
    """Counts steps of one long piece of work; `advance` is all that the work needs to know."""

    def advance(self, steps: float = 1) -> None:
        """Count `steps` more."""

    def note(self, text: str) -> None:
        """Show a short remark beside the bar, e.g. the current loss."""


@contextmanager
def bar(label: str, total: float | None = None) -> Iterator[Bar]:
    """A progress bar on standard error when it is a terminal, else a counter that shows nothing."""
    if not sys.stderr.isatty():
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        task = progress.add_task(label, total=total, note="")

        class RichBar(Bar):
            def advance(self, steps: float = 1) -> None:
                progress.advance(task, steps)

            def note(self, text: str) -> None:
                progress.update(task, note=text)

        yield RichBar()


def track(label: str, steps: Iterable[T]) -> Iterator[T]:
    """Iterate over `steps` with a progress bar."""
    with bar(label, len(steps) if isinstance(steps, Sized) else None) as counter:
        for step in steps:
            yield step
            counter.advance()
