"""Refusing parameters of the wrong kind, from what a plug-in's own signature says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from binome.core.errors import BinomeError
from binome.core.registry import check_params


def check_call(
    kind: str, name: str, target: Callable[..., Any], params: Mapping[str, Any], reserved: Container[str]
) -> None:
    """Refuse a parameter that `target` does not take, or whose value is not of the kind that it is declared to be.

    Only what is declared as a whole number, a number, true or false, or a list of numbers is looked at: a range, or
    what a name may be, the plug-in itself knows better.

    Raises:
        BinomeError: naming the parameter, what was found and what is expected.
    """
    check_params(kind, name, target, params, reserved)
    declared = inspect.signature(target).parameters
    for param, value in params.items():
        if param in declared:
            _check(f"{name}.{param}", declared[param].annotation, value)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, of Python or numpy; true and false are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether it is a finite number, of Python or numpy; true and false are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(float(value)))


def check_count(where: str, value: Any, *, optional: bool = False) -> None:
    """Refuse what is no whole number from 1 (or None, where optional).

    Raises:
        BinomeError: naming it as `where` does.
    """
    if (value is None and optional) or (is_whole(value) and value >= 1):
        return
    raise BinomeError(f"{where} is {value!r}; give a whole number from 1")


def _check(where: str, annotation: Any, value: Any) -> None:
    written = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    if written.endswith(" | None") and value is None:
        return
    known = _KINDS.get(written.removesuffix(" | None"))
    if known is not None and not known[0](value):
        raise BinomeError(f"{where} is {value!r}; give {known[1]}")


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _are_numbers(value: Any) -> bool:
    listed = isinstance(value, np.ndarray) or (isinstance(value, Sequence) and not isinstance(value, str | bytes))
    return listed and all(map(is_number, value))


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "int": (is_whole, "a whole number"),
    "float": (is_number, "a finite number"),
    "bool": (_is_flag, "true or false"),
    "Mapping[str, Any]": (_is_mapping, "parameters by name"),
    "Sequence[float]": (_are_numbers, "a list of finite numbers"),
}
