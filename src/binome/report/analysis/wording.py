"""The analysis page's words, and the sentences of the codes that an analysis gives, beside the words of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from binome.report.wording import Wording, joined, wording

WORDS, CODES = (Path(__file__).parent / name for name in ("words", "codes"))

OTHERS = " − others"
"""How a group ends in which one level is held against all others."""


@dataclass(frozen=True)
class Words(Wording):
    """One language, with the names and sentences that only this page needs."""

    def code(self, name: str) -> str:
        """The sentence of a code; a text that is none, as it stands."""
        return str(self.words["codes"].get(name, name))

    def known(self, name: str) -> bool:
        """Whether a code has a sentence in this language; other texts are the program's own, in English."""
        return name in self.words["codes"]

    def metric(self, name: str) -> str:
        """A metric's short name; what `analysis.agreement_scores` makes of an agreement is named after it."""
        kind, colon, measure = name.partition(": ")
        if colon and kind == "agreement":
            return self.say("agreement_with_others", measure=self.agreement(measure))
        if name == "dependability":
            return self["dependability_metric"]
        plain, bracket, parameters = name.partition(" (")
        return f"{super().metric(plain)}{bracket}{parameters}"

    def relation(self, name: str) -> str:
        """A relation's name."""
        return self._among("relations", name)

    def part(self, unit: str, step: int) -> str:
        """A part of a condition, counted from 0: "block 2", "first half"."""
        if unit == "half":
            return self["half_first" if step == 0 else "half_second"]
        return self.say("block_said", n=step + 1)

    def outcome(self, name: str) -> str:
        """What a model of decisions explains."""
        return self._among("outcomes", name)

    def scale(self, name: str) -> str:
        """What a bias is counted in."""
        return self._among("scales", name)

    def need(self, name: str) -> str:
        """The design that a bias needs."""
        return self._among("needs", name)

    def caveat(self, name: str) -> str:
        """What to bear in mind about an estimate."""
        return self._among("caveats", name)

    def bias(self, name: str) -> str:
        """A bias as a title."""
        return str(self.words["biases"].get(name, {}).get("title", name.replace("_", " ")))

    def against(self, name: str) -> str:
        """What a bias is held against; an attribute's own name where it is one."""
        return self._among("against", name.removeprefix("item_"))

    def bias_group(self, against: str | None, group: str) -> str:
        """Where an estimate was made: a condition, or the levels of an attribute."""
        plain = not against or against in self.words["against"]
        group = self.levels(group)
        return group if plain else self.say("attribute_said", attribute=self.against(against or ""), levels=group)

    def levels(self, group: str) -> str:
        """A group's name, in which "others" is a word of this language."""
        return f"{group.removesuffix(OTHERS)} − {self['others']}" if group.endswith(OTHERS) else group

    def bias_said(
        self, name: str, group: str, against: str, value: float | None, number: Callable[[float], str]
    ) -> str:
        """What an estimate of a bias says; a bias of another package is named with its value.

        Args:
            number: writes a value, with its sign.
        """
        says = str(self.words["biases"].get(name, {}).get("says", self["bias_plain"]))
        told = self.undefined if value is None else number(value)
        often = self.words["often"]["less" if value is not None and value < 0 else "more"]
        if "{often}" in says:
            told = told.lstrip("+−")  # "less often" says the sign
        return says.format(title=self.bias(name), group=group, against=against, value=told, often=often)


@cache
def words_of(language: str) -> Words:
    """The words of a language.

    Raises:
        UnknownNameError: for one that the report does not speak.
    """
    words = wording(language).words
    for folder in (CODES, WORDS):
        words = joined(words, yaml.safe_load((folder / f"{language}.yaml").read_text("utf-8")))
    return Words(language, words)
