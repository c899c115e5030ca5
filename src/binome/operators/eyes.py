"""What a simulated operator perceives of a page: which item it shows, and which explanation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from binome.core import BinomeError
from binome.core.stimulus import Answer, Stimulus, StimulusSet
from binome.core.text import say
from binome.protocol import alternatives, attention_answers, case_lines, contributions, lines_of, say_answer

Look = tuple[bool, tuple[tuple[str, str], ...], str | None]
"""Whether it is practice, the lines' ids and values in words, and the note."""


class Eyes:
    """Recognises items and explanations.

    A picture is known by its bytes; a case file by its visible lines and its note. Items that look exactly alike
    cannot be told apart: an operator takes one of them, the same on all pages of a trial, for the one it sees.
    """

    def __init__(self, stimuli: StimulusSet, language: str) -> None:
        self.task, self.language = stimuli.task, language
        self.controls = {card.name for card in stimuli.explanations if card.control}
        self.kinds = {card.name: card.rendering.kind for card in stimuli.explanations}
        self._images: dict[str, Stimulus] = {}
        self._hashes: dict[str, str] = {}
        self._cases: dict[Look, list[Stimulus]] = {}
        for item in stimuli.items:
            if item.image is not None:
                self._images[_sha(stimuli.media(item.image).read_bytes())] = item
            else:
                self._cases.setdefault(self._look(item), []).append(item)
            for card in stimuli.explanations:
                for file in item.pictures_of(card.name):
                    self._hashes[file] = _sha(stimuli.media(file).read_bytes())

    def item(self, picture: bytes) -> Stimulus:
        return self._images[_sha(picture)]

    def case(self, step: Mapping[str, Any]) -> list[Stimulus]:
        """All items that look like the page's case file; more than one where nobody could tell them apart."""
        lines = tuple((line["id"], line["value"]) for line in step["case"])
        return self._cases[step["practice"], lines, step["note"]]

    def explanation(
        self, alike: Sequence[Stimulus], shown: Mapping[str, Any], pictures: Sequence[bytes], *, evidence: bool = False
    ) -> str:
        """Which explanation a page shows, by all that it shows: of two that look alike nobody could tell which.

        Args:
            evidence: it is shown without the advice, so that bars of a choice do not say for which answer they speak.

        Raises:
            BinomeError: when it is none of the study's.
        """
        seen = [_sha(picture) for picture in pictures]
        for item in alike:
            for name, kind in self.kinds.items():
                own = [self._hashes[file] for file in item.pictures_of(name)]
                if kind == shown["kind"] and own == seen and self._says(item, name, shown, evidence):
                    return name
        raise BinomeError("a page shows an explanation that is not of this stimulus set; is another set being served?")

    def _says(self, item: Stimulus, name: str, shown: Mapping[str, Any], evidence: bool) -> bool:
        """Whether what a page says beside pictures is what the item's explanation of that name says."""
        sentence = item.sentences.get(name)
        if shown["sentence"] != (None if sentence is None else say(sentence, self.language)):
            return False
        if shown["bars"] is not None:
            drawn = contributions(item, name)
            own = [*drawn.values, drawn.rest]
            if evidence and self.task.number is None:
                own = [None if value is None else abs(value) for value in own]
            return own == [*shown["bars"]["values"], shown["bars"]["rest"]]
        if shown["counterfactuals"]:
            other = alternatives(self.task, item, name, self.language)
            lines = [(one.decision, [asdict(change) for change in one.changes], one.hidden) for one in other]
            return lines == [(one["label"], one["changes"], one["hidden"]) for one in shown["counterfactuals"]]
        examples = [
            (one.kind, say_answer(self.task, one.label, self.language), one.similarity,
             [line.value for line in lines_of(self.task, one.case, self.language)])
            for one in item.examples.get(name, ())
        ]  # fmt: skip
        said = [(e["kind"], e["label"], e["similarity"], [x["value"] for x in e["case"]]) for e in shown["examples"]]
        return examples == said

    def asked(self, instruction: str) -> Answer:
        """What an attention check asks for: the longest answer found, for one label may be part of another."""
        said = {say_answer(self.task, answer, self.language): answer for answer in attention_answers(self.task)}
        return said[max((words for words in said if words in instruction), key=len)]

    def _look(self, item: Stimulus) -> Look:
        lines = tuple((line.id, line.value) for line in case_lines(self.task, item, self.language))
        return item.role == "practice", lines, None if item.note is None else say(item.note, self.language)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
