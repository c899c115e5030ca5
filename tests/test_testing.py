"""The checks find what they are there to find: each broken plug-in breaks one rule."""

import numpy as np
import pytest
import torch

from binome import explain, variation
from binome.core import BinomeError
from binome.core.registry import Plugin
from binome.testing import check_agreement, check_explainer, check_metric
from binome.variation.agreement import registry as measures
from binome.variation.metric import registry as metrics


def install(monkeypatch, registry, target, **declared):
    monkeypatch.setitem(registry._plugins, "broken", Plugin("broken", target, declared))


def draws(call):
    return torch.randn(call.inputs.shape)


def centres(call):
    return call.inputs - call.inputs.mean(0)


def trains_a_step(call):
    call.module.train()
    next(call.module.parameters()).data.add_(1)
    return call.gradient(call.inputs)


def forgets_a_hook(call):
    call.module.blocks[0].register_forward_hook(lambda *_: None)
    return call.gradient(call.inputs)


def leaves_attention_unfused(call):
    call.module.blocks[0].attn.fused_attn = None
    return call.gradient(call.inputs)


def gives_one_value(call):
    return call.gradient(call.inputs).mean(1, keepdim=True)[..., :1]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (centres, "depends on the batch size"),
        (draws, "depends on the batch size"),
        (trains_a_step, "changes the module's weights"),
        (forgets_a_hook, "changes the module's hooks"),
        (leaves_attention_unfused, "changes the module's fused attention"),
    ],
)
def test_broken_explainers_are_found(monkeypatch, target, says):
    install(monkeypatch, explain.registry, target)
    with pytest.raises(AssertionError, match=says):
        check_explainer("broken")


def test_maps_of_another_shape_are_refused_by_the_harness(monkeypatch):
    install(monkeypatch, explain.registry, gives_one_value)
    with pytest.raises(BinomeError, match="made maps of shape"):
        check_explainer("broken")


def ranks_items(batch):
    return batch.maps.flatten(1).sum(1).argsort().double()


def draws_a_value(batch):
    return torch.as_tensor(np.random.default_rng().random(len(batch.maps)))


@pytest.mark.parametrize(
    ("target", "says"), [(ranks_items, "depends on"), (draws_a_value, "differs between two calls")]
)
def test_broken_metrics_are_found(monkeypatch, target, says):
    install(monkeypatch, metrics, target)
    with pytest.raises(AssertionError, match=says):
        check_metric("broken")


def test_a_metric_that_writes_into_its_maps_harms_no_one(monkeypatch):
    def zeroes(batch):
        batch.inputs.zero_()
        return batch.maps.zero_().flatten(1).sum(1)

    install(monkeypatch, metrics, zeroes)
    check_metric("broken")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (lambda a, b: (a.values - b.values).mean(1), "not symmetric"),
        (lambda a, b: np.abs(a.values - b.values).mean(1), "with itself"),
        (lambda a, b: (a.values * b.values).mean(1) / (a.values**2).mean() ** 0.5, "not symmetric|items beside"),
    ],
)
def test_broken_measures_are_found(monkeypatch, target, says):
    install(monkeypatch, measures, target)
    with pytest.raises(AssertionError, match=says):
        check_agreement("broken")


def test_the_names_are_known():
    assert {"integrated_gradients", "attention_rollout", "gradient_rollout", "occlusion"} <= set(explain.methods())
    assert {"deletion", "insertion", "srg", "sparseness", "effective_features"} <= set(variation.metrics())
