"""What a study asks of its questionnaires that they cannot give, and moments for them that never come."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from binome.core import Problem
from binome.protocol.arrangement import groups_of
from binome.protocol.checks import unknown_name
from binome.protocol.question import POINTWISE, QuestionnaireSpec, QuestionSpec
from binome.protocol.questionnaire_checks import by_answer, impossible
from binome.protocol.reading import Path_, Source
from binome.protocol.schema import Study


def use_problems(source: Source, study: Study, specs: Mapping[str, QuestionnaireSpec]) -> list[Problem]:
    """Answers that screening and assignment wait for in vain, comprehension without a right answer.

    Args:
        specs: the questionnaires that could be read, by name.
    """
    return [*_screening(source, study, specs), *_comprehension(source, study, specs)]


def moment_problems(source: Source, study: Study) -> list[Problem]:
    """Questionnaires in the middle of blocks whose moment no block reaches; of a study whose design is sound."""
    problems = []
    for i, spec in enumerate(study.questionnaires.during):
        here: Path_ = ("questionnaires", "during", i)
        for j, name in enumerate(spec.conditions):
            if name not in study.conditions:
                problems.append(unknown_name(source, (*here, "conditions", j), name, list(study.conditions)))
        if spec.every is None and not spec.after:
            problems.append(source.problem(here, "neither every nor after", "`every: 10`, or `after: [5, 15]`"))
        longest = _longest_block(study, spec.conditions)
        places: list[tuple[Path_, int]] = [((*here, "after", j), place) for j, place in enumerate(spec.after)]
        places += [((*here, "every"), spec.every)] if spec.every is not None else []
        expected = f"at most {longest}, the trials of a block"
        problems += [source.problem(path, str(place), expected) for path, place in places if place > longest]
    return problems


def _longest_block(study: Study, conditions: Collection[str]) -> int:
    """Trials of the longest block of an operator who meets one of the conditions, any where none is named."""
    items = study.design.items_each or study.stimuli.items
    met = [names for names in groups_of(study).values() if not conditions or set(conditions) & set(names)]
    return max((math.ceil(items / (len(names) * study.design.blocks)) for names in met), default=items)


def _screening(source: Source, study: Study, specs: Mapping[str, QuestionnaireSpec]) -> list[Problem]:
    screening, path = study.operators.screening, ("operators", "screening", "accept")
    if screening is None or screening.questionnaire not in specs:
        return []
    questions = by_answer(specs[screening.questionnaire])
    problems = _assignment(source, study, questions)
    for name, values in screening.accept.items():
        question = questions.get(name)
        if question is None:
            problems.append(unknown_name(source, (*path, name), name, list(questions)))
        elif question.show_if or question.many:
            found = f"{name!r}, " + (
                "which not everyone is asked" if question.show_if else "which may have many answers"
            )
            problems.append(source.problem((*path, name), found, "a question that everyone gives one answer to"))
        elif not values:
            problems.append(source.problem((*path, name), "no answer: nobody can take part", "at least one answer"))
        else:
            raw = source.data["operators"]["screening"]["accept"][name]
            problems += impossible(source, (*path, name), question, values, raw)
    return problems


def _comprehension(source: Source, study: Study, specs: Mapping[str, QuestionnaireSpec]) -> list[Problem]:
    asked = study.operators.comprehension
    if asked is None or asked.questionnaire not in specs:
        return []
    if any(question.correct is not None for question in specs[asked.questionnaire].questions):
        return []
    found = f"{asked.questionnaire!r}, none of whose questions has a right answer"
    path = ("operators", "comprehension", "questionnaire")
    return [source.problem(path, found, "`correct` in one question at least")]


def _assignment(source: Source, study: Study, questions: Mapping[str, QuestionSpec]) -> list[Problem]:
    """Questions by whose answers operators are assigned: everyone must give one answer, of a few."""
    problems = []
    for i, name in enumerate(study.design.assignment.by if study.design.assignment else ()):
        path: Path_ = ("design", "assignment", "by", i)
        question = questions.get(name)
        if question is None:
            problems.append(unknown_name(source, path, name, list(questions)))
        elif question.kind not in ("choice", *POINTWISE) or question.many or question.show_if or not question.required:
            expected = "a required choice or Likert item that everyone is asked and gives one answer to"
            problems.append(source.problem(path, f"{name!r}, which is none", expected))
    return problems
