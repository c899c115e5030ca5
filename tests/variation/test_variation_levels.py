"""What a caller may give as the levels of a grid, and what each refusal says."""

from __future__ import annotations

from typing import Any

import pytest
from grid_example import network, run
from torch import nn

from binome import variation
from binome.core import BinomeError
from binome.variation.sweep.levels import noise_of, predictors_of, seeds_of


def test_a_list_of_modules_are_trainings_of_one_architecture() -> None:
    found = predictors_of([network(0), network(1), variation.Trained(network(2), "other", 5)])
    assert [(one.architecture, one.training) for one in found] == [("predictor", 0), ("predictor", 1), ("other", 5)]
    assert [(one.architecture, one.training) for one in predictors_of({"a": nn.Flatten()})] == [("a", 0)]


def test_seeds_and_noise() -> None:
    assert (seeds_of(3), seeds_of([4, 2]), noise_of((0, 0.5))) == ((0, 1, 2), (4, 2), (0.0, 0.5))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seeds": 2.5}, "seeds are 2.5; give one or more different whole numbers"),
        ({"seeds": "ab"}, "seeds are 'ab'"),
        ({"seeds": [1, 1]}, r"seeds are \[1, 1\]"),
        ({"seeds": 0}, r"seeds are \[\]"),
        ({"noise": 0.1}, "noise is 0.1; give a list"),
        ({"noise": [0, float("nan")]}, "noise is .*nan.*give a list"),
        ({"noise": [0, 0]}, r"noise is \[0, 0\]; give different"),
        ({"fraction": 4}, "fraction is 4; give 1 for the full grid, or a small prime"),
        ({"fraction": 2.0}, "fraction is 2.0"),
        ({"references": -1}, "references is -1"),
        ({"resamples": 0}, "resamples is 0; give a whole number from 1"),
        ({"metrics": "gini"}, r"metrics is 'gini'; give a list: \['gini'\]"),
        ({"agreements": "ssim"}, "agreements is 'ssim'"),
        ({"methods": ["saliency"]}, r"methods are \['saliency'\]; give them by name"),
        ({"methods": {"a": {"method": "rise", "settings": {"samples": 4}}}}, "method a has settings .*give a list"),
        ({"workers": 1.5}, "workers is 1.5"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(BinomeError, match=says):
        run(**options)


@pytest.mark.parametrize("given", ["vit", 3, [nn.Flatten(), "x"], [], {"a": 1}])
def test_what_is_no_predictor_is_refused(given: Any) -> None:
    with pytest.raises(BinomeError, match="predictor"):
        predictors_of(given)
