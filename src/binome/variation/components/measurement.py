"""Designs of generalizability theory: what is measured, the facets it varies over, and the terms of its variance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, combinations

from binome.core import BinomeError, UnknownNameError


@dataclass(frozen=True)
class Design:
    """An object of measurement crossed with facets; some facets may lie within others.

    Attributes:
        object: what is told apart: pixel, item, method.
        facets: what it is measured under, in the order of the array's axes after the object's.
        nested: facet to the facets within which its levels mean something. A setting of one method is not that of
            another: `{"setting": ("method",)}`. Parents of parents need not be repeated.
        pooled: terms that the cells observed cannot tell from another, to that other; not among `terms`.

    Raises:
        BinomeError: for no facet, a name twice or with `:` or `,`, or nesting that names no facet or goes in a circle.
    """

    object: str
    facets: tuple[str, ...]
    nested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pooled: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.facets:
            raise BinomeError(f"a design of {self.object!r} without facets has nothing to vary over; give one or more")
        for name in self.factors:
            if not name or set(name) & set(":,"):
                raise BinomeError(f"{name!r} cannot name a factor; give a name without ':' and ','")
            if self.factors.count(name) > 1:
                raise BinomeError(f"{name!r} comes twice in the design {self.factors}; give each factor its own name")
        for child, parents in self.nested.items():
            for name in (child, *parents):
                if name not in self.facets:
                    raise UnknownNameError("facet", name, self.facets)
        for child in self.facets:
            if child in self.parents(child):
                raise BinomeError(f"{child!r} lies within itself; mend `nested`: {dict(self.nested)}")

    @property
    def factors(self) -> tuple[str, ...]:
        """The object and the facets: one an axis."""
        return (self.object, *self.facets)

    def parents(self, factor: str) -> frozenset[str]:
        """The facets within which a factor lies, however far up."""
        found: set[str] = set()
        waiting = list(self.nested.get(factor, ()))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.nested.get(name, ()))
        return frozenset(found)

    @cached_property
    def sources(self) -> tuple[frozenset[str], ...]:
        """Factors of every term, pooled ones too: the sets that hold their members' parents, the smallest first."""
        places = {name: place for place, name in enumerate(self.factors)}
        sets = chain.from_iterable(combinations(self.factors, size) for size in range(1, len(self.factors) + 1))
        closed = [frozenset(one) for one in sets if all(self.parents(name) <= set(one) for name in one)]
        return tuple(sorted(closed, key=lambda one: (len(one), sorted(places[name] for name in one))))

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Names of the terms that are estimated, as in `pixel:method`; the last, the error, ends in `,error`."""
        return tuple(name for name in map(self.name, self.sources) if name not in self.pooled)

    @cached_property
    def members(self) -> tuple[frozenset[str], ...]:
        """Factors of each of `terms`."""
        return tuple(one for one in self.sources if self.name(one) not in self.pooled)

    def name(self, members: Collection[str]) -> str:
        """A term's name. One observation a cell: the term of all factors cannot be told from error, and says so."""
        joined = ":".join(name for name in self.factors if name in members)
        return f"{joined},error" if len(members) == len(self.factors) else joined

    def leaves(self, members: Collection[str]) -> frozenset[str]:
        """The members of a term within which no other member lies."""
        return frozenset(members) - frozenset().union(*(self.parents(name) for name in members))

    def without(self, names: Collection[str]) -> Design:
        """The design with some facets left out."""
        nested = {
            child: tuple(one for one in parents if one not in names)
            for child, parents in ((child, self.parents(child)) for child in self.facets if child not in names)
        }
        kept = tuple(name for name in self.facets if name not in names)
        return Design(self.object, kept, {child: parents for child, parents in nested.items() if parents})

    def turned(self, factor: str) -> Design:
        """The same terms with another object: `factor`, which must be crossed with all others.

        Raises:
            BinomeError: for a facet that lies within another, or within which another lies.
        """
        if factor == self.object:
            return self
        if factor not in self.facets:
            raise UnknownNameError("factor", factor, self.factors)
        if self.parents(factor) or any(factor in self.parents(name) for name in self.facets):
            raise BinomeError(f"{factor!r} is nested or holds nested facets; give one that is crossed with all others")
        others = tuple(name for name in self.factors if name != factor)
        return replace(self, object=factor, facets=others, pooled={})

    def levels(self, shape: tuple[int, ...]) -> dict[str, int]:
        """Levels of each factor of an array (objects, *facet levels).

        Raises:
            BinomeError: for another number of axes, or a factor with fewer than two levels.
        """
        if len(shape) != len(self.factors):
            raise BinomeError(f"values have shape {shape}; give {len(self.factors)} axes: {', '.join(self.factors)}")
        levels = dict(zip(self.factors, shape, strict=True))
        for name, count in levels.items():
            if count < 2:
                raise BinomeError(
                    f"{name!r} has {count} level; one level carries no variance: leave it out, or give two"
                )
        return levels
