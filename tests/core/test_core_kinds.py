"""Parameters of the wrong kind are refused by name, before anything is computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from binome import explain, variation
from binome.core import BinomeError
from binome.core.kinds import check_call, check_count


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(18, 3))


X, TARGETS = torch.arange(36.0).view(2, 2, 3, 3) / 36, [0, 1]


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("integrated_gradients", {"steps": 2.5}, r"integrated_gradients\.steps is 2\.5; give a whole number"),
        ("integrated_gradients", {"steps": "3"}, r"integrated_gradients\.steps is '3'; give a whole number"),
        ("integrated_gradients", {"steps": True}, r"integrated_gradients\.steps is True"),
        ("smooth_grad", {"noise": "a"}, r"smooth_grad\.noise is 'a'; give a finite number"),
        ("smooth_grad", {"of_params": 3}, r"smooth_grad\.of_params is 3; give parameters by name"),
        ("occlusion", {"window": 1.5}, r"occlusion\.window is 1\.5"),
        ("rise", {"keep": float("nan")}, r"rise\.keep is nan"),
        ("centre_blob", {"width": 0}, r"centre_blob\.width is 0; give more than 0"),
    ],
)
def test_an_explainer_s_parameters(method: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(BinomeError, match=says):
        explain.attribute(network(), X, TARGETS, method=method, **params)


@pytest.mark.parametrize(
    ("metric", "params", "says"),
    [
        ("deletion", {"steps": 2.5}, r"deletion\.steps is 2\.5; give a whole number"),
        ("road", {"shares": 0.5}, r"road\.shares is 0\.5; give a list of finite numbers"),
        ("sensitivity_n", {"sizes": "12"}, r"sensitivity_n\.sizes is '12'"),
        ("infidelity", {"draws": 2.5}, r"infidelity\.draws is 2\.5"),
        ("infidelity", {"scaled": "no"}, r"infidelity\.scaled is 'no'; give true or false"),
        ("faithfulness_correlation", {"size": "a"}, r"faithfulness_correlation\.size is 'a'"),
        ("max_sensitivity", {"method": "saliency", "draws": 0}, r"^draws is 0; give a whole number from 1"),
        ("input_shift_invariance", {"method": "saliency", "shift": "a"}, r"shift is 'a'; give a finite number"),
        ("deletion", {"batch_size": 2.5}, r"batch_size is 2\.5"),
    ],
)
def test_a_metric_s_parameters(metric: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(BinomeError, match=says):
        variation.score(network(), X, TARGETS, X, metric=metric, **params)


@pytest.mark.parametrize("k", [2.5, "3", True])
def test_a_measure_s_parameters(k: Any) -> None:
    with pytest.raises(BinomeError, match="k is "):
        variation.agreement(X, X + 1, k=k)


def test_numbers_of_numpy_are_numbers_and_none_is_none_where_it_may_be() -> None:
    found = variation.score(network(), X, TARGETS, X, steps=np.int64(4), imputer=np.float64(0.5))
    assert np.array_equal(found, variation.score(network(), X, TARGETS, X, steps=4, imputer=0.5))
    check_count("layers", None, optional=True)
    with pytest.raises(BinomeError, match="layers is None"):
        check_count("layers", None)


def test_annotations_that_are_types_and_kinds_that_are_not_known() -> None:
    def target(batch: Any, count: int = 1, anything: Any = None) -> None: ...

    target.__annotations__ |= {"count": int}
    check_call("metric", "mine", target, {"count": 2, "anything": object()}, {"batch"})
    with pytest.raises(BinomeError, match=r"mine\.count is 2\.0"):
        check_call("metric", "mine", target, {"count": 2.0}, {"batch"})
