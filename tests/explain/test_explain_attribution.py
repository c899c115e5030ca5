"""The harness: what goes in stays as it was, what cannot be used is refused with its reason."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError, UnknownNameError
from binome.testing import check_explainer

FEW = {
    "exact_shapley": {"size": 4},
    "kernel_shap": {"samples": 80, "size": 2},
    "lime": {"samples": 80},
    "rise": {"samples": 30},
}
TRANSFORMER = "a timm Vision Transformer"
RECTIFIED = ("deep_lift", "guided_backprop")  # not defined for transformers


MAPS = {
    name: plugin
    for name, plugin in explain.methods().items()
    if explain.gives(name) == "maps" and plugin.declared["family"] != "structure"  # those have their own modules
}


@pytest.mark.parametrize("method", sorted(set(MAPS) - set(RECTIFIED)))
def test_every_explainer_passes_the_check(method):
    check_explainer(method, **FEW.get(method, {}))


@pytest.mark.parametrize(
    "method", sorted(name for name, plugin in MAPS.items() if plugin.declared["needs"] != TRANSFORMER)
)
def test_every_explainer_of_any_module_passes_the_check_on_convolutions(method):
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 4),
    )  # fmt: skip
    check_explainer(method, net, **FEW.get(method, {}))


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

    def fail(*_):
        raise RuntimeError("in the middle of the pass")

    inputs = torch.rand(2, 1, 8, 8, generator=torch.Generator())
    broken = vit.blocks[1].register_forward_hook(fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        explain.attribute(vit, inputs, [0, 1], method="gradient_rollout")
    broken.remove()
    explain.attribute(vit, inputs, [0, 1], method="gradient_rollout")
    assert vit.training
    assert vit.blocks[0].attn.fused_attn
    assert torch.equal(parameter.grad, torch.ones_like(parameter))
    assert parameter.requires_grad
    assert torch.equal(state, torch.random.get_rng_state())
    assert not any(part._forward_hooks for part in vit.modules())


def test_computed_in_the_modules_type_returned_in_the_callers():
    torch.manual_seed(0)
    net = nn.Linear(4, 2)
    array = np.random.default_rng(0).random((3, 4))
    maps = explain.attribute(net, array, [0, 1, 1], method="input_x_gradient")
    assert maps.dtype == np.float64
    np.testing.assert_allclose(maps, array * net.weight.detach().numpy()[[0, 1, 1]], rtol=1e-6)


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "occlusion"])
def test_an_in_place_first_layer_does_not_write_into_the_inputs(method):
    torch.manual_seed(0)
    net = nn.Sequential(nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(36, 2))
    inputs = torch.randn(2, 1, 6, 6)
    kept = inputs.clone()
    explain.attribute(net, inputs, [0, 1], method=method)
    assert torch.equal(inputs, kept)


@pytest.mark.parametrize(
    ("method", "params", "passes"),
    [
        ("saliency", {}, 1),
        ("integrated_gradients", {"steps": 7}, 7),
        ("attention_rollout", {}, 1),
        ("gradient_rollout", {}, 1),
        ("occlusion", {"window": 4, "stride": 2}, 10),
        ("other_item", {"of": "saliency"}, 1),
    ],
)
def test_no_more_passes_than_declared(vit, method, params, passes):
    seen = []
    vit.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    explain.attribute(vit, torch.rand(6, 1, 8, 8), [0] * 6, method=method, batch_size=4, **params)
    assert sum(seen) == 6 * passes
    assert max(seen) <= 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": torch.zeros(0, 2, 6, 6)}, "at least one item"),
        ({"inputs": torch.zeros(5, 2, 6, 6, dtype=torch.int64)}, "floating-point"),
        ({"inputs": torch.full((5, 2, 6, 6), float("inf"))}, "item 0 of the inputs holds NaN"),
        ({"targets": [0, 1, 2, 3, 0]}, "target 3 is 3; the module has classes 0 to 2"),
        ({"targets": [0, 1, 2, -1, 0]}, "target 3 is -1"),
        ({"targets": [0, 1]}, "give 5 class indices"),
        ({"targets": ["a"] * 5}, "give 5 class indices"),
        ({"targets": [0.0] * 5}, "give 5 class indices"),
        ({"targets": [[0], [1, 2], [0], [0], [0]]}, "give 5 class indices|cannot be read"),
        ({"targets": [3] * 5, "method": "edges"}, "the module has classes 0 to 2"),
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
    with pytest.raises(BinomeError, match="sign is 'none'"):
        explain.reduce(maps, sign="none")


def test_no_module_or_no_gradient_is_refused(images):
    with pytest.raises(BinomeError, match="give a torch"):
        explain.attribute(lambda x: x, images, [0] * 5)

    class Rounding(nn.Module):
        def forward(self, inputs):
            return inputs.flatten(1).detach().round()

    with pytest.raises(BinomeError, match="no gradient"):
        explain.attribute(Rounding(), images, [0] * 5)


def test_a_spec_tells_explanations_apart():
    default = explain.spec("integrated_gradients")
    assert default == explain.spec("integrated_gradients", {"steps": 32})
    assert default.key != explain.spec("integrated_gradients", {"steps": 33}).key
    a, b = (explain.spec("shuffled", {"of": np.full((2, 3), value)}) for value in (0.0, 1.0))
    assert a.key != b.key
    with pytest.raises(BinomeError, match="did you mean 'steps'"):
        explain.spec("integrated_gradients", {"step": 3})


def test_a_module_on_two_devices_is_refused():
    """The meta device stands in for a second one: this machine has no other."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.Linear(4, 2, device="meta"))
    with pytest.raises(BinomeError, match=r"lies on cpu and meta; move it to one device"):
        explain.attribute(net, torch.rand(2, 1, 2, 2), [0, 1], method="saliency")


@pytest.mark.parametrize("method", sorted(set(MAPS) - set(RECTIFIED)))
@pytest.mark.parametrize("level", [0.0, 0.7])
def test_an_item_that_is_constant_has_finite_maps(vit, method, level):
    x, background = torch.full((3, 1, 8, 8), level), torch.linspace(0, 1, 256).view(4, 1, 8, 8)
    maps = explain.attribute(vit, x, [0, 1, 2], method=method, background=background, **FEW.get(method, {}))
    assert maps.shape == x.shape
    assert torch.isfinite(maps).all()


def test_explaining_ones_own_module_imports_no_architectures():
    code = (
        "import sys, torch; from binome import explain;"
        "module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2));"
        "explain.attribute(module, torch.rand(1, 1, 2, 2), [0]);"
        "print(sorted({'timm', 'torchvision', 'sklearn', 'captum'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
