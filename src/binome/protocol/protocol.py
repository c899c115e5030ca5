"""`load`: a study file, checked whole, with the texts and questionnaires it names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from binome.core import Problem, StudyError, did_you_mean
from binome.protocol.catalogue import LANGUAGES, text
from binome.protocol.designs import orders
from binome.protocol.document import Document, read_document
from binome.protocol.questionnaire import Questionnaire, find, read_questionnaire, shipped
from binome.protocol.reading import Path_, Source, read_yaml
from binome.protocol.schema import Study
from binome.protocol.validation import explain_errors


@dataclass(frozen=True)
class Known:
    """Names that exist outside this package, for checking a study against; None where not looked up."""

    contexts: Collection[str] | None = None
    methods: Collection[str] | None = None
    metrics: Collection[str] | None = None
    agreements: Collection[str] | None = None
    measures: Collection[str] | None = None


@dataclass(frozen=True)
class Protocol:
    """The whole declared plan of an experiment.

    Attributes:
        study: what the file says, defaults filled in.
        folder: the study's folder.
        source: the file with its lines.
        consent: by language.
        instructions: by language; empty when the study uses Binome's own.
        questionnaires: by id, those that the study uses.
        warnings: what is allowed but probably not meant.
    """

    study: Study
    folder: Path
    source: Source
    consent: Mapping[str, Document]
    instructions: Mapping[str, Document]
    questionnaires: Mapping[str, Questionnaire]
    warnings: tuple[Problem, ...] = field(default=())

    def text(self, key: str, language: str, **values: Any) -> str:
        """One of Binome's own texts, in the operator's language."""
        return text(key, language, **values)

    def problem(self, field: str, found: str, expected: str, hint: str = "") -> Problem:
        """A problem at a dotted field of the study file."""
        return self.source.problem(tuple(field.split(".")), found, expected, hint)


def load(path: str | Path, known: Known | None = None) -> Protocol:
    """Load a study folder or study file.

    Raises:
        StudyError: with every problem found.
    """
    path = Path(path)
    file = path / "study.yaml" if path.is_dir() or not path.suffix else path
    source = read_yaml(file)
    try:
        study = Study.model_validate(source.data)
    except ValidationError as error:
        raise StudyError(explain_errors(source, error, Study)) from error
    folder = file.parent
    problems = [*_names(source, study, known or Known()), *_conditions(source, study), *_design(source, study)]
    warnings = _warnings(source, study)
    texts = _Texts(source, study, folder, problems, warnings)
    consent = texts.read(study.operators.consent, ("operators", "consent"))
    own = study.operators.instructions
    instructions = texts.read(own, ("operators", "instructions")) if own else {}
    questionnaires = _questionnaires(source, study, folder, problems)
    if problems:
        raise StudyError(sorted(problems, key=lambda problem: (problem.file, problem.line or 0)))
    return Protocol(study, folder, source, consent, instructions, questionnaires, tuple(warnings))


def check(path: str | Path, known: Known | None = None) -> list[Problem]:
    """Every problem of a study; empty when there is none."""
    try:
        load(path, known)
    except StudyError as error:
        return list(error.problems)
    return []


def _names(source: Source, study: Study, known: Known) -> list[Problem]:
    """Names that must exist somewhere else."""
    named: list[tuple[Path_, str, Collection[str] | None]] = [(("context", "name"), study.context.name, known.contexts)]
    named += [(("explanations", key, "method"), spec.method, known.methods) for key, spec in study.explanations.items()]
    named += [(("variation", "metrics"), name, known.metrics) for name in study.variation.metrics]
    named += [(("variation", "agreements"), name, known.agreements) for name in study.variation.agreements]
    named += [(("analysis", "measures"), name, known.measures) for name in study.analysis.measures]
    if study.analysis.primary:
        named.append((("analysis", "primary", "measure"), study.analysis.primary.measure, known.measures))
        named += [
            (("analysis", "primary", "contrast"), name, list(study.conditions))
            for name in study.analysis.primary.contrast
        ]
    problems = [
        _unknown(source, path, name, names) for path, name, names in named if names is not None and name not in names
    ]
    problems += [
        source.problem(("operators", "languages"), repr(code), f"one of {', '.join(LANGUAGES)}")
        for code in study.operators.languages
        if code not in LANGUAGES
    ]
    return problems


def _conditions(source: Source, study: Study) -> list[Problem]:
    """Conditions and explanations that cannot be."""
    problems, explanations = [], list(study.explanations)
    for name, condition in study.conditions.items():
        path: Path_ = ("conditions", name)
        shown = condition.explanation
        if shown is not None and shown not in study.explanations:
            problems.append(_unknown(source, (*path, "explanation"), shown, explanations))
        if condition.advice == "none" and (shown is not None or condition.confidence):
            key = "explanation" if shown is not None else "confidence"
            problems.append(
                source.problem((*path, key), "help without advice", "advice: before or after_initial with it")
            )
        if condition.advice != "none" and condition.delegation:
            problems.append(
                source.problem((*path, "delegation"), "delegation with advice", "advice: none with delegation")
            )
    for name, spec in study.explanations.items():
        source_name, seen = spec.params.get("of"), {name}
        while isinstance(source_name, str) and source_name in study.explanations:
            if source_name in seen:
                problems.append(
                    source.problem(
                        ("explanations", name, "of"), "a circle", "an explanation that is not made from this one"
                    )
                )
                break
            seen.add(source_name)
            source_name = study.explanations[source_name].params.get("of")
    return problems


def _design(source: Source, study: Study) -> list[Problem]:
    design, conditions = study.design, len(study.conditions)
    problems = []
    if design.operators < conditions and design.kind == "between":
        problems.append(
            source.problem(("design", "operators"), str(design.operators), f"at least {conditions}, one a condition")
        )
    if design.kind == "within" and study.stimuli.items < conditions:
        problems.append(
            source.problem(("stimuli", "items"), str(study.stimuli.items), f"at least {conditions}, one a condition")
        )
    return problems


def _warnings(source: Source, study: Study) -> list[Problem]:
    design, conditions, warnings = study.design, len(study.conditions), []
    if design.kind == "between" and design.operators % conditions:
        expected = f"a multiple of {conditions}, so that all conditions have as many operators"
        warnings.append(source.problem(("design", "operators"), str(design.operators), expected))
    if design.kind == "within":
        if study.stimuli.items % conditions:
            expected = f"a multiple of {conditions}, so that all conditions have as many items"
            warnings.append(source.problem(("stimuli", "items"), str(study.stimuli.items), expected))
        rows = len(orders(design.order, conditions))
        if design.order in ("williams", "latin") and design.operators % rows:
            expected = f"a multiple of {rows}, so that every order of conditions has as many operators"
            warnings.append(source.problem(("design", "operators"), str(design.operators), expected))
    return warnings


@dataclass(frozen=True)
class _Texts:
    """Reads the texts that a study names, in each of its languages."""

    source: Source
    study: Study
    folder: Path
    problems: list[Problem]
    warnings: list[Problem]

    def read(self, name: str, path: Path_) -> dict[str, Document]:
        """`NAME.fr.md` for French; the plain file for English, and (said aloud) for a language without its own."""
        documents = {}
        plain = self.folder / name
        for language in self.study.operators.languages:
            own = plain.with_suffix(f".{language}{plain.suffix}")
            if not own.exists():
                if language != "en" and plain.exists():
                    expected = f"the text in {language!r}, at {own}"
                    self.warnings.append(
                        self.source.problem(path, f"no file {own.name}", expected, f"{plain.name} is shown instead")
                    )
                own = plain
            if not own.exists():
                self.problems.append(self.source.problem(path, f"no file {name}", f"a text at {own}"))
                break
            try:
                documents[language] = read_document(own)
            except StudyError as error:
                self.problems.extend(error.problems)
        return documents


def _questionnaires(source: Source, study: Study, folder: Path, problems: list[Problem]) -> dict[str, Questionnaire]:
    found = {}
    for moment in ("before", "after_block", "after"):
        for i, name in enumerate(getattr(study.questionnaires, moment)):
            path = find(name, folder)
            if path is None:
                problems.append(_unknown(source, ("questionnaires", moment, i), name, shipped()))
                continue
            try:
                found[name] = read_questionnaire(path)
            except StudyError as error:
                problems += error.problems
    return found


def _unknown(source: Source, path: Path_, name: str, known: Collection[str]) -> Problem:
    listing = ", ".join(sorted(known)) or "none is declared"
    return source.problem(path, repr(name), f"one of {listing}", did_you_mean(name, known))
