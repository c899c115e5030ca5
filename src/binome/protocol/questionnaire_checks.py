"""What a questionnaire's file may not say although each of its values is well-formed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from binome.core import Problem, did_you_mean
from binome.protocol.question import NUMERIC, POINTWISE, SLACK, QuestionnaireSpec, QuestionSpec
from binome.protocol.reading import Path_, Source
from binome.protocol.schema import Localised

TEXTS = ("title", "introduction", "text", "help", "label")
NEEDED = ("title", "text", "label")
"""Those of them that may not be empty."""
MOST_POINTS = 21
"""Of a scale whose points are shown one beside the other."""


def file_problems(source: Source, spec: QuestionnaireSpec, languages: Collection[str]) -> list[Problem]:
    """Ids that come twice, answers that cannot be given, branches that nobody reaches, items and languages that lack.

    Args:
        languages: in which it will be shown; without any, texts are not looked at.
    """
    problems = [*_doubles(source, spec), *_answers(source, spec), *_scales(source, spec), *_branches(source, spec)]
    if not languages:
        return problems
    if spec.paste and (unpasted := _unpasted(source, spec, languages)):
        return [*problems, *unpasted]
    return [*problems, *_texts(source, languages)]


def possible(question: QuestionSpec) -> str:
    """What can be answered to a question, in words."""
    options = [option.id for option in question.options]
    if question.kind == "choice":
        return f"one of {', '.join(options)}"
    if question.kind == "text":
        return "a text"
    numbers = f"a number from {question.low:g} to {question.high:g}"
    if question.kind in POINTWISE:
        numbers += f" by {question.step:g}"
        return f"{numbers}, or {' or '.join(options)}" if options else numbers
    return numbers


def impossible(
    source: Source, path: Path_, question: QuestionSpec, values: Collection[str | float], raw: Any = None
) -> list[Problem]:
    """The values at a path of the file that cannot be answered to a question.

    Args:
        raw: the same values as YAML read them: `yes` and `no` without quotes are no texts.
    """
    written = raw if isinstance(raw, list) else list(values)
    problems = []
    for i, (value, found) in enumerate(zip(values, written, strict=False)):
        if not question.takes(value) or isinstance(found, bool):
            quotes = "YAML reads yes and no as true and false: write them in quotes" if isinstance(found, bool) else ""
            hint = quotes or did_you_mean(str(value), [option.id for option in question.options])
            problems.append(source.problem((*path, i), repr(found), possible(question), hint))
    return problems


def by_answer(spec: QuestionnaireSpec) -> dict[str, QuestionSpec]:
    """The question that is answered under each id, the first where two are."""
    questions: dict[str, QuestionSpec] = {}
    for question in spec.questions:
        questions |= {name: question for name in question.ids if name not in questions}
    return questions


def _unpasted(source: Source, spec: QuestionnaireSpec, languages: Collection[str]) -> list[Problem]:
    """The items that the researcher has to paste, and has not yet; of a shipped file, one problem for all of them."""
    empty = [place for place, text in _items(spec) if _is_empty(text, languages)]
    if empty and _is_shipped(source):
        name = Path(source.file).name
        expected = f"a copy of this file in the study folder, questionnaires/{name}, with its items written in"
        return [source.problem(("questions",), "no items: Binome may not ship them", expected, spec.paste)]
    return [source.problem(place, "an empty text", "the item's wording", spec.paste) for place in empty]


def _items(spec: QuestionnaireSpec) -> Iterator[tuple[Path_, Any]]:
    for i, question in enumerate(spec.questions):
        yield ("questions", i, "text"), question.text
        yield from ((("questions", i, "rows", j, "text"), row.text) for j, row in enumerate(question.rows))


def _is_shipped(source: Source) -> bool:
    return Path(source.file).parent == Path(__file__).parent / "questionnaires"


def _is_empty(text: Localised, languages: Collection[str]) -> bool:
    if not isinstance(text, str | dict):
        return False  # YAML read `no` as false: of a wrong type, which is told apart
    texts = [text] if isinstance(text, str) else [text[code] for code in languages if code in text]
    return not all(text.strip() for text in texts)


def _doubles(source: Source, spec: QuestionnaireSpec) -> list[Problem]:
    """Questions and rows share one list of ids: answers are kept under them."""
    seen, problems = set(), []
    for i, question in enumerate(spec.questions):
        places: list[tuple[Path_, str]] = [(("questions", i, "id"), question.id)]
        places += [(("questions", i, "rows", j, "id"), row.id) for j, row in enumerate(question.rows)]
        for path, name in places:
            if name in seen:
                problems.append(source.problem(path, f"{name!r} again", "each id once in a questionnaire"))
            seen.add(name)
    return problems


def _answers(source: Source, spec: QuestionnaireSpec) -> list[Problem]:
    """Scales, options and rows that leave nothing, or nothing clear, to answer."""
    problems = []
    for i, question in enumerate(spec.questions):
        here: Path_ = ("questions", i)
        options = [option.id for option in question.options]
        found = f"{len(options)} options"
        if question.kind in NUMERIC and question.low >= question.high:
            problems.append(source.problem((*here, "high"), f"{question.high:g}", f"more than low, {question.low:g}"))
        elif question.kind in ("slider", *POINTWISE) and not _divides(question):
            reached = f"{question.low:g} to {question.high:g}"
            found = f"{question.step:g}, with which nobody gets from {reached}"
            problems.append(source.problem((*here, "step"), found, "a step that divides what lies between them"))
        elif question.kind in POINTWISE and question.points > MOST_POINTS:
            found = f"{question.points} points, from {question.low:g} to {question.high:g}"
            expected = f"low and high with at most {MOST_POINTS} points, or a slider"
            problems.append(source.problem((*here, "kind"), found, expected))
        elif question.kind in POINTWISE and len(question.labels) not in (0, 2, question.points):
            expected = f"{question.points} labels, or 2 for the ends"
            problems.append(source.problem((*here, "labels"), f"{len(question.labels)} labels", expected))
        if question.kind == "choice" and len(options) < 2:
            problems.append(source.problem((*here, "options"), found, "two or more"))
        elif question.kind not in ("choice", *POINTWISE) and options:
            problems.append(source.problem((*here, "options"), found, f"none: a {question.kind} has no options"))
        if len(set(options)) < len(options):
            problems.append(source.problem((*here, "options"), "two options of one id", "each id once"))
        if question.many and question.kind != "choice":
            problems.append(source.problem((*here, "many"), f"many of a {question.kind}", "many of a choice"))
        if question.kind == "matrix" and not question.rows:
            problems.append(source.problem((*here, "rows"), "no rows", "one row or more"))
        elif question.kind != "matrix" and question.rows:
            problems.append(source.problem((*here, "rows"), f"rows of a {question.kind}", "rows of a matrix"))
        problems += _correct(source, here, question)
    return problems


def _divides(question: QuestionSpec) -> bool:
    steps = (question.high - question.low) / question.step
    return abs(steps - round(steps)) < SLACK


def _correct(source: Source, here: Path_, question: QuestionSpec) -> list[Problem]:
    """A right answer that cannot be given, or that not everyone is asked for."""
    path = (*here, "correct")
    if question.correct is None:
        return []
    if question.many or question.kind == "matrix":
        kind = "a matrix" if question.kind == "matrix" else "a choice of several"
        return [source.problem(path, f"a right answer to {kind}", "a question with one answer")]
    if question.show_if:
        expected = "no show_if: who is not asked could not answer rightly"
        return [
            source.problem((*here, "show_if"), "a question with a right answer that not everyone is asked", expected)
        ]
    raw = source.data["questions"][here[-1]]["correct"]
    return [
        source.problem(path, problem.found, problem.expected, problem.hint)
        for problem in impossible(source, path, question, [question.correct], [raw])
    ]


def _scales(source: Source, spec: QuestionnaireSpec) -> list[Problem]:
    """Scores of what does not exist, or has no number."""
    questions = by_answer(spec)
    numeric = [name for name, question in questions.items() if question.kind in NUMERIC]
    problems = []
    for name, scale in spec.scales.items():
        for key, items in (("items", scale.items), ("reversed", scale.reversed)):
            known = numeric if key == "items" else scale.items
            for i, item in enumerate(items):
                path: Path_ = ("scales", name, key, i)
                if item not in known:
                    hint = did_you_mean(item, known)
                    problems.append(source.problem(path, repr(item), f"one of {', '.join(known)}", hint))
                elif item in items[:i]:
                    problems.append(source.problem(path, f"{item!r} again", "each item once"))
    return problems


def _branches(source: Source, spec: QuestionnaireSpec) -> list[Problem]:
    """Questions that are never asked: what they wait for comes later, or cannot be answered.

    What a question waits for, the questions that it waits for wait for too. All of it has to hold at once: of a
    question with one answer, some value must be allowed by everything that waits for it.
    """
    problems: list[Problem] = []
    needs: dict[str, dict[str, set[str | float]]] = {}
    earlier: dict[str, QuestionSpec] = {}
    for i, question in enumerate(spec.questions):
        here: Path_ = ("questions", i, "show_if")
        all_needed: dict[str, set[str | float]] = {}
        for name, values in question.show_if.items():
            if name not in earlier:
                expected = f"one of the questions before it: {', '.join(earlier) or 'there is none'}"
                problems.append(source.problem((*here, name), repr(name), expected, did_you_mean(name, earlier)))
                continue
            raw = source.data["questions"][i]["show_if"][name]
            wrong = impossible(source, (*here, name), earlier[name], values, raw)
            if not values:
                expected = f"the answers after which it is asked: {possible(earlier[name])}"
                wrong = [source.problem((*here, name), "no answer", expected)]
            problems += wrong
            conditions = [{name: set(values)}, needs[name]]
            for other, allowed in (pair for condition in conditions for pair in condition.items()):
                both = allowed & all_needed.get(other, allowed)
                if not both and not earlier[other].many and not wrong:
                    found = f"a question that is never asked: nobody can answer {other!r} in two ways"
                    problems.append(source.problem(here, found, "conditions that can hold at once"))
                all_needed[other] = both or allowed
        needs |= dict.fromkeys(question.ids, all_needed)
        earlier |= dict.fromkeys(question.ids, question)
    return problems


def _texts(source: Source, languages: Collection[str]) -> list[Problem]:
    """Texts that are empty, or are given by language and lack one of `languages`."""
    name = Path(source.file).name
    hint = f"copy the file to questionnaires/{name} of the study folder and add it there" if _is_shipped(source) else ""

    def visit(data: Any, path: Path_) -> Iterator[Problem]:
        children: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        for key, value in children:
            here = (*path, key)
            if key not in TEXTS and path[-1:] != ("labels",):
                yield from visit(value, here)
                continue
            for code in languages if isinstance(value, dict) else ():
                if code not in value:
                    yield source.problem(here, f"no text in {code!r}", f"{code}: …", hint)
            if (key in NEEDED or path[-1:] == ("labels",)) and _is_empty(value, languages):
                yield source.problem(here, "an empty text", "a text")

    problems = list(visit(source.data, ()))
    stated: Mapping[str, Any] = source.data.get("status", {})
    return problems + [
        source.problem(
            ("status",), f"no status in {code!r}", f"{code}: validated, published or project-translation", hint
        )
        for code in languages
        if code not in stated
    ]
