"""Numbers with what they count, in words: points, seconds, days."""

from __future__ import annotations

import math
from typing import Literal

from binome.protocol.catalogue import number, text

Noun = Literal["points", "seconds", "days"]


def counted(noun: Noun, value: float, language: str) -> str:
    """A number and its noun, in the singular where the language has it: below two in French, for one in English."""
    singular = abs(value) < 2 if text("singular", language) == "below_two" else abs(value) == 1
    return text(f"{noun}_one" if singular else f"{noun}_many", language, number=plain(value, language))


def plain(value: float, language: str) -> str:
    """A number with as many decimals as it has, two at most."""
    digits = next((digits for digits in (0, 1) if math.isclose(value, round(value, digits), abs_tol=1e-9)), 2)
    return number(value, language, digits, grouped=True)
