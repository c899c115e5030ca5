"""The report's words, and numbers as each language writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from binome.core import UnknownNameError

FOLDER = Path(__file__).parent / "words"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
UNDEFINED = "–"


@dataclass(frozen=True)
class Wording:
    """One language."""

    language: str
    words: Mapping[str, Any]

    @property
    def undefined(self) -> str:
        return UNDEFINED

    def __getitem__(self, key: str) -> str:
        text = self.words[key]
        if not isinstance(text, str):
            raise TypeError(f"{key!r} is no single text in {self.language}")
        return text

    def say(self, key: str, **values: object) -> str:
        """The text of a key, its {placeholders} filled."""
        return self[key].format(**values)

    def measure(self, name: str) -> str:
        """A measure's short name; its own, without underscores, where the language has none."""
        return self._among("measures", name)

    def meaning(self, name: str) -> str:
        """What a measure says, in one line; empty where the language has none."""
        return str(self.words["meanings"].get(name, ""))

    def metric(self, name: str) -> str:
        """A metric's short name."""
        return self._among("metrics", name)

    def better(self, name: str) -> str:
        """In which direction a metric is better; empty where that is not known."""
        direction = self.words["metric_directions"].get(name)
        return self[f"{direction}_is_better"] if direction else ""

    def method(self, name: str) -> str:
        """An explanation method's name."""
        return self._among("methods", name)

    def agreement(self, name: str) -> str:
        """A measure of agreement between explanations."""
        return self._among("agreements", name)

    def group(self, name: str) -> str:
        """What a random effect varies over."""
        return self._among("groups", name)

    def reason(self, name: str) -> str:
        """Why trials were left out."""
        return self._among("reasons", name)

    def number(self, value: float | None, digits: int = 3) -> str:
        """A number with the language's decimal mark; a dash where undefined."""
        if value is None or value != value:
            return UNDEFINED
        text = f"{value:.{digits}f}"
        if not text.strip("-0."):
            text = text.lstrip("-")
        return text.replace("-", "−").replace(".", self["point"])

    def signed(self, value: float | None, digits: int = 3) -> str:
        """As `number`, a positive one with its sign."""
        text = self.number(value, digits)
        return f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text

    def count(self, value: int) -> str:
        """A whole number, its thousands apart."""
        return f"{value:,}".replace(",", self["thousands"])

    def interval(self, value: float | None, low: float | None, high: float | None, digits: int = 3) -> str:
        """`value [low, high]`, as far as they are defined."""
        limits = self.limits(low, high, digits)
        return f"{self.number(value, digits)} {limits}".strip() if value is not None else UNDEFINED

    def limits(self, low: float | None, high: float | None, digits: int = 3) -> str:
        """`[low, high]`; empty where undefined."""
        if low is None or high is None:
            return ""
        return f"[{self.number(low, digits)}{self['to']}{self.number(high, digits)}]"

    def ratio(self, value: float | None, low: float | None, high: float | None) -> str:
        """An odds ratio with its limits; beyond a thousand only that it is."""
        texts = [self.number(end, 2) if end is None or end <= 1000 else "> 1000" for end in (value, low, high)]
        limits = "" if low is None or high is None else f"[{texts[1]}{self['to']}{texts[2]}]"
        return f"{texts[0]} {limits}".strip()

    def p(self, value: float | None) -> str:
        """A p value with its sign: `= 0.328` or `< 0.001`."""
        if value is None:
            return f"= {UNDEFINED}"
        return f"< {self.number(0.001)}" if value < 0.001 else f"= {self.number(value)}"

    def bare_p(self, value: float | None) -> str:
        """A p value for a table: `0.328`, `< 0.001` or a dash."""
        return self.p(value).removeprefix("= ")

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

    def counted(self, kind: str, count: int) -> str:
        """So many things of a kind: "1 item", "24 items"."""
        one, many = self.words["counted"][kind]
        return str(one if count == 1 else many).format(n=self.count(count))

    def _among(self, kind: str, name: str) -> str:
        return str(self.words[kind].get(name, name.replace("_", " ")))


@cache
def wording(language: str) -> Wording:
    """The words of a language.

    Raises:
        UnknownNameError: for one that the report does not speak.
    """
    if language not in LANGUAGES:
        raise UnknownNameError("report language", language, LANGUAGES)
    return Wording(language, yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8")))


def joined(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a page beside those of the report; of mappings that both have, all entries."""
    both = {name: {**shared[name], **own[name]} for name in own if isinstance(shared.get(name), Mapping)}
    return {**shared, **own, **both}


def directions(metrics: Iterable[str]) -> dict[str, str]:
    """Which way each metric of explanations is better, `lower` or `higher`, where that is known."""
    known: Mapping[str, str] = wording("en").words["metric_directions"]
    return {name: known[name] for name in metrics if name in known}
