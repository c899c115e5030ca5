"""Methods from elsewhere: Captum's classes, and any function."""

import captum.attr
import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError, UnknownNameError


@pytest.mark.parametrize("method", [captum.attr.InputXGradient, "captum:InputXGradient"])
def test_a_class_of_captum_in_one_line(method, linear, images, targets):
    expected = explain.attribute(linear, images, targets, method="input_x_gradient")
    torch.testing.assert_close(explain.attribute(linear, images, targets, method=method), expected)


def test_its_parameters_are_checked_by_name_and_its_layer_found(images, targets):
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 3)).double()
    with pytest.raises(BinomeError, match="did you mean 'n_samples'"):
        explain.attribute(net, images, targets, method="captum:ShapleyValueSampling", n_sample=3)
    maps = explain.attribute(net, images, targets, method="captum:LayerGradCam", layer="1")
    assert maps.shape == images.shape
    with pytest.raises(BinomeError, match="layer is 'conv9'"):
        explain.attribute(net, images, targets, method="captum:LayerGradCam", layer="conv9")


def test_a_function_is_a_method(linear, images, targets):
    def doubled(module, inputs, targets, factor=2.0):
        return factor * inputs

    torch.testing.assert_close(explain.attribute(linear, images, targets, method=doubled, factor=3), 3 * images)
    assert explain.spec(doubled).params == {"factor": 2.0}
    with pytest.raises(BinomeError, match="did you mean 'factor'"):
        explain.attribute(linear, images, targets, method=doubled, factors=3)


@pytest.mark.parametrize(
    ("method", "error"),
    [("captum:DeepLit", UnknownNameError), ("no.such:thing", BinomeError), (nn.Linear, BinomeError), (3, BinomeError)],
)
def test_what_is_no_method_is_refused(method, error, linear, images, targets):
    with pytest.raises(error):
        explain.attribute(linear, images, targets, method=method)
