"""Pydantic's errors as problems that a researcher can mend: line, field, found, expected, nearest name."""

from __future__ import annotations

import copy
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from binome.core import Problem, did_you_mean
from binome.protocol.reading import Path_, Source

EXPECTED = {
    "missing": "this key",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "float_type": "a number", "float_parsing": "a number", "finite_number": "a finite number",
    "bool_type": "true or false", "bool_parsing": "true or false",
    "string_type": "a text", "list_type": "a list [ … ]",
    "dict_type": "a mapping { … }", "model_type": "a mapping { … }", "model_attributes_type": "a mapping { … }",
}  # fmt: skip


Model = TypeVar("Model", bound=BaseModel)


def validate(source: Source, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The file's data as a model, and what is malformed in it.

    Malformed values that have a default are left out, so that the rest can still be judged; the model
    is None where that is not enough.
    """
    try:
        return model.model_validate(source.data), []
    except ValidationError as error:
        problems = explain_errors(source, error, model)
        data = copy.deepcopy(source.data)
        for path in sorted({_path(source, detail["loc"]) for detail in error.errors()}, key=_last_first, reverse=True):
            _remove(data, path)
    try:
        return model.model_validate(data), problems
    except ValidationError:
        return None, problems


def _last_first(path: Path_) -> tuple[int, int]:
    """Deeper paths, and later entries of a list, sort higher: removing them moves no other."""
    last = path[-1] if path else 0
    return len(path), last if isinstance(last, int) else 0


def _remove(data: Any, path: Path_) -> None:
    for part in path[:-1]:
        inside = isinstance(data, dict | list) and (part in data if isinstance(data, dict) else True)
        if not inside:
            return
        data = data[part]
    if not path:
        return
    if isinstance(data, dict):
        data.pop(path[-1], None)
    elif isinstance(data, list) and isinstance(path[-1], int) and path[-1] < len(data):
        del data[path[-1]]


def explain_errors(source: Source, error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """One problem for each place that is wrong, in the order of the file."""
    problems: dict[Path_, Problem] = {}
    for detail in error.errors():
        path = _path(source, detail["loc"])
        problems.setdefault(path, _explain(source, detail, path, model))
    return sorted(problems.values(), key=lambda problem: (problem.line or 0, problem.field))


def _explain(source: Source, detail: Any, path: Path_, model: type[BaseModel]) -> Problem:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        return source.problem(path, "an unknown key", f"one of {', '.join(known)}", did_you_mean(str(path[-1]), known))
    if kind == "missing":
        return source.problem(path, "nothing", "this key, which must be given")
    if kind == "literal_error":
        options = [option.strip("'\" ") for option in context["expected"].replace(" or ", ", ").split(",")]
        hint = _unquoted(value) or did_you_mean(str(value), options)
        return source.problem(path, repr(value), f"one of {', '.join(options)}", hint)
    if kind == "string_pattern_mismatch":
        return source.problem(path, repr(value), "lower-case letters first, then letters, digits, - or _")
    limits = {
        "greater_than_equal": ("ge", "at least"),
        "less_than_equal": ("le", "at most"),
        "greater_than": ("gt", "more than"),
        "less_than": ("lt", "less than"),
    }
    if kind in limits:
        key, words = limits[kind]
        return source.problem(path, repr(value), f"a number, {words} {context[key]:g}")
    if kind in ("too_short", "too_long"):
        return source.problem(
            path, f"{context['actual_length']} entries", detail["msg"].split(" should have ")[-1].split(" after")[0]
        )
    hint = _unquoted(value) if kind == "string_type" else ""
    return source.problem(path, repr(value)[:60], EXPECTED.get(kind, detail["msg"]), hint)


def _unquoted(value: Any) -> str:
    """What happened to a word that YAML took for a truth value."""
    return "YAML reads no, off, yes and on without quotes as false and true" if isinstance(value, bool) else ""


def _path(source: Source, location: tuple[int | str, ...]) -> Path_:
    """Pydantic's location without the parts (union branches, `[key]`) that are not in the file."""
    path: Path_ = ()
    data: Any = source.data
    for i, part in enumerate(location):
        last = i == len(location) - 1
        if part == "[key]":
            continue
        inside = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if inside:
            path, data = (*path, part), data[part]
        elif last and isinstance(data, dict):
            path = (*path, part) if not str(part).startswith(("str", "dict[", "float", "int")) else path
    return path


def _keys(model: type[BaseModel], path: Path_) -> list[str]:
    """The keys that the mapping at `path` may have."""
    current: Any = model
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = current.model_fields[str(part)].annotation
        models = [part for part in _parts(current) if isinstance(part, type) and issubclass(part, BaseModel)]
        current = models[0] if models else current
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _parts(annotation: Any) -> list[Any]:
    """What a type is made of, at any depth, itself last."""
    return [*(part for argument in get_args(annotation) for part in _parts(argument)), annotation]
