"""An explanation in one sentence, in every language, made from its numbers and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from binome.core.stimulus import Task
from binome.core.text import Text, say
from binome.protocol import LANGUAGES, number, text
from binome.stimuli.rendering import Maps, check_shown

NAMED = 2
"""At most so many lines of a case file are named on either side."""
LEAST = 0.05
"""Share of all that weighed below which a line is not named."""
PLACES = (
    ("upper_left", "upper_middle", "upper_right"),
    ("middle_left", "centre", "middle_right"),
    ("lower_left", "lower_middle", "lower_right"),
)


def of_picture(values: Maps) -> Text:
    """Where in the picture the strongest share of a map (height, width), 0 or more, lies, and how concentrated it is.

    Raises:
        BinomeError: for negative or non-finite values.
    """
    check_shown(values)
    if not values.any():
        return {language: text("sentence_picture_nothing", language) for language in LANGUAGES}
    parts = thirds(values)
    row, column = np.unravel_index(int(parts.argmax()), parts.shape)
    return {
        language: text(
            "sentence_picture",
            language,
            place=text(f"place_{PLACES[row][column]}", language),
            share=_percent(float(parts[row, column]), language),
            area=_percent(half_area(values), language),
        )
        for language in LANGUAGES
    }


def of_case(values: Sequence[float | None], case: Sequence[Text | None], task: Task) -> Text:
    """Which lines of a case file speak for and against the advice (or raise and lower the estimate), with their values
    in words and their share of all that weighed: Σ|φ| over all that the predictor saw.

    Args:
        values: signed, by the task's features; None where the predictor did not see one.
        case: values in words, by the task's features; None where the operator may not see one: such lines are not
            named, their shares are added up.
    """
    seen = [(i, value) for i, value in enumerate(values) if value is not None]
    total = sum(abs(value) for _, value in seen)
    if total == 0:
        return {language: text("sentence_case_nothing", language) for language in LANGUAGES}
    shares = {i: value / total for i, value in seen}
    hidden = sum(abs(share) for i, share in shares.items() if case[i] is None)
    named = [(i, share) for i, share in shares.items() if case[i] is not None and abs(share) >= LEAST]
    named.sort(key=lambda pair: -abs(pair[1]))
    ends = ("for", "against") if task.number is None else ("raise", "lower")
    sides = (
        (ends[0], [pair for pair in named if pair[1] > 0][:NAMED]),
        (ends[1], [pair for pair in named if pair[1] < 0][:NAMED]),
    )
    return {language: _say_case(sides, hidden, case, task, language) for language in LANGUAGES}


def thirds(values: Maps) -> npt.NDArray[np.float64]:
    """The share of a map's sum in each third of its height and width: (3, 3), adding up to 1.

    A pixel belongs to the third that its centre lies in.
    """
    height, width = values.shape
    rows, columns = (((np.arange(n) + 0.5) * 3 / n).astype(int) for n in (height, width))
    found = np.zeros((3, 3))
    np.add.at(found, (rows[:, None], columns[None, :]), values.astype(np.float64))
    shares: npt.NDArray[np.float64] = found / found.sum()
    return shares


def half_area(values: Maps) -> float:
    """The smallest share of the pixels that holds half of a map's sum."""
    ordered = np.sort(values.astype(np.float64).ravel())[::-1].cumsum()
    return float(np.searchsorted(ordered, ordered[-1] / 2) + 1) / values.size


def _say_case(
    sides: Sequence[tuple[str, list[tuple[int, float]]]],
    hidden: float,
    case: Sequence[Text | None],
    task: Task,
    language: str,
) -> str:
    parts = []
    for end, lines in sides:
        said = [
            text(
                "sentence_case_line" if place == 0 else "sentence_case_more",
                language,
                label=say(task.features[i].label, language),
                value=say(case[i] or "", language),
                share=_percent(abs(share), language),
            )
            for place, (i, share) in enumerate(lines)
        ]
        joined = text("sentence_and", language).join(said)
        parts.append(text(f"sentence_{end}" if lines else f"sentence_{end}_nothing", language, lines=joined))
    if hidden:
        parts.append(text("sentence_case_hidden", language, share=_percent(hidden, language)))
    return text("sentence_case", language, parts=text("sentence_semicolon", language).join(parts))


def _percent(share: float, language: str) -> str:
    """A share as a whole percentage; what is not nothing is never said to be 0."""
    percent = round(100 * share)
    key = "percent_below" if percent < 1 and share > 0 else "percent"
    return text(key, language, number=number(max(percent, 1) if share > 0 else 0, language))
