"""Checks that any plug-in must pass, in the way of scikit-learn's `check_estimator`.

Each raises AssertionError, saying which rule is broken.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from binome import explain, variation
from binome.contexts import Context, Split
from binome.core import BinomeError, Spec

ITEMS, CLASSES = 6, 4


def check_explainer(
    method: str, predictor: nn.Module | None = None, inputs: torch.Tensor | None = None, **params: Any
) -> None:
    """Check an explainer: shape and type, determinism under a seed, independence of the batch, nothing left changed.

    Args:
        method: its name.
        predictor, inputs: a small Vision Transformer and six pictures of 8 × 8 pixels by default.
        params: the method's own.
    """
    module, x, targets = _example(predictor, inputs)
    kept = x.clone()

    background = x.flip(0) * 0.9  # for the methods that need one

    def call(given: Any = x, wanted: Any = targets, **changes: Any) -> Any:
        options = {"background": background, **params, **changes}
        return explain.attribute(module, given, wanted, method=method, **options)

    with _left_as_found(method, module):
        maps = call()
    assert maps.shape == x.shape, f"{method} returns {tuple(maps.shape)} for inputs {tuple(x.shape)}"
    assert maps.dtype == x.dtype, f"{method} returns {maps.dtype} for {x.dtype}"
    assert torch.isfinite(maps).all(), f"{method} returns NaN or infinite values"
    assert not maps.requires_grad, f"{method} returns maps that still carry a graph"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        assert torch.equal(maps, call()), f"{method} differs between two calls with one seed"
    # In double precision: where logits nearly cancel, single precision alone makes batches differ.
    exact = partial(explain.attribute, copy.deepcopy(module).double(), x.double(), targets, method=method)
    exact = partial(exact, **{"background": background.double(), **params})
    whole = exact()
    for size in (1, 4):
        assert torch.allclose(whole, exact(batch_size=size), rtol=1e-6, atol=1e-9), (
            f"{method} depends on the batch size"
        )
    chunked = exact(memory="1MiB")
    assert torch.allclose(whole, chunked, rtol=1e-6, atol=1e-9), f"{method} depends on the memory that it is allowed"
    with torch.inference_mode():
        assert torch.allclose(maps, call(), rtol=1e-4, atol=1e-5), f"{method} fails in the caller's inference mode"
    array = call(x.numpy(), targets.tolist())
    assert isinstance(array, np.ndarray), f"{method} returns {type(array).__name__} for an array"
    np.testing.assert_array_equal(array, maps.numpy(), err_msg=f"{method} tells arrays from tensors")
    assert torch.equal(x, kept), f"{method} changes the caller's inputs"
    with _left_as_found(f"{method}, when it fails,", module):
        _refuses(lambda: call(wanted=[CLASSES] * len(x)), f"{method}: a class that is not")
    _refuses(lambda: call(torch.full_like(x, float("nan"))), f"{method}: inputs that are not numbers")
    _refuses(lambda: call(no_such_parameter=1), f"{method}: a parameter that is not")


def check_metric(
    metric: str, predictor: nn.Module | None = None, inputs: torch.Tensor | None = None, **params: Any
) -> None:
    """Check a metric: one float64 value an item, determinism, independence of the batch, nothing left changed.

    Args: as for `check_explainer`.
    """
    module, x, targets = _example(predictor, inputs)
    # In double precision: where logits nearly cancel, single precision alone makes batches differ.
    module, x = copy.deepcopy(module).double(), x.double()
    maps = torch.randn(x.shape, generator=torch.Generator().manual_seed(5)).to(x)
    kept, kept_maps = x.clone(), maps.clone()
    masks = (
        (torch.arange(x[0, 0].numel()) % 3 == 0)
        .view(x.shape[2:] if x.dim() > 2 else x.shape[1:])
        .expand(len(x), *(x.shape[2:] if x.dim() > 2 else x.shape[1:]))
    )
    needs = variation.metrics()[metric].declared.get("needs")

    def call(given: Any = maps, rows: slice = slice(None), **changes: Any) -> Any:
        needed = {"method": "saliency"} if needs == "method" else {"masks": masks[rows]} if needs == "masks" else {}
        options = {"metric": metric, **needed, **params, **changes}
        return variation.score(module, x[rows], targets[rows], given[rows], **options)

    with _left_as_found(metric, module):
        values = call()
    assert values.shape == (len(x),), f"{metric} returns {values.shape} for {len(x)} items"
    assert values.dtype == np.float64, f"{metric} returns {values.dtype}"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        np.testing.assert_array_equal(values, call(), err_msg=f"{metric} differs between two calls with one seed")
    for size in (1, 4):
        np.testing.assert_allclose(
            call(batch_size=size), values, 1e-5, 1e-6, err_msg=f"{metric} depends on the batch size"
        )
    first = call(rows=slice(0, 1))
    np.testing.assert_allclose(first, values[:1], 1e-5, 1e-6, err_msg=f"{metric} depends on the items beside it")
    np.testing.assert_array_equal(call(maps.numpy()), values, err_msg=f"{metric} tells arrays from tensors")
    assert torch.equal(maps, kept_maps), f"{metric} changes the caller's maps"
    assert torch.equal(x, kept), f"{metric} changes the caller's inputs"
    _refuses(lambda: call(maps[..., 1:]), f"{metric}: maps of another shape")
    _refuses(lambda: call(torch.full_like(maps, float("nan"))), f"{metric}: maps that are not numbers")
    _refuses(lambda: call(no_such_parameter=1), f"{metric}: a parameter that is not")


def check_agreement(measure: str, **params: Any) -> None:
    """Check an agreement measure: one float64 value an item, symmetry, 1 at most, undefined for a constant map."""
    a, b = (torch.randn(ITEMS, 2, 4, 4, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    kept = a.clone()
    values = variation.agreement(a, b, measure=measure, **params)
    assert values.shape == (ITEMS,), f"{measure} returns {values.shape} for {ITEMS} items"
    assert values.dtype == np.float64, f"{measure} returns {values.dtype}"
    assert torch.equal(a, kept), f"{measure} changes the caller's maps"
    np.testing.assert_array_equal(
        variation.agreement(b.numpy(), a.tolist(), measure=measure, **params), values, f"{measure} is not symmetric"
    )
    one = [variation.agreement(a[i : i + 1], b[i : i + 1], measure=measure, **params)[0] for i in range(ITEMS)]
    np.testing.assert_allclose(one, values, rtol=1e-12, err_msg=f"{measure} depends on the items beside it")
    itself = variation.agreement(a, a, measure=measure, **params)
    np.testing.assert_allclose(itself, 1, rtol=1e-12, err_msg=f"{measure} of a map with itself")
    assert (values <= itself).all(), f"{measure} finds others more alike than a map and itself"
    together = variation.agreement_tensor([a, b], [Spec("agreement", measure, params)]).values[0, 0, 1]
    np.testing.assert_allclose(together, values, rtol=1e-9, atol=1e-12, err_msg=f"{measure} of many methods at once")
    constant = variation.agreement(torch.ones_like(a), b, measure=measure, **params)
    assert np.isnan(constant).all(), f"{measure} gives a constant map a value"


def check_context(context: Context) -> None:
    """Check a context: disjoint splits, inputs and truths as `Split` says, something to show of every item.

    Pictures and boards give inputs in [0, 1]; case files give finite numbers, and codes within their categories.
    Truths are within the decisions, every one of which comes in every split, or within the scale of the estimate.
    """
    seen = set[str]()
    for name in ("train", "calibration", "test"):
        split = context.split(name)
        count = len(split.ids)
        assert split.inputs.shape == (count, *context.input_shape), (
            f"{name}: inputs of shape {tuple(split.inputs.shape)}"
        )
        assert split.inputs.dtype == torch.float32, f"{name}: inputs of type {split.inputs.dtype}"
        if context.categories:
            _check_cases(context, name, split)
        else:
            assert float(split.inputs.min()) >= 0, f"{name}: inputs below 0"
            assert float(split.inputs.max()) <= 1, f"{name}: inputs above 1"
        assert split.truths.shape == (count,), f"{name}: truths of shape {tuple(split.truths.shape)}"
        _check_truths(context, name, split)
        for attribute, values in split.groups.items():
            assert len(values) == count, f"{name}: {len(values)} groups by {attribute} for {count} items"
        assert len(set(split.ids)) == count, f"{name}: an id comes twice"
        assert not seen & set(split.ids), f"{name}: an item is in two splits"
        seen |= set(split.ids)
        shown = context.show(split.ids[0])
        assert shown == context.show(split.ids[0]), "an item is shown differently in two calls"
        lines = len(context.task.features)
        assert len(shown.case) == lines, f"{name}: a case of {len(shown.case)} values for {lines} features"
    _refuses(lambda: context.show("no such item"), "showing no item")


def _check_cases(context: Context, name: str, split: Split) -> None:
    categories, places = context.categories, context.inputs_of
    assert context.input_shape == (len(categories),), f"{len(categories)} categories for inputs {context.input_shape}"
    assert len(places) == len(categories), f"inputs_of has {len(places)} places for {len(categories)} inputs"
    assert set(places) <= set(range(len(context.task.features))), "inputs_of has a place outside the task's features"
    assert torch.isfinite(split.inputs).all(), f"{name}: inputs that are no finite numbers"
    for place, values in enumerate(categories):
        if values:
            codes = split.inputs[:, place]
            assert torch.equal(codes, codes.round()), f"{name}: input {place} has codes that are not whole"
            assert 0 <= float(codes.min()) <= float(codes.max()) < values, f"{name}: input {place} has a code too many"


def _check_truths(context: Context, name: str, split: Split) -> None:
    number = context.task.number
    if number is None:
        assert split.truths.dtype == torch.int64, f"{name}: truths of type {split.truths.dtype}"
        decisions = set(range(len(context.task.decisions)))
        assert set(split.truths.tolist()) == decisions, f"{name}: some decision has no item"
        return
    assert not context.task.decisions, "the task has both decisions and a number to estimate"
    assert split.truths.dtype == torch.float32, f"{name}: truths of type {split.truths.dtype}"
    assert torch.isfinite(split.truths).all(), f"{name}: truths that are no finite numbers"
    low, high = torch.tensor([number.low, number.high])  # as float32, like the truths
    assert bool((split.truths >= low).all()), f"{name}: truths below the scale"
    assert bool((split.truths <= high).all()), f"{name}: truths above the scale"


def _example(predictor: nn.Module | None, inputs: torch.Tensor | None) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    if predictor is None:
        from timm.models.vision_transformer import VisionTransformer

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            predictor = VisionTransformer(
                img_size=8, patch_size=2, in_chans=1, num_classes=CLASSES, embed_dim=16, depth=2, num_heads=2
            )
    x = torch.rand(ITEMS, 1, 8, 8, generator=torch.Generator().manual_seed(1)) if inputs is None else inputs
    return predictor, x, torch.arange(len(x)) % 2


@contextmanager
def _left_as_found(who: str, module: nn.Module) -> Iterator[None]:
    """The module's modes, weights, gradients, flags, hooks and fused attention, and the global random states."""
    before = _state(module)
    yield
    for name, value in _state(module).items():
        assert _same(before[name], value), f"{who} changes the {name}"


def _state(module: nn.Module) -> dict[str, Any]:
    parts, parameters = list(module.modules()), list(module.parameters())
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return {
        "module's mode": [part.training for part in parts],
        "module's weights": [value.clone() for value in module.state_dict().values()],
        "module's gradients": [None if p.grad is None else p.grad.clone() for p in parameters],
        "parameters' need of gradients": [p.requires_grad for p in parameters],
        "module's hooks": [len(getattr(part, hook)) for part in parts for hook in hooks],
        "module's fused attention": [getattr(part, "fused_attn", None) for part in parts],
        "global random state of PyTorch": [torch.random.get_rng_state()],
        "global random state of numpy": [repr(np.random.get_state(legacy=False))],
    }


def _same(before: list[Any], after: list[Any]) -> bool:
    tensors = [(x, y) for x, y in zip(before, after, strict=True) if isinstance(x, torch.Tensor)]
    others = [(x, y) for x, y in zip(before, after, strict=True) if not isinstance(x, torch.Tensor)]
    return all(isinstance(y, torch.Tensor) and torch.equal(x, y) for x, y in tensors) and all(x == y for x, y in others)


def _refuses(call: Callable[[], Any], what: str) -> None:
    try:
        call()
    except BinomeError:
        return
    raise AssertionError(f"{what} is not refused with a BinomeError")
