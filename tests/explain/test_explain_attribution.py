"""The harness: what goes in stays as it was, what cannot be used is refused with its reason."""

import numpy as np
import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError, UnknownNameError
from binome.testing import check_explainer


@pytest.mark.parametrize("method", sorted(explain.methods()))
def test_every_explainer_passes_the_check(method):
    check_explainer(method)


def test_arrays_come_back_as_arrays(linear, images, targets):
    array = images.numpy()
    maps = explain.attribute(linear, array, targets.tolist())
    assert isinstance(maps, np.ndarray)
    np.testing.assert_array_equal(maps, explain.attribute(linear, images, targets).numpy())


def test_the_module_is_left_as_found_even_after_an_error(vit):
    vit.train()
    vit.blocks[0].attn.fused_attn = True
    parameter = next(vit.parameters())
    parameter.grad = torch.ones_like(parameter)
    state = torch.random.get_rng_state()
    with pytest.raises(BinomeError):
        explain.attribute(vit, torch.full((2, 1, 8, 8), float("nan")), [0, 1], method="gradient_rollout")
    explain.attribute(vit, torch.rand(2, 1, 8, 8, generator=torch.Generator()), [0, 1], method="gradient_rollout")
    assert vit.training
    assert vit.blocks[0].attn.fused_attn
    assert torch.equal(parameter.grad, torch.ones_like(parameter))
    assert parameter.requires_grad
    assert torch.equal(state, torch.random.get_rng_state())
    assert not any(part._forward_hooks for part in vit.modules())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": torch.zeros(0, 2, 6, 6)}, "at least one item"),
        ({"inputs": torch.zeros(5, 2, 6, 6, dtype=torch.int64)}, "floating-point"),
        ({"inputs": torch.full((5, 2, 6, 6), float("inf"))}, "input 0 holds NaN"),
        ({"targets": [0, 1, 2, 3, 0]}, "target 3 is 3; the module has classes 0 to 2"),
        ({"targets": [0, 1]}, "give 5 class indices"),
        ({"steps": 0}, "steps is 0"),
        ({"step": 3}, "did you mean 'steps'"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"method": "attention_rollout"}, "VisionTransformer"),
        ({"method": "occlusion", "window": 9}, "window <= 6"),
    ],
)
def test_bad_input_is_refused(linear, images, targets, change, says):
    call = {"inputs": images, "targets": targets, **change}
    with pytest.raises(BinomeError, match=says):
        explain.attribute(linear, call.pop("inputs"), call.pop("targets"), **call)


def test_unknown_method_names_the_nearest(linear, images, targets):
    with pytest.raises(UnknownNameError, match="did you mean 'integrated_gradients'"):
        explain.attribute(linear, images, targets, method="integrated_gradient")


def test_a_module_without_logits_is_refused(images):
    with pytest.raises(BinomeError, match="must return logits"):
        explain.attribute(nn.Identity(), images, [0] * 5)


def test_reduce_adds_channels_before_it_drops_the_sign():
    maps = np.array([[[[1.0]], [[-3.0]]]])
    assert explain.reduce(maps)[0, 0, 0] == 2
    assert explain.reduce(maps, sign="positive")[0, 0, 0] == 0
    assert explain.reduce(maps, sign="signed", channels="mean")[0, 0, 0] == -1
