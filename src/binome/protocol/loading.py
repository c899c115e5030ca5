"""`load`: a study file, checked whole, with the texts and questionnaires it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from binome.core import Problem, StudyError
from binome.protocol.catalogue import languages, learn
from binome.protocol.checks import Known, find_problems, find_warnings, unknown_name
from binome.protocol.document import Document, read_document
from binome.protocol.duration import expected_minutes
from binome.protocol.protocol import Protocol
from binome.protocol.questionnaire import Questionnaire, available, read_questionnaire
from binome.protocol.questionnaire_use import moment_problems, use_problems
from binome.protocol.reading import Path_, Source, read_yaml
from binome.protocol.schema import Study
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
    operators = study.operators
    protocol = Protocol(
        study,
        file.parent,
        file,
        source,
        consent=texts.read(operators.consent, ("operators", "consent")),
        instructions=texts.read(operators.instructions, ("operators", "instructions")),
        questionnaires=texts.questionnaires(),
        debriefing=texts.read(operators.debriefing, ("operators", "debriefing")),
        overviews={
            name: texts.read(condition.overview, ("conditions", name, "overview"))
            for name, condition in study.conditions.items()
            if condition.overview
        },
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


def _duration(protocol: Protocol) -> list[Problem]:
    """A session that takes longer than operators are told."""
    said, expected = protocol.study.operators.minutes, expected_minutes(protocol)
    if said is None or expected <= said:
        return []
    hint = "fewer items, or a longer time declared"
    found = f"{said:g}, where the steps take about {expected:.0f}"
    return [protocol.problem("operators.minutes", found, f"at least {expected:.0f} minutes", hint)]


@dataclass(frozen=True)
class _Texts:
    """Reads the files that a study names, in each of its languages; notes what is wrong or missing."""

    source: Source
    study: Study
    folder: Path
    problems: list[Problem]
    warnings: list[Problem] = field(default_factory=list)

    def read(self, name: str | None, path: Path_) -> dict[str, Document]:
        """`NAME.fr.md` for French; the plain file for English, and (said aloud) for a language without its own."""
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
                documents[language] = read_document(own)
            except StudyError as error:
                self.problems.extend(error.problems)
        return documents

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
