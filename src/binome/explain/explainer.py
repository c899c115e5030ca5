"""What an explainer is, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from binome.core.registry import Plugin, Registry

Family = Literal["gradient", "attention", "perturbation", "control"]
Explainer = Callable[..., torch.Tensor]
"""`f(call: Call, **params) -> maps`: maps of the call's inputs' shape, detached."""

registry: Registry[Explainer] = Registry("explainer", "binome.explainers")


@dataclass(frozen=True)
class Call:
    """A batch to explain, as the harness hands it to an explainer.

    Attributes:
        module: in evaluation mode, with parameters that need no gradient.
        inputs: float (n, …), detached.
        targets: int64 (n,), on the inputs' device.
        positions: of the items in the caller's inputs; seeds hang on these, never on the batch.
        seed: of the whole call.
        batch_size: most items (or perturbed copies) in one forward pass.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    positions: tuple[int, ...]
    seed: int
    batch_size: int

    def score(self, inputs: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """Logit of the target for each of `inputs`, (n,)."""
        logits: torch.Tensor = self.module(inputs)
        chosen = self.targets if targets is None else targets
        return logits.gather(1, chosen[:, None])[:, 0]

    def gradient(self, inputs: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the target's logit with respect to the inputs."""
        with torch.enable_grad():
            leaf = inputs.detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.score(leaf, targets).sum(), leaf)
        return gradient


def explainer(
    name: str, *, family: Family, forward: str, backward: str = "0", needs: str = "", paper: str, control: bool = False
) -> Callable[[Explainer], Explainer]:
    """Register an explainer.

    Args:
        forward, backward: passes an item, in terms of the parameters, e.g. `steps`.
        needs: what the module must have, in words; empty for any module.
        control: whether it is a placebo that holds no explanation of this item.
    """
    declared: dict[str, Any] = {
        "family": family, "forward": forward, "backward": backward, "needs": needs, "paper": paper, "control": control,
    }  # fmt: skip
    return registry.register(name, **declared)


def methods() -> dict[str, Plugin[Explainer]]:
    """All explainers by name, with what they declare."""
    return {plugin.name: plugin for plugin in registry}
