"""Formulas of mixed models: `correct ~ condition + block + (1|operator) + (1|item)`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from binome.core import BinomeError

RANDOM = re.compile(r"\(\s*1\s*\|\s*(\w+)\s*\)")
HINTS = (
    (r"\|", "random slopes and nested groups are not supported; write random intercepts as (1|group)"),
    (r"[*:^]", "interactions are not supported; make a column that combines the two"),
    (r"^0$|-", "a model without intercept is not supported"),
    (r"\(", "functions are not supported; make a column first (text columns are categorical, numbers are linear)"),
)


@dataclass(frozen=True)
class Formula:
    """A response, additive fixed terms and random intercepts."""

    response: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]


def parse_formula(text: str) -> Formula:
    """Parse `response ~ term + term + (1|group) + …`.

    Raises:
        BinomeError: for what is not supported, saying what is.
    """
    left, tilde, right = text.partition("~")
    if not tilde or not left.strip().isidentifier():
        raise BinomeError(f"formula {text!r}: write `response ~ term + term + (1|group)`")
    random = tuple(dict.fromkeys(RANDOM.findall(right)))
    terms = [term.strip() for term in RANDOM.sub("1", right).split("+")]
    for term in terms:
        if not (term == "1" or term.isidentifier()):
            hint = next((hint for pattern, hint in HINTS if re.search(pattern, term)), "write the name of a column")
            raise BinomeError(f"formula {text!r}: {term!r}: {hint}")
    if not random:
        raise BinomeError(f"formula {text!r}: a mixed model needs a random intercept such as (1|operator)")
    return Formula(left.strip(), tuple(dict.fromkeys(term for term in terms if term != "1")), random)
