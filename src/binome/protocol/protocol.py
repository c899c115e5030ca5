"""`load`: a study file, checked whole, with the texts and questionnaires it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from binome.core import Problem, StudyError
from binome.protocol.catalogue import LANGUAGES, text
from binome.protocol.checks import Known, find_problems, find_warnings, unknown_name
from binome.protocol.document import Document, read_document
from binome.protocol.questionnaire import Questionnaire, available, read_questionnaire
from binome.protocol.reading import Path_, Source, read_yaml
from binome.protocol.schema import Study
from binome.protocol.validation import validate


@dataclass(frozen=True)
class Protocol:
    """The whole declared plan of an experiment.

    Attributes:
        study: what the file says, defaults filled in.
        folder: the study's folder.
        source: the study file, as it was named.
        lines: its data with the line of every key.
        consent: by language.
        instructions: by language; empty when the study uses Binome's own.
        questionnaires: by id, those that the study uses.
        warnings: what is allowed but probably not meant.
    """

    study: Study
    folder: Path
    source: Path
    lines: Source
    consent: Mapping[str, Document]
    instructions: Mapping[str, Document]
    questionnaires: Mapping[str, Questionnaire]
    warnings: tuple[Problem, ...] = field(default=())

    def text(self, key: str, language: str, **values: Any) -> str:
        """One of Binome's own texts, in the operator's language."""
        return text(key, language, **values)

    def problem(self, field: str, found: str, expected: str, hint: str = "") -> Problem:
        """A problem at a dotted field of the study file."""
        return self.lines.problem(tuple(field.split(".")), found, expected, hint)


def load(path: str | Path, known: Known | None = None) -> Protocol:
    """Load a study folder or study file.

    Raises:
        StudyError: with every problem found.
    """
    path = Path(path)
    file = path / "study.yaml" if path.is_dir() or not path.suffix else path
    source = read_yaml(file)
    problems = list(source.doubles)
    study, malformed = validate(source, Study)
    if study is None:
        raise StudyError(_in_order([*problems, *malformed]))
    texts = _Texts(source, study, file.parent, find_problems(source, study, known or Known()))
    warnings = find_warnings(source, study)
    consent = texts.read(study.operators.consent, ("operators", "consent"), warnings)
    own = study.operators.instructions
    instructions = texts.read(own, ("operators", "instructions"), warnings) if own else {}
    questionnaires = texts.questionnaires()
    # What a malformed value's default would lead to, in its own mapping, is not the researcher's doing.
    spoilt = {problem.field.rpartition(".")[0] for problem in malformed} - {""}
    problems += malformed + [p for p in texts.problems if not any(p.field.startswith(f"{part}.") for part in spoilt)]
    if problems:
        raise StudyError(_in_order(problems))
    return Protocol(study, file.parent, file, source, consent, instructions, questionnaires, tuple(warnings))


def check(path: str | Path, known: Known | None = None) -> list[Problem]:
    """Every problem of a study; empty when there is none."""
    try:
        load(path, known)
    except StudyError as error:
        return list(error.problems)
    return []


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line or 0))


@dataclass(frozen=True)
class _Texts:
    """Reads the files that a study names, in each of its languages."""

    source: Source
    study: Study
    folder: Path
    problems: list[Problem]

    def read(self, name: str, path: Path_, warnings: list[Problem]) -> dict[str, Document]:
        """`NAME.fr.md` for French; the plain file for English, and (said aloud) for a language without its own."""
        documents = {}
        plain = self.folder / name
        for language in self.study.operators.languages:
            own = plain.with_suffix(f".{language}{plain.suffix}")
            if not own.is_file():
                if not plain.is_file():
                    self.problems.append(self.source.problem(path, f"no file {plain}", f"a text there, or at {own}"))
                    continue
                if language != "en":
                    hint = f"{plain.name} is shown instead"
                    warnings.append(self.source.problem(path, f"no file {own.name}", f"the text in {language!r}", hint))
                own = plain
            try:
                documents[language] = read_document(own)
            except StudyError as error:
                self.problems.extend(error.problems)
        return documents

    def questionnaires(self) -> dict[str, Questionnaire]:
        """Those that the study names, its own before the shipped ones."""
        found = {}
        known = available(self.folder)
        languages = [code for code in self.study.operators.languages if code in LANGUAGES]
        for moment in ("before", "after_block", "after"):
            for i, name in enumerate(getattr(self.study.questionnaires, moment)):
                if name not in known:
                    self.problems.append(unknown_name(self.source, ("questionnaires", moment, i), name, known))
                    continue
                try:
                    found[name] = read_questionnaire(known[name], languages)
                except StudyError as error:
                    self.problems.extend(error.problems)
        return found
