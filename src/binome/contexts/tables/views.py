"""Views of a case file: which lines a side sees, and what only the operator is told.

`operator_view: {hide: [age], note: prior_offences}` and `predictor_view: {hide: [sex], noise: 0.1}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from binome.core import BinomeError, did_you_mean

KEYS = {"operator_view": ("hide", "note"), "predictor_view": ("hide", "noise")}
MOST_NOISE = 10.0


def check_views(views: Mapping[str, Mapping[str, Any]], lines: Sequence[str]) -> None:
    """Refuse a key or a line that does not exist, a noise out of its range, and sides that are left with nothing.

    Args:
        views: `operator_view` and `predictor_view`.
        lines: ids of the case file's lines.

    Raises:
        BinomeError: naming the key and its mend.
    """
    for side, view in views.items():
        for key, value in view.items():
            if key not in KEYS[side]:
                raise BinomeError(
                    f"{side} has no key {key!r}; {_hint(key, KEYS[side])}it takes: {', '.join(KEYS[side])}"
                )
            if key == "noise":
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_NOISE:
                    raise BinomeError(f"{side}.noise is {value!r}; give a number from 0 to {MOST_NOISE:g}")
                continue
            named = [value] if key == "note" else value
            if not isinstance(named, list | tuple) or not all(isinstance(name, str) for name in named):
                raise BinomeError(f"{side}.{key} is {value!r}; give {'a line' if key == 'note' else 'a list of lines'}")
            for name in named:
                if name not in lines:
                    raise BinomeError(
                        f"{side}.{key} names {name!r}, which is no line of the case file; {_hint(name, lines)}"
                        f"its lines: {', '.join(lines)}"
                    )
    if not set(lines) - set(hidden(views["predictor_view"])) - {noted(views["operator_view"])}:
        raise BinomeError("the two views leave the predictor no line to decide on; hide fewer")


def hidden(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines that a side does not see."""
    return tuple(view.get("hide", ()))


def noted(view: Mapping[str, Any]) -> str | None:
    """The line that only the operator is told, beside the case file."""
    note: str | None = view.get("note")
    return note


def _hint(name: str, known: Sequence[str]) -> str:
    near = did_you_mean(name, known)
    return f"{near} " if near else ""
