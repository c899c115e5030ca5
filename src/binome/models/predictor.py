"""The advising model: a network with its normalisation and its calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from binome.models.zoo import Layout


@dataclass(frozen=True)
class Prediction:
    """Answers to n items.

    Attributes:
        decisions: int64 (n,), the most probable decision; float32 (n,), in the task's unit, for estimates.
        confidence: float32 (n,), its calibrated probability of being right.
        probabilities: float32 (n, c), calibrated; (n, 0) for estimates.
    """

    decisions: torch.Tensor
    confidence: torch.Tensor
    probabilities: torch.Tensor


class Predictor(nn.Module):
    """A network that takes a context's inputs and returns logits, or an estimate.

    Args:
        network: takes normalised inputs, returns logits (n, c), or (n, 1) in standard deviations for an estimate.
        architecture: name that `models.build` knows.
        decisions: ids of the c decisions, in the order of the logits; none for an estimate.
        layout: what the network takes and gives.
        mean, deviation: for the normalisation of pictures and boards, one value a channel; a case file's inputs are
            centred by its context, and these are left out.
        training_record: how it was trained, for the model card.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    temperature: torch.Tensor
    centre: torch.Tensor
    spread: torch.Tensor
    within: torch.Tensor

    def __init__(
        self,
        network: nn.Module,
        *,
        architecture: str,
        decisions: tuple[str, ...],
        layout: Layout,
        mean: torch.Tensor | None = None,
        deviation: torch.Tensor | None = None,
        training_record: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.architecture, self.decisions, self.layout = architecture, decisions, layout
        self.training_record = dict(training_record or {})
        # Copies: buffers that shared the caller's memory would overwrite each other when weights are loaded.
        self.register_buffer("mean", _by_channel(mean, 0.0, layout.shape))
        self.register_buffer("deviation", _by_channel(deviation, 1.0, layout.shape))
        self.register_buffer("temperature", torch.ones(()))
        if self.estimates:  # where the truths lie, and how often an estimate was within the tolerance
            self.register_buffer("centre", torch.zeros(()))
            self.register_buffer("spread", torch.ones(()))
            self.register_buffer("within", torch.full((), float("nan")))

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.layout.shape

    @property
    def estimates(self) -> bool:
        """Whether it answers with a number."""
        return not self.decisions

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Uncalibrated logits (n, c), or estimates (n, 1) in the task's unit.

        The temperature changes no decision, only `predict`'s confidence.
        """
        outputs: torch.Tensor = self.network(self.normalised(inputs))
        return outputs * self.spread + self.centre if self.estimates else outputs

    def normalised(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs as the network takes them."""
        return (inputs - self.mean) / self.deviation

    def predict(self, inputs: torch.Tensor, batch_size: int = 512) -> Prediction:
        """Decisions with calibrated probabilities, on the CPU."""
        outputs = self.logits(inputs, batch_size)
        if self.estimates:
            # One share for all items: how often estimates on the calibration items were within the tolerance.
            confidence = self.within.cpu().expand(len(outputs)).clone()
            return Prediction(outputs[:, 0], confidence, outputs.new_empty(len(outputs), 0))
        probabilities = torch.softmax(outputs / self.temperature.cpu(), dim=1)
        confidence, decisions = probabilities.max(dim=1)
        return Prediction(decisions, confidence, probabilities)

    @torch.no_grad()
    def logits(self, inputs: torch.Tensor, batch_size: int = 512) -> torch.Tensor:
        """The outputs of `forward` on the CPU, in evaluation mode; the module's mode is left as found."""
        was_training, device = self.training, self.mean.device
        self.eval()
        try:
            return torch.cat([self(batch.to(device)).float().cpu() for batch in torch.split(inputs, batch_size)])
        finally:
            self.train(was_training)


def _by_channel(values: torch.Tensor | None, otherwise: float, shape: tuple[int, ...]) -> torch.Tensor:
    """One value a channel, of a shape that goes with (n, channels, height, width); a single one for other inputs."""
    if len(shape) != 3:
        return torch.full((), otherwise)
    given = torch.full((shape[0],), otherwise) if values is None else values
    return given.detach().float().clone().view(-1, 1, 1)
