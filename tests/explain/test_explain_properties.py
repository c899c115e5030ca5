"""What holds for any network: attributions add up, equals are treated alike, a batch is its items."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from binome import explain

FEATURES, CLASSES = 5, 3
SEEDS = st.integers(0, 2**31 - 1)
FAST = settings(max_examples=12, deadline=None)
COMPLETE = {
    "integrated_gradients": {"steps": 200},
    "deep_lift": {},
    "exact_shapley": {"units": "place"},
    "kernel_shap": {"units": "place", "samples": 100},
}
"""Methods whose attributions sum to the rise of the logit from the baseline."""
SYMMETRIC = {"saliency": {}, "input_x_gradient": {}, **COMPLETE, "feature_ablation": {"units": "place"}}


def network(seed, activation=nn.ReLU):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(FEATURES, 12), activation(), nn.Linear(12, 8), activation(), nn.Linear(8, CLASSES)
    ).double()  # fmt: skip


def cases(seed, count=3):
    return torch.randn(count, FEATURES, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def rise(net, x, targets, start):
    with torch.no_grad():
        return (net(x) - net(start)).gather(1, torch.tensor(targets)[:, None])[:, 0]


@pytest.mark.parametrize("method", sorted(COMPLETE))
@FAST
@given(seed=SEEDS, level=st.sampled_from([0.0, 0.4]))
def test_attributions_account_for_the_whole_rise(method, seed, level):
    net, x, targets = network(seed), cases(seed), [0, 1, 2]
    maps = explain.attribute(net, x, targets, method, baseline=level, **COMPLETE[method])
    expected = rise(net, x, targets, torch.full_like(x, level))
    # Quadrature meets the kinks of a ReLU between its points.
    tolerance = 0.02 * float(expected.abs().max()) + 1e-3 if method == "integrated_gradients" else 1e-7
    torch.testing.assert_close(maps.sum(1), expected, rtol=0, atol=tolerance)


@FAST
@given(seed=SEEDS)
def test_the_stated_gap_is_what_is_missing(seed):
    net, x, targets = network(seed), cases(seed), [0, 1, 2]
    found = explain.examine(net, x, targets, "integrated_gradients", steps=3)
    missing = (found.maps.sum(1) - rise(net, x, targets, torch.zeros_like(x))).abs()
    torch.testing.assert_close(found.details["completeness_gap"].double(), missing, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("method", sorted(SYMMETRIC))
@FAST
@given(seed=SEEDS)
def test_features_that_the_network_treats_alike_and_that_are_equal_get_as_much(method, seed):
    net, x = network(seed), cases(seed)
    with torch.no_grad():
        net[0].weight[:, 1] = net[0].weight[:, 3]
    x[:, 1] = x[:, 3]
    maps = explain.attribute(net, x, [0, 1, 2], method, **SYMMETRIC[method])
    torch.testing.assert_close(maps[:, 1], maps[:, 3], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("method", sorted(COMPLETE))
@FAST
@given(seed=SEEDS)
def test_a_feature_that_the_network_does_not_read_gets_nothing(method, seed):
    net, x = network(seed), cases(seed)
    with torch.no_grad():
        net[0].weight[:, 2] = 0
    maps = explain.attribute(net, x, [0, 1, 2], method, **COMPLETE[method])
    torch.testing.assert_close(maps[:, 2], torch.zeros(3, dtype=torch.float64), rtol=0, atol=1e-9)


@pytest.mark.parametrize("method", ["integrated_gradients", "exact_shapley", "saliency"])
@FAST
@given(seed=SEEDS)
def test_two_networks_with_one_function_are_explained_alike(method, seed):
    """Scaling a hidden layer up and the next one down changes no output of a ReLU network."""
    net, x = network(seed), cases(seed)
    before = explain.attribute(net, x, [0, 1, 2], method)
    with torch.no_grad():
        net[0].weight *= 4
        net[0].bias *= 4
        net[2].weight /= 4
    torch.testing.assert_close(explain.attribute(net, x, [0, 1, 2], method), before, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("method", ["integrated_gradients", "smooth_grad", "exact_shapley"])
@FAST
@given(seed=SEEDS)
def test_the_explanation_of_a_sum_is_the_sum_of_explanations(method, seed):
    first, second, x = network(seed, nn.Tanh), network(seed + 1, nn.Tanh), cases(seed)

    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList([first, second])

        def forward(self, inputs):
            return self.parts[0](inputs) + self.parts[1](inputs)

    maps = [explain.attribute(module, x, [0, 1, 2], method, seed=3) for module in (Sum(), first, second)]
    torch.testing.assert_close(maps[0], maps[1] + maps[2], rtol=1e-7, atol=1e-9)


COARSE = {"units": "patch", "size": 4}
SIXTY_FOUR = {
    "saliency": {}, "integrated_gradients": {"steps": 4}, "smooth_grad": {"samples": 3}, "grad_cam": {},
    "raw_attention": {}, "gradient_rollout": {}, "attn_lrp": {}, "legrad": {}, "occlusion": {"window": 4, "stride": 4},
    "rise": {"samples": 8}, "lime": {"samples": 20, **COARSE}, "kernel_shap": {"samples": 20, **COARSE},
    "consensus": {"of": ["saliency", {"method": "rise", "samples": 8}]},
}  # fmt: skip


@pytest.mark.parametrize("method", sorted(SIXTY_FOUR))
def test_a_batch_of_one_equals_a_batch_of_sixty_four_and_a_seed_its_maps_bit_for_bit(vit, method):
    x = torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    targets = (torch.arange(64) % 4).tolist()

    def maps(size):
        return explain.attribute(vit, x, targets, method, seed=5, batch_size=size, **SIXTY_FOUR[method])

    whole = maps(64)
    torch.testing.assert_close(maps(1), whole, rtol=1e-4, atol=1e-5)
    assert torch.equal(maps(64), whole)
