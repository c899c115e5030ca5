"""Whole sessions of a study: what people saw on the way, and what was recorded."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinds_study import make_kinds
from operator_driver import ANSWERED, PASSING, Operator
from phases_driver import PhasesOperator
from playwright.sync_api import Browser
from test_browser_session import DESKTOP, PHONE

from binome.experiment import create_app, export_csv, read_trials, serve

Row = dict[str, Any]
Deed = Callable[[Any], None]
Take = Callable[..., Operator]
PARTS = {
    "advice": ".advice strong, h1 strong", "sure": ".sure", "map": ".overlay", "own": ".own",
    "request": "button.request", "reason": ".reason textarea", "time": ".time", "score": ".score",
    "delegate": ".option.delegate", "veto": "button.veto", "options": ".options",
}  # fmt: skip
"""What a page of a decision may have."""
OWN = {"final", "final_confidence", "final_seconds"}
MAP = {"explanation", "explanation_seconds", "explanation_opened", "explanation_opacity"}
FIRST = {"initial", "initial_confidence", "initial_seconds"}
SAID = {"reliability_stated", "reliability_manipulated"}
VARYING = {*OWN, *MAP, *FIRST, *SAID, "advice_requested", "overridden", "vetoed", "reason", "offer_seconds",
           "alone_seconds", "veto_seconds", "group"}  # fmt: skip
"""Columns that are empty where they do not apply."""
TRIAL = (*ANSWERED, *PASSING, "handled", "offer")
"""Pages of a trial."""


@dataclass
class Kept:
    """A study that people took part in: what they saw, and what was recorded.

    Attributes:
        pages: by session, the kinds of the pages in their order, each with its heading.
        parts: by trial as its page counts it and kind of page, what the page had.
    """

    folder: Path
    served: Any = None
    pages: list[list[tuple[str, str]]] = field(default_factory=list)
    parts: dict[tuple[int, str], set[str]] = field(default_factory=dict)

    def trials(self, operator: int = 0) -> list[Row]:
        rows = read_trials(*self.served)
        names = list(dict.fromkeys(row["operator"] for row in rows))
        return [row for row in rows if row["operator"] == names[operator]]

    def of(self, condition: str) -> list[Row]:
        """The rows of a condition, in the order of their trials."""
        return [row for row in self.trials() if row["condition"] == condition]

    def exported(self) -> list[dict[str, str]]:
        """The trials as the CSV file has them."""
        export_csv(self.folder / "export", *self.served)
        with (self.folder / "export" / "trials.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@contextmanager
def taken(folder: Path, name: str, browser: Browser) -> Iterator[tuple[Kept, Take]]:
    """Serves a study; gives what is kept, and a hand that takes part from the first page to one that ends it."""
    protocol, stimuli = make_kinds(folder, name)
    database = f"sqlite:///{folder / 'study.db'}"
    kept = Kept(folder, (database, protocol, stimuli))
    app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
    with serve(app) as address:

        def take(deeds: dict[Any, Deed], *, hand: Any = "mouse", language: str = "en", end: str = "done") -> Operator:
            """A session; `deeds` says what is done on the n-th page of a kind, from 1, instead of what always is."""
            page = browser.new_page(**(PHONE if hand == "touch" else DESKTOP))
            page.goto(f"{address}/take?lang={language}")
            operator, shown = KindsOperator(page, hand), list[tuple[str, str]]()
            kept.pages.append(shown)
            for _ in range(80):
                kind = operator.kind()
                if kind in (
                    "initial",
                    "final",
                    "single",
                    "open",
                    "wait",
                    "supervised",
                    "handled",
                    "attention",
                    "offer",
                ):
                    kept.parts[trial_of(operator), kind] = parts_of(operator)
                shown.append((kind, "" if kind in PASSING else page.inner_text("h1")))
                if kind == end:
                    break
                times = sum(other == kind for other, _ in shown)
                deed = deeds.get((kind, times))
                deed(operator) if deed else operator.act(kind)
            else:
                raise AssertionError("the session does not end")
            page.close()
            return operator

        yield kept, take


class KindsOperator(PhasesOperator):
    """Moves sliders too."""

    def _answer(self, field: Any) -> None:
        slider = field.locator("input[type=range]")
        if slider.count():
            slider.focus()
            self.page.keyboard.press("ArrowRight")
        else:
            super()._answer(field)


def trial_of(operator: Operator) -> int:
    """The number of the trial, as the page says it."""
    kicker = operator.section.eval_on_selector(".kicker", "element => element.textContent")
    return int("".join(c for c in kicker.split("of")[0].split("sur")[0] if c.isdigit()))


def parts_of(operator: Operator) -> set[str]:
    """By their names, the parts of the page that are seen."""
    seen = operator.section.evaluate(
        "(section, parts) => Object.keys(parts).filter((name) => section.querySelector(parts[name]))", PARTS
    )
    return set(seen)


def filled(row: Row) -> set[str]:
    return {column for column in VARYING if row[column] is not None}
