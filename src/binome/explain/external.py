"""Methods that Binome does not hold: any function of a module, and any class of Captum's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional as F

from binome.core import BinomeError, UnknownNameError
from binome.core.registry import Plugin

if TYPE_CHECKING:
    from binome.explain.explainer import Call

CAPTUM = "captum"
OWN = ("model", "forward_func", "layer")
"""Parameters of Captum's constructors that stand for the module or a part of it."""


def adapt(method: Any) -> Plugin[Callable[..., torch.Tensor]]:
    """An explainer from a function `f(module, inputs, targets, **params) -> maps`, from a class of Captum's, or from
    the text that names one: `package.module:function` or `captum:DeepLift`.

    Raises:
        BinomeError: when there is none.
    """
    target = _imported(method) if isinstance(method, str) else method
    if inspect.isclass(target) and issubclass(target, _captum().Attribution):
        explainer, paper = _of_captum(target), f"{target.__name__} of Captum, arXiv 2009.07896"
    elif callable(target) and not inspect.isclass(target):
        explainer, paper = _of_function(target), "the researcher's own"
    else:
        raise BinomeError(
            f"method is {method!r}; give a name, a function f(module, inputs, targets) or a class of captum.attr"
        )
    name = method if isinstance(method, str) else f"{target.__module__}:{target.__qualname__}"
    declared = {
        "family": "other", "forward": "?", "backward": "?", "needs": "", "paper": paper,
        "gives": "maps", "control": False, "whole": False, "remakes": False,
    }  # fmt: skip
    return Plugin(name, explainer, declared)


def _captum() -> Any:
    from captum import attr

    return attr


def _imported(name: str) -> Any:
    place, _, member = name.partition(":")
    if place == CAPTUM:
        attr = _captum()
        known = [key for key, value in vars(attr).items() if _usable(value)]
        if member not in known:
            raise UnknownNameError("class of captum.attr", member, known)
        return getattr(attr, member)
    try:
        return getattr(import_module(place), member)
    except (ImportError, AttributeError) as error:
        raise BinomeError(f"method {name!r} cannot be imported ({error}); give package.module:function") from error


def _usable(value: Any) -> bool:
    """Whether it explains a module's inputs by itself: not a base class, nor what explains neurons or texts."""
    attr = _captum()
    if not inspect.isclass(value) or not issubclass(value, attr.Attribution):
        return False
    if issubclass(value, attr.NeuronAttribution) or value is attr.NoiseTunnel:
        return False
    names = list(inspect.signature(value).parameters)
    return names[:1] in (["model"], ["forward_func"]) and "LLM" not in value.__name__


def _of_function(function: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    def explain(call: Call, **params: Any) -> torch.Tensor:
        found = function(call.module, call.inputs.clone(), call.targets.clone(), **params)
        return torch.as_tensor(found, device=call.inputs.device).to(call.inputs.dtype)

    given = list(inspect.signature(function).parameters.values())[3:]
    return _signed(explain, function, given)


def _of_captum(cls: Any) -> Callable[..., torch.Tensor]:
    built = {n: p for n, p in inspect.signature(cls).parameters.items() if n not in OWN}
    asked = {
        n: p for n, p in inspect.signature(cls.attribute).parameters.items()
        if n not in ("self", "inputs", "target", "additional_forward_args", "return_convergence_delta")
    }  # fmt: skip
    layered = "layer" in inspect.signature(cls).parameters

    def explain(call: Call, **params: Any) -> torch.Tensor:
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}
        own = {name: values.pop(name) for name in list(values) if name in built}
        if layered:
            own["layer"] = _layer(call, values.pop("layer", None))
        with torch.enable_grad():
            leaf = call.inputs.clone().requires_grad_(True)
            found = cls(call.module, **own).attribute(leaf, target=call.targets, **values)
        return _fitted(found.detach(), call.inputs)

    extra = [inspect.Parameter("layer", inspect.Parameter.KEYWORD_ONLY)] if layered else []
    return _signed(explain, cls, [*built.values(), *asked.values(), *extra])


def _layer(call: Call, name: Any) -> Any:
    try:
        return call.module.get_submodule(name)
    except (AttributeError, TypeError) as error:
        raise BinomeError(f"layer is {name!r}; name a layer of the module, such as 'network.blocks.0'") from error


def _fitted(maps: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Maps of a layer (n, channels, h, w) over the whole picture, each channel with an equal part of their sum."""
    if maps.shape == inputs.shape or maps.dim() != 4 or inputs.dim() != 4:
        return maps
    wide = F.interpolate(maps.sum(1, keepdim=True), size=inputs.shape[2:], mode="bilinear", align_corners=False)
    return (wide / inputs.shape[1]).expand_as(inputs).contiguous()


def _signed(
    explain: Callable[..., torch.Tensor], source: Any, parameters: list[inspect.Parameter]
) -> Callable[..., torch.Tensor]:
    """With the parameters of what it wraps, so that wrong ones are refused by name."""
    first = inspect.Parameter("call", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = [
        p if p.kind is p.VAR_KEYWORD else p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in parameters
        if p.kind is not p.VAR_POSITIONAL
    ]
    explain.__signature__ = inspect.Signature([first, *named])  # type: ignore[attr-defined]
    explain.__doc__ = inspect.getdoc(source)
    return explain
