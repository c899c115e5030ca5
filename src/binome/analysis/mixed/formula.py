"""Formulas of mixed models: `correct ~ condition * expertise + (1 + block|operator) + (1|item)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from binome.core import BinomeError

Term = tuple[str, ...]
"""Columns that are multiplied; none of them is the intercept."""
HINTS = (
    (r"^0$|-", "a model without intercept is not supported"),
    (r"[/^]", "write interactions of fixed terms as a:b or a*b"),
    (r"\(", "functions are not supported; make a column first (text columns are categorical, numbers are linear)"),
)


@dataclass(frozen=True)
class Effect:
    """What varies at random, the intercept or a column's slope, between the levels of a group."""

    slope: str
    group: Term


@dataclass(frozen=True)
class Formula:
    """A response, fixed terms (main effects first) and random effects.

    `uncorrelated` names the groups for which the formula asks for correlations that are not estimated.
    """

    response: str
    fixed: tuple[Term, ...]
    random: tuple[Effect, ...]
    uncorrelated: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the model needs, the response first."""
        names = [self.response, *(name for term in self.fixed for name in term)]
        for effect in self.random:
            names += [*effect.group, *([effect.slope] if effect.slope else [])]
        return tuple(dict.fromkeys(names))


def parse_formula(text: str) -> Formula:
    """Parse `response ~ term + a:b + a*b + (1|group) + (1 + x|group) + (1|a/b) + …`.

    Raises:
        BinomeError: for what is not supported, saying what is.
    """
    left, tilde, right = text.partition("~")
    if not tilde or not left.strip().isidentifier():
        raise BinomeError(f"formula {text!r}: write `response ~ term + term + (1|group)`")
    fixed: list[Term] = []
    random: list[Effect] = []
    uncorrelated: list[str] = []
    for part in _parts(right):
        if "|" not in part:
            fixed += _fixed(part, text)
            continue
        effects, single = _random(part, text)
        random += effects
        if single and len({effect.slope for effect in effects}) > 1:
            uncorrelated += [":".join(effect.group) for effect in effects]
    if not random:
        raise BinomeError(f"formula {text!r}: a mixed model needs a random intercept such as (1|operator)")
    terms = _distinct(fixed)
    _check_margins(terms, text)
    return Formula(left.strip(), terms, tuple(dict.fromkeys(random)), tuple(dict.fromkeys(uncorrelated)))


def without_term(formula: Formula, term: str) -> str:
    """The formula's text without one of its fixed terms.

    Raises:
        BinomeError: when it is not in the formula, or an interaction in the formula needs it.
    """
    gone = frozenset(name.strip() for name in term.split(":"))
    if gone not in {frozenset(known) for known in formula.fixed}:
        listing = ", ".join(":".join(known) for known in formula.fixed) or "none"
        raise BinomeError(f"the model has no fixed term {term!r}; it has: {listing}")
    larger = next((known for known in formula.fixed if gone < frozenset(known)), None)
    if larger:
        raise BinomeError(f"{term!r} cannot be taken out of a model with {':'.join(larger)}; take that out first")
    fixed = [":".join(known) for known in formula.fixed if frozenset(known) != gone]
    random = [
        f"({f'0 + {effect.slope}' if effect.slope else '1'}|{':'.join(effect.group)})" for effect in formula.random
    ]
    return f"{formula.response} ~ {' + '.join(['1', *fixed, *random])}"


def _parts(text: str) -> Iterator[str]:
    """What stands between the plus signs that are not within parentheses."""
    depth, start = 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "+" and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _fixed(part: str, text: str) -> list[Term]:
    if part == "1":
        return []
    factors = [tuple(name.strip() for name in factor.split(":")) for factor in part.split("*")]
    if not all(name.isidentifier() for factor in factors for name in factor):
        hint = next((hint for pattern, hint in HINTS if re.search(pattern, part)), "write the name of a column")
        raise BinomeError(f"formula {text!r}: {part!r}: {hint}")
    chosen = (choice for size in range(1, len(factors) + 1) for choice in combinations(factors, size))
    return [tuple(dict.fromkeys(name for factor in choice for name in factor)) for choice in chosen]


def _random(part: str, text: str) -> tuple[list[Effect], bool]:
    """The effects of `(… | …)`, and whether one bar asks for their correlations."""
    shape = re.fullmatch(r"\(([^|()]+)(\|\|?)([^|()]+)\)", part)
    wrong = f"formula {text!r}: {part!r}: write (1|group), (1 + x|group), (0 + x|group) or (1|a/b)"
    if shape is None:
        raise BinomeError(wrong)
    left = [name.strip() for name in shape[1].split("+")]
    slopes = [name for name in left if name not in ("0", "1")]
    nested = [tuple(name.strip() for name in group.split(":")) for group in shape[3].split("/")]
    if not all(name.isidentifier() for name in [*slopes, *(name for group in nested for name in group)]):
        raise BinomeError(wrong)
    if not slopes and "0" in left:
        raise BinomeError(wrong)
    effects = [*([] if "0" in left else [""]), *slopes]
    groups = [tuple(name for group in nested[: depth + 1] for name in group) for depth in range(len(nested))]
    return [Effect(slope, group) for group in groups for slope in effects], shape[2] == "|"


def _distinct(terms: list[Term]) -> tuple[Term, ...]:
    """Each term once, whatever the order of its columns; main effects first."""
    return tuple(sorted({frozenset(term): term for term in reversed(terms)}.values(), key=lambda t: _place(t, terms)))


def _place(term: Term, terms: list[Term]) -> tuple[int, int]:
    return len(term), terms.index(term)


def _check_margins(terms: tuple[Term, ...], text: str) -> None:
    known = {frozenset(term) for term in terms}
    for term in terms:
        parts = (part for size in range(1, len(term)) for part in combinations(term, size))
        missing = next((part for part in parts if frozenset(part) not in known), None)
        if missing:
            raise BinomeError(
                f"formula {text!r}: {':'.join(term)} needs {':'.join(missing)} too; write {' * '.join(term)}"
            )
