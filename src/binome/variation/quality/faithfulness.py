"""Faithfulness: does the prediction change when what the map calls important is taken away?

Pixels go whole and are ranked by the signed sum of their channels, so that the scale of a map does not matter and its
sign does. Undefined (NaN): a constant map, which ranks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import torch

from binome.core import BinomeError
from binome.variation.metric import Batch, metric
from binome.variation.quality.imputation import Imputation, Imputer, by_pixel, emptied_logits, impute, intact_logits

Order = Literal["morf", "lerf"]
Output = Literal["probability", "logit"]
Kept = Literal["accuracy", "probability", "logit"]
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@metric(
    "deletion",
    family="faithfulness",
    better="lower",
    forward="steps + 1",
    paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421",
    labelled_by=("imputer",),
)
def deletion(
    batch: Batch,
    steps: int = 20,
    imputer: Imputer = "zero",
    order: Order = "morf",
    output: Output = "probability",
    donors: Any = None,
) -> torch.Tensor:
    """Area under the target's curve as pixels are taken away, the most important first.

    Args:
        steps: points of the curve after its first; fewer where the item has fewer pixels.
        imputer: what stands in place of a pixel: `zero`, `mean` of the item's channels, `blur`, `noise`, `road`,
            `mixing`, or a number; see `imputation.Imputer`.
        order: `morf`, the most relevant first, or `lerf`, the least; with `lerf`, higher is better.
        output: the target's softmax `probability` or its `logit`.
        donors: float (m, …), other items, for the imputer `mixing`.
    """
    return _area(batch, steps, impute(batch, imputer, donors), order, output, inserting=False)


@metric(
    "insertion",
    family="faithfulness",
    better="higher",
    forward="steps + 1",
    paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421",
    labelled_by=("imputer",),
)
def insertion(
    batch: Batch,
    steps: int = 20,
    imputer: Imputer = "zero",
    order: Order = "morf",
    output: Output = "probability",
    donors: Any = None,
) -> torch.Tensor:
    """Area under the target's curve as pixels are put back, the most important first; parameters as for `deletion`."""
    return _area(batch, steps, impute(batch, imputer, donors), order, output, inserting=True)


@metric(
    "srg",
    family="faithfulness",
    better="higher",
    forward="2 steps",
    paper="Blücher, Vielhaben & Strodthoff 2024, arXiv 2401.06654",
    labelled_by=("imputer",),
)
def srg(
    batch: Batch, steps: int = 20, imputer: Imputer = "zero", output: Output = "probability", donors: Any = None
) -> torch.Tensor:
    """Symmetric relevance gain: deletion with the least important first, minus the most important first.

    The difference cancels much of what the imputer alone does. Where deletion and insertion are scored as well, with
    the same parameters, it takes no pass of its own unless the map has ties.
    """
    least = deletion(batch, steps, imputer, "lerf", output, donors)
    return least - deletion(batch, steps, imputer, "morf", output, donors)


@metric(
    "road",
    family="faithfulness",
    better="lower",
    forward="shares",
    paper="Rong et al. 2022, arXiv 2202.00449",
    labelled_by=("imputer",),
)
def road(
    batch: Batch,
    shares: Sequence[float] = SHARES,
    imputer: Imputer = "road",
    order: Order = "morf",
    output: Kept = "accuracy",
    donors: Any = None,
) -> torch.Tensor:
    """Remove and debias: how far the target's decision survives as the most important pixels go, mean over shares.

    Args:
        shares: of the pixels that go, each above 0 and at most 1; rounded to whole pixels.
        imputer: `road`, the paper's noisy linear imputation, or another one of `imputation.Imputer`.
        order: `morf`, the most relevant first, or `lerf`, the least; with `lerf`, higher is better.
        output: `accuracy`, 1 where the target has the highest logit, as in the paper, whose curve is the mean over
            items; the target's `probability` or `logit`, which say more of a single item.
        donors: float (m, …), other items, for the imputer `mixing`.
    """
    check_output(output, Kept)
    if not len(shares) or not all(0 < share <= 1 for share in shares):
        raise BinomeError(f"shares are {shares!r}; give one or more, each above 0 and at most 1")
    values = importance(batch.maps)
    counts = tuple(round(share * values.shape[1]) for share in shares)
    logits = _removals(batch, impute(batch, imputer, donors), order, counts)
    accurate = (logits.argmax(2) == batch.targets).double()
    kept = accurate if output == "accuracy" else read(logits, batch.targets, output)
    return kept.mean(0).masked_fill(constant(values), float("nan"))


def importance(maps: torch.Tensor) -> torch.Tensor:
    """Maps (n, …) as one signed value a pixel, (n, pixels): channels are summed, so a pixel goes whole."""
    return maps.sum(1).flatten(1) if maps.dim() == 4 else maps.flatten(1)


def constant(values: torch.Tensor) -> torch.Tensor:
    """Whether all pixels of an item have one value, bool (…, n) from (…, n, pixels)."""
    return values.amax(-1) == values.amin(-1)


def removal_ranks(values: torch.Tensor, order: Order) -> torch.Tensor:
    """Place of each pixel in the order of removal, int64 (n, pixels); ties go in reading order."""
    return _ranked(values, order)[0]


def _ranked(values: torch.Tensor, order: Order) -> tuple[torch.Tensor, bool]:
    """Places in the order of removal, and whether any two pixels of an item are equal: one sort for both."""
    if order not in ("morf", "lerf"):
        raise BinomeError(f"order is {order!r}; give morf (most important first) or lerf")
    ordered, sequence = values.sort(dim=1, descending=order == "morf", stable=True)
    places = torch.arange(values.shape[1], device=values.device).expand_as(sequence)
    tied = bool((ordered[:, 1:] == ordered[:, :-1]).any())
    return torch.empty_like(sequence).scatter_(1, sequence, places), tied


def fractions(pixels: int, steps: int) -> list[int]:
    """How many pixels are changed at each point of the curve, both ends included; no point twice."""
    if steps < 1:
        raise BinomeError(f"steps is {steps}; give 1 or more")
    return sorted({round(pixels * step / steps) for step in range(steps + 1)})


def read(logits: torch.Tensor, targets: torch.Tensor, output: Output) -> torch.Tensor:
    """The targets' outputs, float64 (copies, n), from logits (copies, n, classes)."""
    outputs = torch.softmax(logits, 2) if output == "probability" else logits
    chosen: torch.Tensor = outputs.gather(2, targets.expand(len(logits), -1)[:, :, None])[:, :, 0]
    return chosen


def check_output(output: str, known: Any = Output) -> None:
    """Refuse an output that does not exist, before any pass is made.

    Raises:
        BinomeError: naming those that do.
    """
    if output not in get_args(known):
        raise BinomeError(f"output is {output!r}; give {' or '.join(get_args(known))}")


def _area(
    batch: Batch, steps: int, imputation: Imputation, order: Order, output: Output, *, inserting: bool
) -> torch.Tensor:
    """Trapezoid over the share of pixels actually changed; NaN for a constant map."""
    check_output(output)
    values = importance(batch.maps)
    pixels = values.shape[1]
    changed = fractions(pixels, steps)
    removed = [pixels - count for count in changed] if inserting else changed
    curve = read(_removals(batch, imputation, order, tuple(removed), inserting), batch.targets, output)
    share = torch.tensor(changed, dtype=torch.float64, device=values.device) / pixels
    return torch.trapezoid(curve, share, dim=0).masked_fill(constant(values), float("nan"))


def _removals(
    batch: Batch, imputation: Imputation, order: Order, counts: tuple[int, ...], inserting: bool = False
) -> torch.Tensor:
    """Logits (counts, n, classes) with so many pixels removed, in order; what `order` puts back first goes last.

    Kept for the metrics that ask for the same removals: without ties, insertion is deletion in the other order.
    """
    ranks, tied = batch.once(("ranks", batch.place, order), lambda: _ranked(importance(batch.maps), order))
    highest_first = (order == "morf") != inserting
    if inserting:
        ranks = ranks.shape[1] - 1 - ranks
    found = batch.once(
        ("removals", batch.place, imputation.key, highest_first, tied and inserting, frozenset(counts)),
        lambda: _curve(batch, imputation, ranks, sorted(set(counts))),
    )
    return torch.stack([found[count] for count in counts])


def _curve(batch: Batch, imputation: Imputation, ranks: torch.Tensor, counts: list[int]) -> dict[int, torch.Tensor]:
    """Logits (n, classes) by the number of pixels removed; the ends do not depend on the map, and are shared."""
    pixels = ranks.shape[1]
    places = by_pixel(ranks, batch.inputs)
    between = [count for count in counts if 0 < count < pixels]

    def make(part: range) -> torch.Tensor:
        cut = torch.tensor(between[part.start : part.stop], device=ranks.device)
        return imputation.without(places < cut.view(-1, *(1,) * places.dim()))

    found = dict(zip(between, batch.passes(len(between), make), strict=True)) if between else {}
    if 0 in counts:
        found[0] = intact_logits(batch)
    if pixels in counts:
        found[pixels] = emptied_logits(batch, imputation)
    return found
