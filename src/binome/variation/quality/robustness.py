"""Robustness: does the map stay when the input hardly changes?

All metrics here look at the same draws x + δ, each value of δ uniform within ± `radius`, and count only those that keep
the prediction (the highest logit); `prediction_kept` is their share. A module with one output, an estimate, has no
decision to keep: every draw counts. Inputs are not cut back to their range.

The map of x itself is the one given; those of x + δ are made by the same method with the same seed, so that what the
explainer draws does not count as a change. Norms are Euclidean, over all places and channels of signed maps.

Undefined (NaN): a constant map, which says nothing, and an item of which no draw keeps the prediction.
"""

from __future__ import annotations

from typing import Any

import torch

from binome.core import BinomeError
from binome.variation.metric import Batch, metric
from binome.variation.quality.nearby import Nearby

DRAWS, RADIUS, LEAST = 10, 0.02, 1e-6
"""By default as many draws, and as near, as Captum has for its sensitivity: 5 of 255 grey levels."""
YEH = "Yeh et al. 2019, arXiv 1901.09392"
AGARWAL = "Agarwal et al. 2022, arXiv 2203.06877"
FORWARD = "draws + 1, and draws of the method"


@metric(
    "max_sensitivity", family="robustness", better="lower", forward=FORWARD, paper=YEH, needs="method",
)  # fmt: skip
def max_sensitivity(batch: Batch, draws: int = DRAWS, radius: float = RADIUS, scale: Any = None) -> torch.Tensor:
    """Largest ‖Φ(x + δ) − Φ(x)‖ / ‖Φ(x)‖ over the draws.

    Args:
        draws: how many.
        radius: how far each value of an input may move, in its own unit: .02 suits pictures in [0, 1].
        scale: broadcast to an input: the radius of each value in units of `radius`; 0 leaves a value alone, such as
            the code of a category.
    """
    near = Nearby(batch, draws, radius, scale)
    moves = near.moves()
    return _largest(near, moves.change / moves.size)


@metric(
    "average_sensitivity", family="robustness", better="lower", forward=FORWARD, paper=YEH, needs="method",
)  # fmt: skip
def average_sensitivity(batch: Batch, draws: int = DRAWS, radius: float = RADIUS, scale: Any = None) -> torch.Tensor:
    """Mean of ‖Φ(x + δ) − Φ(x)‖ / ‖Φ(x)‖ over the draws; parameters as for `max_sensitivity`."""
    near = Nearby(batch, draws, radius, scale)
    kept, moves = near.answers().kept, near.moves()
    # 0 / 0 is NaN by itself: no draw keeps the prediction.
    mean = (moves.change / moves.size).masked_fill(~kept, 0).sum(0) / kept.sum(0)
    return mean.masked_fill(moves.constant, float("nan"))


@metric(
    "lipschitz", family="robustness", better="lower", forward=FORWARD, needs="method",
    paper="Alvarez-Melis & Jaakkola 2018, arXiv 1806.08049",
)  # fmt: skip
def lipschitz(batch: Batch, draws: int = DRAWS, radius: float = RADIUS, scale: Any = None) -> torch.Tensor:
    """Largest ‖Φ(x + δ) − Φ(x)‖ / ‖δ‖ over the draws, in the unit of the map over that of the input.

    It compares maps of one method and one module; parameters as for `max_sensitivity`.
    """
    near = Nearby(batch, draws, radius, scale)
    return _largest(near, near.moves().change / near.answers().shift)


@metric(
    "relative_input_stability", family="robustness", better="lower", forward=FORWARD, paper=AGARWAL, needs="method",
)  # fmt: skip
def relative_input_stability(
    batch: Batch, draws: int = DRAWS, radius: float = RADIUS, scale: Any = None, least: float = LEAST
) -> torch.Tensor:
    """Largest ‖(Φ(x + δ) − Φ(x)) / Φ(x)‖ / max(‖δ / x‖, least), both divided element by element.

    Elements where Φ(x) is 0 have no relative change and are left out of the first norm, those where x is 0 out of the
    second: black pixels do not count. So maps with many zeros have fewer terms; compare maps that are equally dense.

    Args:
        draws, radius, scale: as for `max_sensitivity`.
        least: ε_min of the paper, below which the divisor never goes.
    """
    near = Nearby(batch, draws, radius, scale)
    return _relative(near, near.answers().relative_shift, least)


@metric(
    "relative_output_stability", family="robustness", better="lower", forward=FORWARD, paper=AGARWAL, needs="method",
)  # fmt: skip
def relative_output_stability(
    batch: Batch, draws: int = DRAWS, radius: float = RADIUS, scale: Any = None, least: float = LEAST
) -> torch.Tensor:
    """Largest ‖(Φ(x + δ) − Φ(x)) / Φ(x)‖ / max(‖h(x + δ) − h(x)‖, least), h all logits, not divided by themselves.

    Parameters and zeros of Φ(x) as for `relative_input_stability`.
    """
    near = Nearby(batch, draws, radius, scale)
    return _relative(near, near.answers().outputs, least)


@metric(
    "relative_representation_stability", family="robustness", better="lower", forward=FORWARD, paper=AGARWAL,
    needs="method",
)  # fmt: skip
def relative_representation_stability(
    batch: Batch,
    draws: int = DRAWS,
    radius: float = RADIUS,
    scale: Any = None,
    least: float = LEAST,
    layer: str | None = None,
) -> torch.Tensor:
    """Largest ‖(Φ(x + δ) − Φ(x)) / Φ(x)‖ / max(‖(L(x + δ) − L(x)) / L(x)‖, least), L what a layer gives.

    Zeros of L(x), such as a ReLU makes, are left out as those of Φ(x) are.

    Args:
        draws, radius, scale, least: as for `relative_input_stability`.
        layer: name of the module's part whose output is L, which costs draws + 1 passes more; None for what the last
            linear layer is given, which costs none.

    Raises:
        BinomeError: when there is no such layer.
    """
    near = Nearby(batch, draws, radius, scale)
    change = near.answers(layer).representation
    if change is None:
        raise BinomeError("the module calls no nn.Linear, whose input would be a representation; name a layer")
    return _relative(near, change, least)


@metric(
    "prediction_kept", family="robustness", better="higher", forward="draws + 1", paper=YEH,
)  # fmt: skip
def prediction_kept(batch: Batch, draws: int = DRAWS, radius: float = RADIUS, scale: Any = None) -> torch.Tensor:
    """Share of the draws that keep the prediction: what the other robustness metrics rest on, and the same for any map.

    1 for a module with one output. Parameters as for `max_sensitivity`.
    """
    return Nearby(batch, draws, radius, scale).answers().kept.double().mean(0)


def _relative(near: Nearby, divisor: torch.Tensor, least: float) -> torch.Tensor:
    if not least > 0:
        raise BinomeError(f"least is {least!r}; give a number above 0")
    return _largest(near, near.moves().relative / divisor.clamp_min(least))


def _largest(near: Nearby, values: torch.Tensor) -> torch.Tensor:
    """The largest over the draws that count, (n,) from (draws, n)."""
    kept = near.answers().kept
    undefined = ~kept.any(0) | near.moves().constant
    return values.masked_fill(~kept, float("-inf")).amax(0).masked_fill(undefined, float("nan"))
