"""Formulas of mixed models: `correct ~ condition + block + (1|operator) + (1|item)`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from binome.core import BinomeError

RANDOM = re.compile(r"\(\s*1\s*\|\s*([A-Za-z_]\w*)\s*\)")


@dataclass(frozen=True)
class Formula:
    """A response, additive fixed terms and random intercepts."""

    response: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Raises:
        BinomeError: for what is not supported, saying what is.
    """
    left, tilde, right = text.partition("~")
    if not tilde or not left.strip().isidentifier():
        raise BinomeError(f"formula {text!r}: write `response ~ term + term + (1|group)`")
    random = tuple(RANDOM.findall(right))
    terms = [term.strip() for term in RANDOM.sub("", right).split("+")]
    fixed = tuple(term for term in terms if term not in ("", "1"))
    for term in fixed:
        if not term.isidentifier():
            supported = "additive columns and random intercepts (1|group)"
            raise BinomeError(f"formula {text!r}: {term!r} is not supported; use {supported}")
    if not random:
        raise BinomeError(f"formula {text!r}: a mixed model needs a random intercept such as (1|operator)")
    return Formula(left.strip(), fixed, random)
