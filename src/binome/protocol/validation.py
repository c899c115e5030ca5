"""Pydantic's errors as problems that a researcher can mend: line, field, found, expected, nearest name."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from binome.core import Problem, did_you_mean
from binome.protocol.reading import Path_, Source

EXPECTED = {
    "missing": "this key",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "float_type": "a number", "float_parsing": "a number",
    "bool_type": "true or false", "bool_parsing": "true or false",
    "string_type": "a text", "list_type": "a list [ … ]",
    "dict_type": "a mapping { … }", "model_type": "a mapping { … }", "model_attributes_type": "a mapping { … }",
}  # fmt: skip


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
        return source.problem(path, "nothing", "this key, which every study needs")
    if kind == "literal_error":
        options = [option.strip("'\" ") for option in context["expected"].replace(" or ", ", ").split(",")]
        return source.problem(path, repr(value), f"one of {', '.join(options)}", did_you_mean(str(value), options))
    if kind == "string_pattern_mismatch":
        return source.problem(path, repr(value), "lower-case letters first, then letters, digits, - or _")
    limits = {
        "greater_than_equal": ("ge", "at least"),
        "less_than_equal": ("le", "at most"),
        "greater_than": ("gt", "more than"),
    }
    if kind in limits:
        key, words = limits[kind]
        return source.problem(path, repr(value), f"a number, {words} {context[key]:g}")
    if kind in ("too_short", "too_long"):
        return source.problem(
            path, f"{context['actual_length']} entries", detail["msg"].split(" should have ")[-1].split(" after")[0]
        )
    return source.problem(path, repr(value)[:60], EXPECTED.get(kind, detail["msg"]))


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
        candidates = [*get_args(current), current]
        models = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        current = models[0] if models else current
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []
