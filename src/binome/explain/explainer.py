"""What an explainer is, and the registry that holds them."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, Spec, check_params, derive_seed
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
        inputs: float (n, …), detached; the explainer's own copy.
        targets: int64 (n,), on the inputs' device.
        positions: of the items in the caller's inputs; seeds hang on these, never on the batch.
        seed: of the whole call.
        batch_size: most items (or perturbed copies) in one forward pass.
        total: items of the caller, of which this batch is a part.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    positions: tuple[int, ...]
    seed: int
    batch_size: int
    total: int

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """The module's logits (n, classes)."""
        # A copy, because a module that starts with an in-place layer would write into what it is given.
        logits: torch.Tensor = self.module(inputs.clone())
        return logits

    def score(self, inputs: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """Logit of the target for each of `inputs`, (n,)."""
        chosen = self.targets if targets is None else targets
        return self.logits(inputs).gather(1, chosen[:, None])[:, 0]

    def gradient(self, inputs: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the target's logit with respect to the inputs.

        Raises:
            BinomeError: when the logits have none.
        """
        with torch.enable_grad():
            leaf = inputs.detach().requires_grad_(True)
            score = self.score(leaf, targets).sum()
            if not score.requires_grad:
                raise BinomeError("the module's logits have no gradient (it detaches them); use another method")
            (gradient,) = torch.autograd.grad(score, leaf)
        return gradient

    def generator(self, row: int, *path: str | int) -> torch.Generator:
        """A CPU generator for one item: it depends on the seed, the item's position and `path`, not on the batch."""
        return torch.Generator().manual_seed(derive_seed(self.seed, "item", self.positions[row], *path))

    def split(self, size: int) -> Iterator[Call]:
        """The call in parts of at most `size` items, each with its own copy of the inputs."""
        for first in range(0, len(self.inputs), size):
            rows = slice(first, first + size)
            inputs, targets = self.inputs[rows].clone(), self.targets[rows]
            yield replace(self, inputs=inputs, targets=targets, positions=self.positions[rows])


def explainer(
    name: str,
    *,
    family: Family,
    forward: str,
    backward: str = "0",
    needs: str = "",
    paper: str,
    control: bool = False,
    whole: bool = False,
) -> Callable[[Explainer], Explainer]:
    """Register an explainer.

    Args:
        forward, backward: passes an item, in terms of the parameters, e.g. `steps`.
        needs: what the module must have, in words; empty for any module.
        control: whether it is a placebo that holds no explanation of this item.
        whole: whether it must see all the caller's items in one call; it then keeps to `call.batch_size` by itself.
    """
    declared: dict[str, Any] = {
        "family": family, "forward": forward, "backward": backward, "needs": needs, "paper": paper,
        "control": control, "whole": whole,
    }  # fmt: skip
    return registry.register(name, **declared)


def methods() -> dict[str, Plugin[Explainer]]:
    """All explainers by name, with what they declare."""
    return {plugin.name: plugin for plugin in registry}


def spec(method: str, params: Mapping[str, Any] | None = None) -> Spec:
    """What identifies an explanation: the method and all its parameters, defaults included.

    An array among the parameters stands as its shape, type and hash: two specs are equal when their maps would be.

    Raises:
        BinomeError: for a method or parameter that does not exist.
    """
    given = dict(params or {})
    target = registry.get(method).target
    check_params("explainer", method, target, given, frozenset({"call"}))
    defaults = {p.name: p.default for p in inspect.signature(target).parameters.values() if p.name != "call"}
    return Spec("explainer", method, {name: _recorded(value) for name, value in {**defaults, **given}.items()})


def _recorded(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if not isinstance(value, np.ndarray):
        return value
    content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    return {"shape": list(value.shape), "dtype": str(value.dtype), "sha256": content}
