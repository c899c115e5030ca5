"""Networks for case files: a linear model that scikit-learn fits, and a small perceptron."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from binome.contexts import Split
from binome.core import BinomeError
from binome.models.predictor import Predictor
from binome.models.settings import check_number, check_whole, read_settings
from binome.models.zoo import Layout, architecture


class Lines(nn.Module):
    """A case file as numbers: numbers as they are, a category as one column a value, so (n, features) -> (n, columns).

    A code that is no value of the category (a perturbed input) gives no column a 1.
    """

    def __init__(self, categories: tuple[int, ...]) -> None:
        super().__init__()
        self.categories = categories
        self.columns = sum(max(1, count) for count in categories)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        parts = []
        for place, count in enumerate(self.categories):
            column = inputs[:, place : place + 1]
            values = torch.arange(count, device=inputs.device, dtype=inputs.dtype)
            parts.append((column.round() == values).to(inputs) if count else column)
        return torch.cat(parts, 1)


@dataclass(frozen=True)
class Linear:
    """How to fit `linear`.

    Attributes:
        penalty: weight of the squared coefficients against the training items' loss, all numbers being standardised.
        limit: use only the first so many training items; None for all.
    """

    penalty: float = 1.0
    limit: int | None = None

    def __post_init__(self) -> None:
        check_number("penalty", self.penalty, above=0)
        check_whole("limit", self.limit, optional=True)


ITERATIONS = 2000


def fit_linear(predictor: Predictor, items: Split, seed: int, settings: Mapping[str, object]) -> Mapping[str, Any]:
    """Fit by scikit-learn: logistic regression for decisions, ridge regression for estimates."""
    from sklearn import linear_model
    from sklearn.exceptions import ConvergenceWarning

    chosen = read_settings(Linear, settings)
    items = items if chosen.limit is None else items[: chosen.limit]
    network: Any = predictor.network
    lines, layer = network
    models: Any = linear_model  # scikit-learn is not typed
    columns = lines(items.inputs).double().numpy()
    if predictor.estimates:
        wanted = ((items.truths - predictor.centre) / predictor.spread).double().numpy()
        model = models.Ridge(alpha=chosen.penalty).fit(columns, wanted)
        weights, bias = model.coef_[None], [float(model.intercept_)]
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                model = models.LogisticRegression(C=1 / chosen.penalty, max_iter=ITERATIONS).fit(
                    columns, items.truths.numpy()
                )
            except ConvergenceWarning as error:
                raise BinomeError(
                    f"linear did not converge in {ITERATIONS} steps; give a larger predictor.penalty"
                ) from error
        weights, bias = model.coef_, model.intercept_
        if (
            len(weights) == 1
        ):  # of two decisions scikit-learn keeps one logit: half of it for one, half against the other
            weights, bias = [-weights[0] / 2, weights[0] / 2], [-bias[0] / 2, bias[0] / 2]
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([list(row) for row in weights]))
        layer.bias.copy_(torch.tensor(list(bias)))
    return {**asdict(chosen), "epochs": None, "train_items": len(items)}


@architecture("linear", fit=fit_linear, settings=Linear, takes="case files")
def linear(layout: Layout) -> nn.Module:
    """Logistic regression (ridge regression for estimates) on a case file, fitted by scikit-learn."""
    lines = _lines("linear", layout)
    return nn.Sequential(lines, nn.Linear(lines.columns, layout.outputs))


@architecture("mlp_micro", takes="case files")
def mlp_micro(layout: Layout) -> nn.Module:
    """A perceptron with two hidden layers of 64 for a case file, trained by gradient descent."""
    lines = _lines("mlp_micro", layout)
    return nn.Sequential(
        lines, nn.Linear(lines.columns, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.GELU(),
        nn.Linear(64, layout.outputs),
    )  # fmt: skip


def _lines(name: str, layout: Layout) -> Lines:
    check_case_file(name, layout)
    return Lines(layout.categories)


def check_case_file(name: str, layout: Layout) -> None:
    """Refuse inputs that are no case file.

    Raises:
        BinomeError: naming an architecture that can take them.
    """
    if len(layout.shape) != 1 or len(layout.categories) != layout.shape[0]:
        raise BinomeError(
            f"{name} takes case files, the context gives inputs of shape {layout.shape}; "
            f"choose another architecture, e.g. vit_micro for pictures"
        )
