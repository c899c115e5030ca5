"""Whole data sets: each context's predictor reaches what docs/reference/contexts.md says (`make test-all`)."""

import importlib.util
from pathlib import Path

import pytest

from binome import contexts, models

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "contexts.py"
TARGETS = {
    "digits": ("accuracy", 0.97), "fashion": ("accuracy", 0.90), "biopsy": ("auroc", 0.98),
    "recidivism": ("auroc", 0.70), "income": ("auroc", 0.90), "connect_four": ("accuracy", 0.70),
    "photos": ("accuracy", 0.70), "credit": ("auroc", 0.70), "diabetes": ("explained", 0.30),
    "shapes": ("accuracy", 0.95),
}  # fmt: skip


def runs():
    spec = importlib.util.spec_from_file_location("contexts_benchmark", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RUNS


def test_every_context_with_data_of_its_own_has_a_target():
    loaders = {"folder", "table", "torchvision", "huggingface"}
    assert set(TARGETS) == set(runs()) == set(contexts.names()) - loaders


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", TARGETS)
def test_the_target_is_reached(name):
    params, architecture, settings = runs()[name]
    context = contexts.load(name, **params)
    predictor = models.fit(context, architecture, seed=0, **settings)
    figure, least = TARGETS[name]
    found = models.evaluate(predictor, context, resamples=0, robustness=0).as_dict()[figure]
    assert (found["value"] if isinstance(found, dict) else found) >= least
