"""The advising model: a network with its normalisation and its temperature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True)
class Prediction:
    """Answers to n items.

    Attributes:
        decisions: int64 (n,), the most probable decision.
        confidence: float32 (n,), its calibrated probability.
        probabilities: float32 (n, c), calibrated.
    """

    decisions: torch.Tensor
    confidence: torch.Tensor
    probabilities: torch.Tensor


class Predictor(nn.Module):
    """A network that takes inputs in [0, 1] and returns logits.

    Args:
        network: takes normalised inputs, returns logits (n, c).
        architecture: name that `models.build` knows.
        decisions: ids of the c decisions, in the order of the logits.
        input_shape: of one input.
        mean, deviation: by channel, for normalisation.
        training_record: how it was trained, for the model card.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    temperature: torch.Tensor

    def __init__(
        self,
        network: nn.Module,
        *,
        architecture: str,
        decisions: tuple[str, ...],
        input_shape: tuple[int, ...],
        mean: torch.Tensor,
        deviation: torch.Tensor,
        training_record: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.architecture, self.decisions, self.input_shape = architecture, decisions, input_shape
        self.training_record = dict(training_record or {})
        # Copies: buffers that shared the caller's memory would overwrite each other when weights are loaded.
        self.register_buffer("mean", mean.float().clone().view(-1, 1, 1))
        self.register_buffer("deviation", deviation.float().clone().view(-1, 1, 1))
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Uncalibrated logits (n, c); the temperature changes no decision, only `predict`'s confidence."""
        logits: torch.Tensor = self.network((inputs - self.mean) / self.deviation)
        return logits

    def predict(self, inputs: torch.Tensor, batch_size: int = 512) -> Prediction:
        """Decisions with calibrated probabilities, on the CPU."""
        probabilities = torch.softmax(self.logits(inputs, batch_size) / self.temperature.cpu(), dim=1)
        confidence, decisions = probabilities.max(dim=1)
        return Prediction(decisions, confidence, probabilities)

    @torch.no_grad()
    def logits(self, inputs: torch.Tensor, batch_size: int = 512) -> torch.Tensor:
        """Logits (n, c) on the CPU, in evaluation mode; the module's mode is left as found."""
        was_training, device = self.training, self.mean.device
        self.eval()
        try:
            return torch.cat([self(batch.to(device)).float().cpu() for batch in torch.split(inputs, batch_size)])
        finally:
            self.train(was_training)
