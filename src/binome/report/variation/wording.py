"""The variation page's words, beside those of the report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from binome.report.wording import Wording, joined, wording

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Words(Wording):
    """One language, with the turns of phrase that only this page needs."""

    def facet(self, name: str) -> str:
        """A facet as a label."""
        return self._among("facets", name)

    def facet_said(self, name: str) -> str:
        """A facet within a sentence: "which method is used"."""
        return self._among("facets_said", name)

    def levels(self, facet: str, count: int) -> str:
        """So many levels of a facet: "1 seed", "7 seeds"."""
        one, many = self.words["levels"][facet]
        return str(one if count == 1 else many).format(n=self.count(count))

    def reference(self, name: str) -> str:
        return self._among("references", name)

    def family(self, name: str) -> str:
        """A family of metrics."""
        return self._among("families", name)

    def labelled(self, label: str) -> str:
        """A metric's label: its name, and what it was computed with in brackets: `Deletion (zero)`."""
        name, bracket, rest = label.partition(" (")
        return f"{self.metric(name)}{bracket}{rest}"

    def metric_meaning(self, label: str) -> str:
        """What a metric says, in one line; empty where the language has none."""
        return str(self.words["metric_meanings"].get(label.partition(" (")[0], ""))


@cache
def words_of(language: str) -> Words:
    """The words of a language.

    Raises:
        UnknownNameError: for one that the report does not speak.
    """
    shared = wording(language).words
    return Words(language, joined(shared, yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))))
