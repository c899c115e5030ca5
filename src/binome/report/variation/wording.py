"""The variation page's words, beside those of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from binome.report.wording import Wording, wording

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

    def counted(self, kind: str, count: int) -> str:
        """So many things of a kind: "1 item", "24 items"."""
        one, many = self.words["counted"][kind]
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

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share as "61%"; a dash where undefined."""
        return self.undefined if share is None else self.say("percent", number=self.number(100 * share, digits))

    def percents(self, value: float | None, low: float | None, high: float | None) -> str:
        """A share with its limits: "61% [55, 66]"."""
        if value is None:
            return self.undefined
        limits = "" if low is None or high is None else self.limits(100 * low, 100 * high, 0)
        return f"{self.percent(value)} {limits}".strip()

    def quoted(self, name: str) -> str:
        return self.say("quote", name=name)

    def listed(self, texts: Sequence[str]) -> str:
        """ "a, b and c"."""
        if len(texts) < 2:
            return "".join(texts)
        return f"{', '.join(texts[:-1])} {self['and']} {texts[-1]}"


@cache
def words_of(language: str) -> Words:
    """The words of a language.

    Raises:
        UnknownNameError: for one that the report does not speak.
    """
    shared = wording(language).words
    return Words(language, _joined(shared, yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))))


def _joined(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with the entries of mappings that both have: a metric may be named in either file."""
    both = {name: {**shared[name], **own[name]} for name in own if isinstance(shared.get(name), Mapping)}
    return {**shared, **own, **both}
