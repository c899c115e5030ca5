"""What an explainer is, and the registry that holds them."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, Spec, derive_seed
from binome.core.kinds import check_call
from binome.core.registry import Plugin, Registry, parameters_of
from binome.explain.room import Room

Family = Literal["gradient", "attention", "perturbation", "structure", "example", "consensus", "control", "other"]
Gives = Literal["maps", "examples", "counterfactuals"]
Explainer = Callable[..., Any]
"""`f(call: Call, **params) -> maps`: maps of the call's inputs' shape, detached. What gives something else is
`f(call: Call, base: CaseBase, **params)`, and returns a tuple of it an item."""

HARNESS = ("call", "base")
"""What the harness itself passes."""
registry: Registry[Explainer] = Registry("explainer", "binome.explainers")


@dataclass(frozen=True)
class Call:
    """A batch to explain, as the harness hands it to an explainer.

    Attributes:
        module: in evaluation mode, with parameters that need no gradient.
        inputs: float (n, …), detached; the explainer's own copy.
        targets: int64 (n,), on the inputs' device.
        positions: of the items in the caller's inputs.
        keys: what the draws hang on, one an item: never on the batch.
        seed: of the whole call.
        total: items of the caller, of which this batch is a part.
        room: how many rows go through the module at once.
        background: float (m, …), reference items of the inputs' shape, where the caller gave any.
        draws: for each row, which copy (of which copy) of its item it is; none in a call of the items themselves.
        details: what explainers noted, by name and part; None when nobody asked.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    positions: tuple[int, ...]
    keys: tuple[int | str, ...]
    seed: int
    total: int
    room: Room
    background: torch.Tensor | None = None
    draws: tuple[tuple[int, ...], ...] = ()
    details: dict[str, list[torch.Tensor]] | None = field(default=None, compare=False)

    @property
    def detailed(self) -> bool:
        """Whether the caller wants more than maps."""
        return self.details is not None

    def note(self, name: str, values: torch.Tensor) -> None:
        """Keep a detail of each item, (n,) or of the maps' shape, for a caller who asked."""
        if self.details is not None:
            self.details.setdefault(name, []).append(values.detach())

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """The module's logits (n, classes)."""
        # A copy, because a module that starts with an in-place layer would write into what it is given.
        logits: torch.Tensor = self.module(inputs.clone())
        return logits

    def score(self, inputs: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """Logit of the target for each of `inputs`, (n,)."""
        chosen = self.targets if targets is None else targets
        return self.logits(inputs).gather(1, chosen[:, None])[:, 0]

    def answer(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logit of each item's target for one version of every item, (n,), without gradient."""
        with torch.no_grad():
            return self.score(inputs)

    def outputs(self, inputs: torch.Tensor) -> torch.Tensor:
        """The module's logits (n, classes) of any number of inputs, without gradient, pass after pass."""
        with torch.no_grad():
            parts = [self.logits(inputs[p.start : p.stop]) for p in self.room.ranges(len(inputs), 1, "outputs")]
        return torch.cat(parts)

    def gradient(self, inputs: torch.Tensor, targets: torch.Tensor | None = None) -> torch.Tensor:
        """Gradient of the target's logit with respect to the inputs.

        Raises:
            BinomeError: when the logits have none.
        """
        with torch.enable_grad():
            leaf = inputs.detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(differentiable(self.score(leaf, targets)).sum(), leaf)
        return gradient

    def scored(
        self, copies: int, make: Callable[[range], torch.Tensor], *, probability: bool = False
    ) -> Iterator[tuple[range, torch.Tensor]]:
        """Logits of the items' targets in perturbed copies of every item, without gradient, pass after pass.

        Args:
            copies: how many of each item.
            make: returns the copies of a range, (len(range), n, …); asked for as many as one pass may have.
            probability: the target's softmax probability in place of its logit.

        Yields:
            Range of the copies, and their scores (len(range), n).

        Raises:
            BinomeError: for probabilities of a module with one output.
        """
        count = len(self.inputs)
        with torch.no_grad():
            for part in self.room.ranges(copies, count, "scores"):
                logits = self.logits(make(part).flatten(0, 1))
                if probability and logits.shape[1] < 2:
                    raise BinomeError(
                        "the module has one output, an estimate, which has no probability; set output: logit"
                    )
                values = logits.softmax(1) if probability else logits
                yield part, values.gather(1, self.targets.repeat(len(part))[:, None]).view(len(part), count)

    def scores(self, copies: int, make: Callable[[range], torch.Tensor], *, probability: bool = False) -> torch.Tensor:
        """All that `scored` finds, (copies, n), of the module's type."""
        found = torch.empty(copies, len(self.inputs), dtype=self.inputs.dtype, device=self.inputs.device)
        for part, values in self.scored(copies, make, probability=probability):
            found[part.start : part.stop] = values
        return found

    def gradients(self, copies: int, make: Callable[[range], torch.Tensor]) -> Iterator[tuple[range, torch.Tensor]]:
        """Gradients of the targets' logits at copies of every item, as many at a time as one pass may have.

        Yields:
            Range of the copies, and the gradients at what `make` returned for it, (len(range), n, …).
        """
        count = len(self.inputs)
        for part in self.room.ranges(copies, count, "gradients"):
            found = self.gradient(make(part).flatten(0, 1), self.targets.repeat(len(part)))
            yield part, found.view(len(part), count, *self.inputs.shape[1:])

    def copies(self, count: int, make: Callable[[range], torch.Tensor]) -> Iterator[tuple[range, Call]]:
        """Calls that explain copies of every item, row after row of the first copy first.

        Args:
            make: returns the copies of a range, (len(range), n, …).
        """
        items = len(self.inputs)
        for part in self.room.ranges(count, items, "copies"):
            yield (
                part,
                replace(
                    self,
                    inputs=make(part).flatten(0, 1),
                    targets=self.targets.repeat(len(part)),
                    positions=self.positions * len(part),
                    keys=self.keys * len(part),
                    draws=tuple((*before, draw) for draw in part for before in self.draws or [()] * items),
                    details=None,
                ),
            )

    def generator(self, row: int, *path: str | int) -> torch.Generator:
        """A CPU generator for one row: it depends on the seed, the item's key and `path`, not on the batch."""
        draw = self.draws[row] if self.draws else ()
        return torch.Generator().manual_seed(derive_seed(self.seed, "item", self.keys[row], *draw, *path))

    def noise(self, *path: str | int) -> torch.Tensor:
        """Standard normal noise of the inputs' shape, drawn for each row by `generator`."""
        shape = self.inputs.shape[1:]
        rows = [torch.randn(shape, generator=self.generator(row, *path)) for row in range(len(self.inputs))]
        return torch.stack(rows).to(self.inputs)

    def split(self) -> Iterator[Call]:
        """The call in parts that there is room for, each with its own copy of the inputs."""
        for part in self.room.ranges(len(self.inputs), 1, "parts"):
            yield self.take(slice(part.start, part.stop), self.details)

    def take(self, rows: slice, details: dict[str, list[torch.Tensor]] | None) -> Call:
        """Some of the rows, with a copy of their inputs, noting into `details`."""
        return replace(
            self,
            inputs=self.inputs[rows].clone(),
            targets=self.targets[rows],
            positions=self.positions[rows],
            keys=self.keys[rows],
            draws=self.draws[rows],
            details=details,
        )

    def explain(self, method: str, params: Mapping[str, Any] | None = None) -> torch.Tensor:
        """Maps of the call's inputs by another method."""
        given = params or {}
        maps: torch.Tensor = find(method, given).target(replace(self, details=None), **given)
        return maps.detach()


def differentiable(score: torch.Tensor) -> torch.Tensor:
    """The score, when it can be differentiated.

    Raises:
        BinomeError: when the module cuts the graph.
    """
    if not score.requires_grad:
        raise BinomeError("the module's logits have no gradient (it detaches them); use another method")
    return score


def explainer(
    name: str,
    *,
    family: Family,
    forward: str,
    backward: str = "0",
    needs: str = "",
    paper: str,
    gives: Gives = "maps",
    control: bool = False,
    whole: bool = False,
    remakes: bool = False,
) -> Callable[[Explainer], Explainer]:
    """Register an explainer.

    Args:
        forward, backward: passes an item, in terms of the parameters, e.g. `steps`.
        needs: what the module or the call must have, in words; empty for nothing.
        gives: what it explains by.
        control: whether it is a placebo that holds no explanation of this item.
        remakes: whether it runs the method in `of` itself, on changed inputs or weights, so that maps are of no use.
        whole: whether it must see all the caller's items in one call; it then uses `call.split` by itself.
    """
    declared: dict[str, Any] = {
        "family": family, "forward": forward, "backward": backward, "needs": needs, "paper": paper,
        "gives": gives, "control": control, "whole": whole, "remakes": remakes,
    }  # fmt: skip
    return registry.register(name, **declared)


def methods() -> dict[str, Plugin[Explainer]]:
    """All explainers by name, with what they declare."""
    return {plugin.name: plugin for plugin in registry}


def find(method: Any, params: Mapping[str, Any] | None = None) -> Plugin[Explainer]:
    """The explainer that a method names or is.

    Args:
        method: a registered name; `captum:` and the name of one of Captum's classes; `package.module:function`; or
            such a class or a function `f(module, inputs, targets, **params) -> maps` itself.
        params: what it is to be called with.

    Raises:
        BinomeError: when there is no such explainer, or it has no such parameter.
    """
    if isinstance(method, str) and ":" not in method:
        plugin = registry.get(method)
    else:
        # Captum takes seconds to import, and few studies name it.
        from binome.explain.external import adapt

        plugin = adapt(method)
    check_call("explainer", plugin.name, plugin.target, params or {}, HARNESS)
    return plugin


def gives(method: Any) -> Gives:
    """What a method, or the plug-in that was found for it, explains by.

    Raises:
        BinomeError: when there is no such explainer.
    """
    plugin = method if isinstance(method, Plugin) else find(method)
    given: Gives = plugin.declared.get("gives", "maps")  # a plug-in that was registered as it is says nothing
    return given


def parameters(method: Any) -> list[str] | None:
    """The names of a method's own parameters; None when it takes any.

    Raises:
        BinomeError: when there is no such explainer.
    """
    return parameters_of(find(method).target, HARNESS)


def spec(method: Any, params: Mapping[str, Any] | None = None) -> Spec:
    """What identifies an explanation: the method and all its parameters, defaults included.

    An array among the parameters stands as its shape, type and hash: two specs are equal when their maps would be.

    Raises:
        BinomeError: for a method or parameter that does not exist.
    """
    given = dict(params or {})
    plugin = find(method, given)
    parameters = inspect.signature(plugin.target).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.name not in HARNESS and p.kind is not p.VAR_KEYWORD}
    return Spec("explainer", plugin.name, {name: recorded(value) for name, value in {**defaults, **given}.items()})


def recorded(value: Any) -> Any:
    """A parameter as JSON can hold it: an array stands as its shape, type and hash."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if not isinstance(value, np.ndarray):
        return value
    content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    return {"shape": list(value.shape), "dtype": str(value.dtype), "sha256": content}
