"""A checked study with the texts and questionnaires that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from binome.core import Problem
from binome.protocol.catalogue import text
from binome.protocol.document import Document
from binome.protocol.pictures import StudyPicture
from binome.protocol.questionnaire import Questionnaire
from binome.protocol.reading import Source
from binome.protocol.schema import Study

Documents = Mapping[str, Document]
"""A text in each of the study's languages."""


@dataclass(frozen=True)
class Protocol:
    """The whole declared plan of an experiment.

    Attributes:
        study: what the file says, defaults filled in.
        folder: the study's folder.
        source: the study file, as it was named.
        lines: its data with the line of every key.
        consent: by language.
        instructions, debriefing: by language; empty when the study uses Binome's own.
        questionnaires: by id, those that the study uses.
        overviews: by condition, the page about the model as a whole, where it has one.
        pictures: of the texts, by name and language.
        warnings: what is allowed but probably not meant.
    """

    study: Study
    folder: Path
    source: Path
    lines: Source
    consent: Documents
    instructions: Documents
    questionnaires: Mapping[str, Questionnaire]
    debriefing: Documents = field(default_factory=dict)
    overviews: Mapping[str, Documents] = field(default_factory=dict)
    pictures: Mapping[str, Mapping[str, StudyPicture]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = field(default=())

    @property
    def loose_pictures(self) -> list[str]:
        """Names of the pictures that no text of the study shows: they come with the instructions' first page."""
        texts = [self.instructions, self.debriefing, *self.overviews.values()]
        shown = {name for documents in texts for document in documents.values() for name in document.pictures}
        return [name for name in self.pictures if name not in shown]

    def text(self, key: str, language: str, **values: Any) -> str:
        """One of Binome's own texts, in the operator's language."""
        return text(key, language, **values)

    def problem(self, field: str, found: str, expected: str, hint: str = "") -> Problem:
        """A problem at a dotted field of the study file."""
        return self.lines.problem(tuple(field.split(".")), found, expected, hint)
