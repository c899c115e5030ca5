"""Explanations by example: items with a known answer that are near to this one, or typical of the advice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import nn
from torch.nn import functional as F

from binome.core import BinomeError
from binome.core.kinds import check_count
from binome.explain.case_base import CaseBase, Gower
from binome.explain.explainer import Call, explainer
from binome.explain.state import hooked

Space = Literal["auto", "inputs", "embedding"]
AMONG = 5000
TYPICAL = 2000
"""Most items of a decision among which typical ones are looked for: each is held against each."""


@dataclass(frozen=True)
class Cited:
    """An item of the case base that explains another one.

    Attributes:
        place: in the case base.
        similarity: to the explained item, from 0 to 1 (the same); None where nobody measured it.
    """

    place: int
    kind: Literal["alike", "prototype", "contrast"]
    similarity: float | None


Alike = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@explainer(
    "nearest_examples", family="example", gives="examples", forward="1 + among / items",
    needs="a case base", paper="Caruana et al. 1999, Proc. AMIA Symp. 212-215",
)  # fmt: skip
def nearest_examples(
    call: Call, base: CaseBase, count: int = 3, contrast: int = 0, space: Space = "auto", among: int = AMONG
) -> list[tuple[Cited, ...]]:
    """The items of the case base that are most alike, whatever their answers, the nearest first.

    Args:
        count: how many.
        contrast: how many more, of those whose answer is not the advice.
        space: `inputs`, by Gower's measure; `embedding`, by the cosine of what the module's last linear layer is given,
            from 0 for opposite to 1 for equal directions; `auto`, inputs for case files and embedding for the others.
        among: most items of the case base that are looked at, drawn by the seed.
    """
    check_count("count", count)
    if contrast and not base.is_decided:
        raise BinomeError("contrast needs decisions: an estimate has no other answer; leave it out")
    base = base.sample(among, call.seed)
    coordinates, alike = _space(call, base, space)
    similarity = alike(coordinates(call.inputs), coordinates(base.inputs))
    found = []
    for row, target in enumerate(call.targets.tolist()):
        near = _best(similarity[row], count)
        chosen: list[tuple[int, Literal["alike", "contrast"]]] = [(place, "alike") for place in near]
        if contrast:
            others = (base.truths != target).index_fill(0, torch.tensor(near, device=base.truths.device), False)
            places = others.nonzero()[:, 0]
            chosen += [(int(places[best]), "contrast") for best in _best(similarity[row, places], contrast)]
        cited = [Cited(base.places[place], kind, _share(similarity[row, place])) for place, kind in chosen]
        found.append(tuple(cited))
    return found


@explainer(
    "prototypes", family="example", gives="examples", forward="1 + among / items",
    needs="a case base with decisions", paper="Kaufman & Rousseeuw 1990, doi 10.1002/9780470316801.ch2",
)  # fmt: skip
def prototypes(
    call: Call,
    base: CaseBase,
    count: int = 3,
    decisions: Literal["advice", "all"] = "advice",
    space: Space = "auto",
    among: int = AMONG,
) -> list[tuple[Cited, ...]]:
    """Items that are typical of a decision: medoids, chosen one after another so that the others are near to one.

    Args:
        count: how many of a decision.
        decisions: of the advice alone, or of all, the advice first.
        space, among: as for `nearest_examples`.
    """
    check_count("count", count)
    if decisions not in ("advice", "all"):
        raise BinomeError(f"decisions is {decisions!r}; give advice or all")
    if not base.is_decided:
        raise BinomeError(
            "prototypes are typical of a decision, and the answers here are estimates; use another method"
        )
    base = base.sample(among, call.seed)
    coordinates, alike = _space(call, base, space)
    known = coordinates(base.inputs)
    wanted = sorted(set(base.truths.tolist()) if decisions == "all" else set(call.targets.tolist()))
    typical: dict[int, list[int]] = {}
    for decision in wanted:
        members = (base.truths == decision).nonzero()[:TYPICAL, 0]
        chosen = _medoids(alike(known[members], known[members]), count)
        typical[decision] = members[chosen].tolist()
    items = coordinates(call.inputs)
    found = []
    for row, target in enumerate(call.targets.tolist()):
        order = [target, *(decision for decision in wanted if decision != target)] if decisions == "all" else [target]
        places = [place for decision in order for place in typical.get(decision, [])]
        near = alike(items[row : row + 1], known[places])[0]
        cited = [Cited(base.places[p], "prototype", _share(s)) for p, s in zip(places, near, strict=True)]
        found.append(tuple(cited))
    return found


@explainer(
    "random_examples", family="control", gives="examples", forward="0", needs="a case base", control=True,
    paper="Binome's own",
)  # fmt: skip
def random_examples(call: Call, base: CaseBase, count: int = 3) -> list[tuple[Cited, ...]]:
    """Items drawn at random: what a gallery does to people when it has nothing to do with the item."""
    check_count("count", count)
    found = []
    for row in range(len(call.inputs)):
        drawn = torch.randperm(len(base), generator=call.generator(row))[:count].tolist()
        found.append(tuple(Cited(base.places[place], "alike", None) for place in drawn))
    return found


def embedding(call: Call, inputs: torch.Tensor) -> torch.Tensor:
    """What the last linear layer that the module calls is given, (n, width), of length 1.

    Raises:
        BinomeError: when it calls none.
    """
    last: list[torch.Tensor] = []

    def keep(_: nn.Module, given: tuple[Any, ...], __: Any) -> None:
        last[:] = [given[0].detach()]

    parts = []
    linear = [module for module in call.module.modules() if isinstance(module, nn.Linear)]
    with hooked(linear, keep), torch.no_grad():
        for part in call.room.ranges(len(inputs), 1, "embeddings"):
            last.clear()
            call.logits(inputs[part.start : part.stop])
            if not last:
                raise BinomeError("the module calls no nn.Linear, whose input would be an embedding; set space: inputs")
            parts.append(last[0].reshape(len(part), -1))
    return F.normalize(torch.cat(parts), dim=1)


def _space(call: Call, base: CaseBase, space: str) -> tuple[Callable[[torch.Tensor], torch.Tensor], Alike]:
    """Where items lie, and how alike two are there, from 0 to 1."""
    if space not in get_args(Space):
        raise BinomeError(f"space is {space!r}; give one of {', '.join(get_args(Space))}")
    if space == "inputs" or (space == "auto" and base.categories):
        distance = Gower(base)
        return lambda inputs: inputs.flatten(1), lambda a, b: (1 - distance(a, b)).clamp(0, 1)
    return lambda inputs: embedding(call, inputs), lambda a, b: ((1 + a @ b.T) / 2).clamp(0, 1)


def _best(values: torch.Tensor, count: int) -> list[int]:
    """The places of the largest values; of equal ones, the first."""
    chosen: list[int] = torch.sort(values, descending=True, stable=True).indices[:count].tolist()
    return chosen


def _medoids(alike: torch.Tensor, count: int) -> list[int]:
    """So many rows, each chosen to add most to the sum, over all rows, of how near the nearest chosen one is."""
    best = torch.zeros(len(alike), dtype=alike.dtype, device=alike.device)
    chosen: list[int] = []
    for _ in range(min(count, len(alike))):
        gains = (alike - best[:, None]).clamp(min=0).sum(0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = torch.maximum(best, alike[:, chosen[-1]])
    return chosen


def _share(value: Any) -> float:
    return round(float(value), 6)
