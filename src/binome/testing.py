"""Checks that any plug-in must pass, in the way of scikit-learn's `check_estimator`.

Raises AssertionError, saying which rule is broken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from binome import explain, variation
from binome.contexts import Context
from binome.core import BinomeError

ITEMS, CLASSES = 6, 4


def check_explainer(
    method: str, predictor: nn.Module | None = None, inputs: torch.Tensor | None = None, **params: Any
) -> None:
    """Check an explainer: shape and type, determinism under a seed, independence of the batch, nothing left changed.

    Args:
        method: its name.
        predictor, inputs: a small Vision Transformer and six pictures of 8 × 8 pixels by default.
    """
    module, x, targets = _example(predictor, inputs)
    kept, state = x.clone(), torch.random.get_rng_state()
    weights = {name: value.clone() for name, value in module.state_dict().items()}
    modes = [part.training for part in module.modules()]

    def call(**changes: Any) -> torch.Tensor:
        return explain.attribute(module, x, targets, method=method, **{**params, **changes})

    maps = call()
    assert maps.shape == x.shape, f"{method} returns {tuple(maps.shape)} for inputs {tuple(x.shape)}"
    assert maps.dtype == x.dtype, f"{method} returns {maps.dtype} for {x.dtype}"
    assert torch.isfinite(maps).all(), f"{method} returns NaN or infinite values"
    assert not maps.requires_grad, f"{method} returns maps that still carry a graph"
    assert torch.equal(maps, call()), f"{method} differs between two calls with one seed"
    assert torch.allclose(maps, call(batch_size=2), rtol=1e-4, atol=1e-5), f"{method} depends on the batch size"
    assert torch.equal(x, kept), f"{method} changes the caller's inputs"
    assert torch.equal(state, torch.random.get_rng_state()), f"{method} changes the global random state"
    assert modes == [part.training for part in module.modules()], f"{method} changes the module's mode"
    assert all(torch.equal(weights[n], v) for n, v in module.state_dict().items()), (
        f"{method} changes the module's weights"
    )
    hooks = [part for part in module.modules() if part._forward_hooks or part._backward_hooks]
    assert not hooks, f"{method} leaves hooks behind"
    _refuses(
        lambda: explain.attribute(module, x, [CLASSES] * len(x), method=method, **params),
        f"{method}: a class that is not",
    )


def check_metric(
    metric: str, predictor: nn.Module | None = None, inputs: torch.Tensor | None = None, **params: Any
) -> None:
    """Check a metric: one float64 value an item, determinism, independence of the batch and of items beside it."""
    module, x, targets = _example(predictor, inputs)
    maps = torch.randn(x.shape, generator=torch.Generator().manual_seed(5)).to(x)
    kept = maps.clone()

    def call(rows: slice = slice(None), **changes: Any) -> np.ndarray[Any, Any]:
        return variation.score(module, x[rows], targets[rows], maps[rows], metric=metric, **{**params, **changes})

    values = call()
    assert values.shape == (len(x),), f"{metric} returns {values.shape} for {len(x)} items"
    assert values.dtype == np.float64, f"{metric} returns {values.dtype}"
    np.testing.assert_array_equal(values, call(), err_msg=f"{metric} differs between two calls with one seed")
    np.testing.assert_allclose(
        values, call(batch_size=2), rtol=1e-5, atol=1e-6, err_msg=f"{metric} depends on the batch size"
    )
    first = call(slice(0, 1))
    np.testing.assert_allclose(
        first, values[:1], rtol=1e-5, atol=1e-6, err_msg=f"{metric} depends on the items beside it"
    )
    assert torch.equal(maps, kept), f"{metric} changes the caller's maps"
    _refuses(
        lambda: variation.score(module, x, targets, maps[:, :, 1:], metric=metric, **params),
        f"{metric}: maps of another shape",
    )


def check_context(context: Context) -> None:
    """Check a context: disjoint splits of inputs in [0, 1], truths within its decisions, a picture for every item."""
    decisions, seen = len(context.task.decisions), set[str]()
    for name in ("train", "calibration", "test"):
        split = context.split(name)
        count = len(split.ids)
        assert split.inputs.shape == (count, *context.input_shape), (
            f"{name}: inputs of shape {tuple(split.inputs.shape)}"
        )
        assert split.inputs.dtype == torch.float32, f"{name}: inputs of type {split.inputs.dtype}"
        assert float(split.inputs.min()) >= 0, f"{name}: inputs below 0"
        assert float(split.inputs.max()) <= 1, f"{name}: inputs above 1"
        assert split.truths.shape == (count,), f"{name}: truths of shape {tuple(split.truths.shape)}"
        assert set(split.truths.tolist()) == set(range(decisions)), f"{name}: some decision has no item"
        assert len(set(split.ids)) == count, f"{name}: an id comes twice"
        assert not seen & set(split.ids), f"{name}: an item is in two splits"
        seen |= set(split.ids)
        picture = context.picture(split.ids[0])
        assert picture.tobytes() == context.picture(split.ids[0]).tobytes(), "a picture differs between two calls"
    _refuses(lambda: context.picture("no such item"), "a picture of no item")


def _example(predictor: nn.Module | None, inputs: torch.Tensor | None) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    if predictor is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            predictor = VisionTransformer(
                img_size=8, patch_size=2, in_chans=1, num_classes=CLASSES, embed_dim=16, depth=2, num_heads=2
            )
    x = torch.rand(ITEMS, 1, 8, 8, generator=torch.Generator().manual_seed(1)) if inputs is None else inputs
    return predictor, x, torch.arange(len(x)) % 2


def _refuses(call: Any, what: str) -> None:
    try:
        call()
    except BinomeError:
        return
    raise AssertionError(f"{what} is not refused with a BinomeError")
