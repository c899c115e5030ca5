"""What training makes small: the loss of a batch."""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import nn
from torch.nn import functional as F

from binome.contexts import Split
from binome.models.predictor import Predictor


class TwoHeaded(Protocol):
    """A network that also tells how good a position is for the side to move."""

    def heads(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, c) and values (n,) in [-1, 1]."""
        ...


class Objective(nn.Module):
    """The mean loss of a batch.

    Cross-entropy with the right decision, or with all that are equally right in equal parts; plus, for a network
    that values positions, the squared error of the value (Silver et al. 2017, doi 10.1038/nature24270). Of estimates,
    the squared error in standard deviations of the truths.

    Args:
        smoothing: label smoothing of the cross-entropy.
    """

    def __init__(self, predictor: Predictor, smoothing: float = 0.0) -> None:
        super().__init__()
        self.predictor, self.smoothing = predictor, smoothing

    def forward(self, inputs: torch.Tensor, wanted: torch.Tensor, values: torch.Tensor | None = None) -> torch.Tensor:
        """The loss of inputs (n, …) whose answers are `wanted` (see `wanted`), and whose values are (n,) if known."""
        predictor = self.predictor
        if predictor.estimates:
            outputs = predictor.network(predictor.normalised(inputs))[:, 0]
            return F.mse_loss(outputs, (wanted - predictor.centre) / predictor.spread)
        if values is None or not hasattr(predictor.network, "heads"):
            return F.cross_entropy(predictor(inputs), wanted, label_smoothing=self.smoothing)
        logits, judged = cast(TwoHeaded, predictor.network).heads(predictor.normalised(inputs))
        return F.cross_entropy(logits, wanted, label_smoothing=self.smoothing) + F.mse_loss(judged, values)


def wanted(items: Split) -> torch.Tensor:
    """What a predictor should answer: truths (n,), or each decision's share (n, c) where several are right."""
    if items.accepted is None:
        return items.truths
    shares = items.accepted.float()
    return shares / shares.sum(1, keepdim=True)
