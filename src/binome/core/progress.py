"""Progress on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Bar:
    """Counts steps of one long piece of work; `advance` is all that the work needs to know."""

    def advance(self, steps: float = 1) -> None:
        """Count `steps` more."""

    def note(self, text: str) -> None:
        """Show a short remark beside the bar, e.g. the current loss."""


@contextmanager
def bar(label: str | None, total: float | None = None) -> Iterator[Bar]:
    """A progress bar on standard error; a counter that shows nothing without a label, or where it is no terminal."""
    if label is None or not sys.stderr.isatty():
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
