"""Items whose answers are known: what explanations by example are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from binome.core import BinomeError, UnknownNameError, derive_seed


@dataclass(frozen=True)
class CaseBase:
    """Items with their answers, usually the training split.

    Attributes:
        inputs: float (m, …).
        truths: int64 (m,), indices of decisions; floating-point (m,) for estimates.
        categories: of a case file, how many values each feature has, 0 for a number; empty for the others.
        features: the names of a case file's features; empty where nobody named them.
        protected: those of them that nobody should be told to change.
        places: of the items in the base that they were taken from.
    """

    inputs: torch.Tensor
    truths: torch.Tensor
    categories: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    places: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.inputs)
        if self.truths.shape != (count,) or not count:
            raise BinomeError(f"a case base needs items with an answer each, found {count} and {len(self.truths)}")
        wide = self.inputs[0].numel()
        for name in ("categories", "features"):
            given = getattr(self, name)
            if given and (self.inputs.dim() != 2 or len(given) != wide):
                raise BinomeError(f"{len(given)} {name} for inputs of shape {tuple(self.inputs.shape)}; give one each")
        if not self.places:
            object.__setattr__(self, "places", tuple(range(count)))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def is_decided(self) -> bool:
        """Whether its answers are decisions rather than estimates."""
        return not self.truths.is_floating_point()

    def take(self, rows: torch.Tensor) -> CaseBase:
        """Some of the items, int64 (k,), in that order."""
        places = tuple(self.places[row] for row in rows.tolist())
        return replace(self, inputs=self.inputs[rows], truths=self.truths[rows], places=places)

    def sample(self, count: int, seed: int) -> CaseBase:
        """At most so many of the items, drawn at random, in their order."""
        if count < 1:
            raise BinomeError(f"among is {count}; give 1 or more")
        if count >= len(self):
            return self
        generator = torch.Generator().manual_seed(derive_seed(seed, "case base"))
        drawn = torch.randperm(len(self), generator=generator)[:count].sort().values
        return self.take(drawn.to(self.inputs.device))

    def to(self, device: torch.device, kind: torch.dtype) -> CaseBase:
        """With inputs of that type, on that device."""
        return replace(self, inputs=self.inputs.to(device, kind), truths=self.truths.to(device))

    def features_named(self, names: tuple[str, ...]) -> list[int]:
        """The places of features, by name.

        Raises:
            UnknownNameError: for a name that no feature has.
        """
        for name in names:
            if name not in self.features:
                raise UnknownNameError("feature", name, self.features)
        return [self.features.index(name) for name in names]


class Gower:
    """How unlike two items are: the mean over features of |a − b| / range, or of whether two categories differ.

    Gower 1971 (doi 10.2307/2528823), unweighted, with the ranges of a case base; a feature that never varies there
    does not count. 0 is the same; items within the ranges are at most 1 apart.
    """

    def __init__(self, base: CaseBase) -> None:
        values = base.inputs.flatten(1)
        self._categories = torch.tensor(base.categories or [0] * values.shape[1], device=values.device) > 0
        spans = values.max(0).values - values.min(0).values
        self._counts = int((spans > 0).sum())
        if not self._counts:
            raise BinomeError("the items of the case base are all the same; none is nearer than another")
        self._numbers = ~self._categories & (spans > 0)
        self._named = (self._categories & (spans > 0)).nonzero()[:, 0].tolist()
        self._spans = spans[self._numbers]

    def __call__(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Of each of (n, …) to each of (m, …), (n, m)."""
        a, b = a.flatten(1), b.flatten(1)
        # Without matrix products, which would round differences of near items away.
        found = torch.cdist(
            a[:, self._numbers] / self._spans, b[:, self._numbers] / self._spans, p=1
        )  # fmt: skip
        for place in self._named:
            found += a[:, place, None].round() != b[None, :, place].round()
        return found / self._counts
