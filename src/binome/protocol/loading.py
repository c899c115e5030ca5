"""`load`: a study file, checked whole, with the texts and questionnaires it names."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from binome.core import BinomeError, Problem, StudyError
from binome.protocol.catalogue import languages, learn, text
from binome.protocol.checks import Known, find_problems, find_warnings, unknown_name
from binome.protocol.document import Block, Document, read_document
from binome.protocol.duration import expected_minutes
from binome.protocol.pictures import StudyPicture, read_picture
from binome.protocol.protocol import Documents, Protocol
from binome.protocol.questionnaire import Questionnaire, available, read_questionnaire
from binome.protocol.questionnaire_use import moment_problems, use_problems
from binome.protocol.reading import Path_, Source, read_yaml
from binome.protocol.schema import PictureSpec, Study
from binome.protocol.validation import validate


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
    learnt = learn(file.parent)
    texts = _Texts(source, study, file.parent, [*learnt, *find_problems(source, study, known or Known())])
    operators, named = study.operators, study.operators.pictures
    protocol = Protocol(
        study,
        file.parent,
        file,
        source,
        consent=_with_records(study, texts.read(operators.consent, ("operators", "consent"))),
        instructions=texts.read(operators.instructions, ("operators", "instructions"), named),
        questionnaires=texts.questionnaires(),
        debriefing=texts.read(operators.debriefing, ("operators", "debriefing"), named),
        overviews={
            name: texts.read(condition.overview, ("conditions", name, "overview"), named)
            for name, condition in study.conditions.items()
            if condition.overview
        },
        pictures={name: texts.picture(name, spec) for name, spec in named.items()},
    )
    # What a malformed value's default would lead to, in its own mapping, is not the researcher's doing.
    spoilt = {problem.field.rpartition(".")[0] for problem in malformed} - {""}
    problems += malformed + [p for p in texts.problems if not any(p.field.startswith(f"{part}.") for part in spoilt)]
    if problems:
        raise StudyError(_in_order(problems))
    return replace(protocol, warnings=(*find_warnings(source, study), *texts.warnings, *_duration(protocol)))


def check(path: str | Path, known: Known | None = None) -> list[Problem]:
    """Every problem of a study; empty when there is none."""
    try:
        load(path, known)
    except StudyError as error:
        return list(error.problems)
    return []


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line or 0))


def _with_records(study: Study, consent: Documents) -> Documents:
    """The text of the consent, with what is recorded beside answers and times; that is part of its version."""
    if not study.operators.record.mouse:
        return consent
    said = {language: text("consent_mouse", language) for language in consent}
    return {
        language: Document(
            (*document.blocks, Block("paragraph", said[language])),
            hashlib.sha256(f"{document.version}{said[language]}".encode()).hexdigest()[:12],
        )
        for language, document in consent.items()
    }


def _duration(protocol: Protocol) -> list[Problem]:
    """A session that takes longer than operators are told, or than they may take."""
    operators, expected = protocol.study.operators, expected_minutes(protocol)
    declared = {
        "operators.minutes": (operators.minutes, "fewer items, or a longer time declared"),
        "operators.exclude.slow_minutes": (operators.exclude.slow_minutes, "most operators would be left out"),
    }
    return [
        protocol.problem(
            field, f"{said:g}, where the steps take about {expected:.0f}", f"at least {expected:.0f} minutes", hint
        )
        for field, (said, hint) in declared.items()
        if said is not None and expected > said
    ]


@dataclass(frozen=True)
class _Texts:
    """Reads the files that a study names, in each of its languages; notes what is wrong or missing."""

    source: Source
    study: Study
    folder: Path
    problems: list[Problem]
    warnings: list[Problem] = field(default_factory=list)

    def read(self, name: str | None, path: Path_, pictures: Collection[str] = ()) -> dict[str, Document]:
        """`NAME.fr.md` for French; the plain file for English, and (said aloud) for a language without its own.

        Args:
            pictures: names of those that the text may show.
        """
        documents: dict[str, Document] = {}
        if name is None:
            return documents
        plain = self.folder / name
        for language in self.study.operators.languages:
            own = plain.with_suffix(f".{language}{plain.suffix}")
            if not own.is_file():
                if not plain.is_file():
                    self.problems.append(self.source.problem(path, f"no file {plain}", f"a text there, or at {own}"))
                    continue
                if language != "en":
                    hint = f"{plain.name} is shown instead"
                    found = f"no file {own.name}"
                    self.warnings.append(self.source.problem(path, found, f"the text in {language!r}", hint))
                own = plain
            try:
                documents[language] = read_document(own, pictures)
            except StudyError as error:
                self.problems.extend(error.problems)
        return documents

    def picture(self, name: str, spec: PictureSpec) -> dict[str, StudyPicture]:
        """`NAME.fr.png` for French where there is one, else the plain file: a picture may do without words."""
        found: dict[str, StudyPicture] = {}
        path: Path_ = ("operators", "pictures", name)
        plain = self.folder / spec.file
        if not plain.resolve().is_relative_to(self.folder.resolve()):
            self.problems.append(self.source.problem((*path, "file"), repr(spec.file), "a file in the study folder"))
            return found
        said = {self.study.operators.languages[0]: spec.alt} if isinstance(spec.alt, str) else spec.alt
        silent = [code for code in self.study.operators.languages if not said.get(code, "").strip()]
        if silent:
            missing = f"nothing in {', '.join(map(repr, silent))}"
            expected = "what the picture shows, in each language"
            self.problems.append(self.source.problem((*path, "alt"), missing, expected))
        for language in self.study.operators.languages:
            own = plain.with_suffix(f".{language}{plain.suffix}")
            file = own if own.is_file() else plain
            if not file.is_file():
                self.problems.append(self.source.problem((*path, "file"), f"no file {file}", "a picture there"))
                break
            try:
                found[language] = read_picture(file, said.get(language, ""))
            except BinomeError as error:
                expected = "a PNG, JPEG, WebP or SVG of 1 MB and 4096 pixels a side at most"
                self.problems.append(self.source.problem((*path, "file"), f"{file.name}: {error}", expected))
                break
        return found

    def questionnaires(self) -> dict[str, Questionnaire]:
        """Those that the study names, its own before the shipped ones."""
        found = {}
        known = available(self.folder)
        spoken = [code for code in self.study.operators.languages if code in languages()]
        for path, name in _named(self.study):
            if name not in known:
                self.problems.append(unknown_name(self.source, path, name, known))
                continue
            try:
                found[name] = read_questionnaire(known[name], spoken)
            except StudyError as error:
                self.problems.extend(error.problems)
        specs = {name: questionnaire.spec for name, questionnaire in found.items()}
        self.problems.extend(use_problems(self.source, self.study, specs))
        if not any(problem.field.startswith("design") for problem in self.problems):
            self.problems.extend(moment_problems(self.source, self.study))
        return found


def _named(study: Study) -> Iterator[tuple[Path_, str]]:
    """The questionnaires that a study names, and where."""
    asked = study.questionnaires
    for moment in ("before", "after_block", "after"):
        for i, name in enumerate(getattr(asked, moment)):
            yield ("questionnaires", moment, i), name
    for i, spec in enumerate(asked.during):
        for j, name in enumerate(spec.show):
            yield ("questionnaires", "during", i, "show", j), name
    operators = study.operators
    if operators.screening:
        yield ("operators", "screening", "questionnaire"), operators.screening.questionnaire
    if operators.comprehension:
        yield ("operators", "comprehension", "questionnaire"), operators.comprehension.questionnaire
