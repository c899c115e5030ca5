"""Counterfactuals: the fewest lines of a case file that would have to be different for another advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch

from binome.core import BinomeError
from binome.core.kinds import check_count
from binome.explain.case_base import CaseBase, Gower
from binome.explain.example import AMONG
from binome.explain.explainer import Call, explainer

Places = tuple[int, ...]


@dataclass(frozen=True)
class Changed:
    """An item with some of its features as in another one, for which the module answers otherwise.

    Attributes:
        place: of the other item in the case base.
        features: the places of what was changed, increasing; with any fewer of them the answer stays.
        inputs: float (features,), the changed item.
        distance: from the item, by Gower's measure.
    """

    place: int
    features: Places
    inputs: torch.Tensor
    distance: float


@explainer(
    "counterfactuals", family="example", gives="counterfactuals", forward="donors × features × width, at most",
    needs="a case base of case files",
    paper="Wachter et al. 2018, arXiv 1711.00399; Keane & Smyth 2020, arXiv 2005.13997",
)  # fmt: skip
def counterfactuals(
    call: Call,
    base: CaseBase,
    count: int = 3,
    changes: int = 4,
    immutable: Sequence[str] | None = None,
    by: float | None = None,
    plausible: float | None = 0.95,
    donors: int = 40,
    width: int = 24,
    among: int = AMONG,
) -> list[tuple[Changed, ...]]:
    """Changes of a few lines, to the values of a real case, for which the module decides otherwise.

    The module itself is asked about every change. Values come together from one real case (as Keane & Smyth's good
    counterfactuals do), so that they go together. All subsets of its lines are searched by size, the larger ones by a
    beam; of what is found every smaller subset is tried, so that no line changes in vain. The fewest lines come first,
    then the nearest item; no answer's lines contain those of another.

    Args:
        count: how many at most, each with other lines.
        changes: most lines that one may change.
        immutable: names of features that must stay as they are; those that are protected by default.
        by: for estimates, how far the estimate must move, in the module's unit.
        plausible: share of the known items whose nearest neighbour is no further than the changed item's may be; None
            to allow any.
        donors: real cases whose values are tried, the nearest to the item that the module answers otherwise.
        width: sets of lines of one size that are tried with one line more, for each donor.
        among: most items of the case base that are looked at, drawn by the seed.

    Raises:
        BinomeError: for items that are no case files, or for which the module does not decide for the target.
    """
    now = call.outputs(call.inputs)
    _check(base, now.shape[1] == 1, count, changes, by, plausible, donors, width)
    fixed = base.features_named(base.protected if immutable is None else tuple(immutable))
    base = base.sample(among, call.seed)
    distance = Gower(base)
    limit = float("inf") if plausible is None else _usual_distance(distance, base, plausible)
    known = call.outputs(base.inputs)
    found = []
    for row in range(len(call.inputs)):
        judge = _Judge(call, now[row], int(call.targets[row]), by)
        item = call.inputs[row]
        if now.shape[1] > 1 and judge.margins(now[row : row + 1])[0] < 0:
            raise BinomeError(
                f"item {call.positions[row]}: the module does not decide for target {int(call.targets[row])}; a "
                f"counterfactual says what would change its decision, so give that as the target"
            )
        unlike = (judge.margins(known) < 0).nonzero()[:, 0]
        near = distance(item[None], base.inputs[unlike])[0].sort(stable=True).indices[:donors]
        search = _Search(judge, item, base.inputs[unlike[near]], fixed, width)
        kept: list[Changed] = []
        for size in range(1, changes + 1):
            fresh = [
                Changed(
                    base.places[int(unlike[near[donor]])], lines, changed, float(distance(item[None], changed[None]))
                )
                for donor, lines, changed in search.of_size(size)
                if float(distance(changed[None], base.inputs).min()) <= limit
            ]
            kept = _diverse([*kept, *fresh])
            if len(kept) >= count:
                break
        found.append(tuple(kept[:count]))
    return found


class _Judge:
    """How far an answer is from being another one: negative where it is.

    Args:
        now: the module's answer to the item, (outputs,).
    """

    def __init__(self, call: Call, now: torch.Tensor, target: int, by: float | None) -> None:
        self._call, self._now, self._target, self._by = call, now, target, by

    def margins(self, answers: torch.Tensor) -> torch.Tensor:
        """Of answers (n, outputs), (n,)."""
        if answers.shape[1] == 1:
            assert self._by is not None
            return self._by - (answers - self._now)[:, 0].abs()
        others = answers.clone()
        others[:, self._target] = -torch.inf
        return answers[:, self._target] - others.max(1).values

    def of(self, inputs: torch.Tensor) -> torch.Tensor:
        """Of the module's answers to inputs (n, features), (n,)."""
        return self.margins(self._call.outputs(inputs))


class _Search:
    """Sets of lines that, taken from a donor, change the answer, by growing size."""

    def __init__(
        self, judge: _Judge, item: torch.Tensor, donors: torch.Tensor, fixed: Iterable[int], width: int
    ) -> None:
        self._judge, self._item, self._donors, self._width = judge, item, donors, width
        free = (donors != item).index_fill(1, torch.tensor(list(fixed), dtype=torch.long, device=item.device), False)
        self._free = [row.nonzero()[:, 0].tolist() for row in free]
        self._found: list[set[Places]] = [set() for _ in donors]
        self._kept: list[list[Places]] = [[()] for _ in donors]

    def of_size(self, size: int) -> Iterator[tuple[int, Places, torch.Tensor]]:
        """Donors, lines and changed items; of sets that grew by a beam, the smallest that does."""
        tried = [(donor, lines) for donor in range(len(self._donors)) for lines in self._grown(donor)]
        margins = self._margins(tried)
        better: list[list[tuple[float, Places]]] = [[] for _ in self._donors]
        for (donor, lines), margin in zip(tried, margins.tolist(), strict=True):
            if margin >= 0:
                better[donor].append((margin, lines))
                continue
            least = self._least(donor, lines) if size > 2 else lines
            if least not in self._found[donor]:
                self._found[donor].add(least)
                yield donor, least, self._changed([(donor, least)])[0]
        self._kept = [[lines for _, lines in sorted(ranked)[: self._width]] for ranked in better]

    def _grown(self, donor: int) -> list[Places]:
        """Kept sets with one line more, each once, without those that hold one which was found already."""
        grown = {
            tuple(sorted((*lines, one))) for lines in self._kept[donor] for one in self._free[donor] if one not in lines
        }
        found = [set(lines) for lines in self._found[donor]]
        return sorted(lines for lines in grown if not any(known <= set(lines) for known in found))

    def _least(self, donor: int, lines: Places) -> Places:
        """The smallest subset that changes the answer too, or all of the lines."""
        smaller = [part for size in range(1, len(lines)) for part in combinations(lines, size)]
        flips = (self._margins([(donor, part) for part in smaller]) < 0).nonzero()[:, 0]
        return smaller[int(flips[0])] if len(flips) else lines

    def _margins(self, tried: Sequence[tuple[int, Places]]) -> torch.Tensor:
        return self._judge.of(self._changed(tried)) if tried else torch.empty(0)

    def _changed(self, tried: Sequence[tuple[int, Places]]) -> torch.Tensor:
        rows = self._item.repeat(len(tried), 1)
        at = torch.tensor([(row, line) for row, (_, lines) in enumerate(tried) for line in lines], device=rows.device)
        of = torch.tensor([donor for donor, lines in tried for _ in lines], device=rows.device)
        rows[at[:, 0], at[:, 1]] = self._donors[of, at[:, 1]]
        return rows


def _diverse(found: Sequence[Changed]) -> list[Changed]:
    """The fewest lines and the nearest first, none whose lines hold all of an earlier one's."""
    kept: list[Changed] = []
    for one in sorted(found, key=lambda one: (len(one.features), one.distance)):
        if not any(set(other.features) <= set(one.features) for other in kept):
            kept.append(one)
    return kept


def _usual_distance(distance: Gower, base: CaseBase, share: float) -> float:
    """How far the nearest other item is, for that share of the known items."""
    some = torch.arange(0, len(base), max(1, len(base) // 1000), device=base.inputs.device)
    apart = distance(base.inputs[some], base.inputs)
    apart[torch.arange(len(some)), some] = torch.inf
    return float(apart.min(1).values.double().quantile(share))


def _check(
    base: CaseBase, single: bool, count: int, changes: int, by: float | None, plausible: float | None, *more: int
) -> None:
    if not base.categories:
        raise BinomeError("counterfactuals change lines of case files; the inputs here are pictures or boards")
    for name, value in zip(("count", "changes", "donors", "width"), (count, changes, *more), strict=True):
        check_count(name, value)
    if plausible is not None and not 0 < plausible <= 1:
        raise BinomeError(f"plausible is {plausible!r}; give a share above 0, 1 at most, or null")
    if single and (by is None or not by > 0):
        raise BinomeError("the module estimates a number: say by how much it must change, e.g. by: 10")
    if not single and by is not None:
        raise BinomeError("by is for estimates; the module here decides, leave it out")
