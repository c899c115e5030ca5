"""`gradient_boosting`: scikit-learn's histogram boosting, kept as tensors so that it is a module like the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from binome.contexts import Split
from binome.core import BinomeError
from binome.models.cases import check_case_file
from binome.models.predictor import Predictor
from binome.models.settings import check_number, check_whole, read_settings
from binome.models.zoo import Layout, architecture

CODES = 256
"""Most values of a category: scikit-learn bins by a byte."""


@dataclass(frozen=True)
class Boosting:
    """How to fit `gradient_boosting`.

    Attributes:
        iterations: trees, for each decision where there are more than two.
        learning_rate: what each tree adds.
        leaves: of a tree, at most.
        least: training items a leaf, at least.
        penalty: on the leaves' squares.
        limit: use only the first so many training items; None for all.
    """

    iterations: int = 150
    learning_rate: float = 0.08
    leaves: int = 15
    least: int = 20
    penalty: float = 1.0
    limit: int | None = None

    def __post_init__(self) -> None:
        for name in ("iterations", "leaves", "least"):
            check_whole(name, getattr(self, name))
        check_whole("limit", self.limit, optional=True)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("penalty", self.penalty, low=0)


class Trees(nn.Module):
    """A sum of regression trees: (n, features) -> (n, outputs).

    Buffers, for t trees of at most m nodes: `feature`, `left`, `right` int64 (t, m), `threshold` and `value` float64
    (t, m), `codes` bool (t, m, CODES or 0): the values of a category that go left; `output` int64 (t,): what a tree
    adds to; `start` float64 (outputs,). A leaf is its own child. Two decisions share one score, half of it for the
    second and half against the first, so that both can be explained.
    """

    feature: torch.Tensor
    left: torch.Tensor
    right: torch.Tensor
    threshold: torch.Tensor
    value: torch.Tensor
    categorical: torch.Tensor
    codes: torch.Tensor
    output: torch.Tensor
    start: torch.Tensor

    NAMES = ("feature", "left", "right", "threshold", "value", "categorical", "codes", "output", "start")

    def __init__(self, outputs: int) -> None:
        super().__init__()
        for name in self.NAMES:
            self.register_buffer(name, torch.zeros(0))
        self.outputs = outputs

    def grow(self, **buffers: torch.Tensor) -> None:
        """Put fitted trees in place."""
        for name in self.NAMES:
            setattr(self, name, buffers[name])

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        if not self.feature.numel():
            raise BinomeError("these trees were never fitted; use models.fit")
        exact = inputs.double()  # thresholds lie between float32 values
        trees = torch.arange(len(self.feature), device=inputs.device)
        node = torch.zeros(len(inputs), len(trees), dtype=torch.long, device=inputs.device)
        while True:
            left = self.goes_left(exact, trees, node)
            after = torch.where(left, self.left[trees, node], self.right[trees, node])
            if torch.equal(after, node):
                break
            node = after
        scores = self.start.expand(len(inputs), -1).clone()
        scores.index_add_(1, self.output, self.value[trees, node])
        if self.outputs == 2 and scores.shape[1] == 1:
            scores = torch.cat([-scores / 2, scores / 2], 1)
        return scores.to(inputs.dtype)

    def goes_left(self, exact: torch.Tensor, trees: torch.Tensor, node: torch.Tensor) -> torch.Tensor:
        """Whether each of some nodes sends an item left, bool (n, k).

        Args:
            exact: float64 (n, features).
            trees: int64 (k,) or (n, k), the nodes' trees.
            node: int64 (n, k), their places in these.
        """
        seen = exact.gather(1, self.feature[trees, node])
        goes_left: torch.Tensor = seen <= self.threshold[trees, node]
        if self.codes.shape[-1]:
            code = seen.round().clamp(0, CODES - 1).long()
            goes_left = torch.where(self.categorical[trees, node], self.codes[trees, node, code], goes_left)
        return goes_left

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        # The buffers' sizes are those of the trees that were saved.
        for name in self.NAMES:
            if f"{prefix}{name}" in state_dict:
                setattr(self, name, torch.empty_like(state_dict[f"{prefix}{name}"]))
        super()._load_from_state_dict(state_dict, prefix, *rest)


def fit_boosting(predictor: Predictor, items: Split, seed: int, settings: Mapping[str, object]) -> Mapping[str, Any]:
    """Fit by scikit-learn's HistGradientBoosting."""
    from sklearn import ensemble

    chosen = read_settings(Boosting, settings)
    items = items if chosen.limit is None else items[: chosen.limit]
    categories = predictor.layout.categories
    options: dict[str, Any] = {
        "max_iter": chosen.iterations, "learning_rate": chosen.learning_rate, "max_leaf_nodes": chosen.leaves,
        "min_samples_leaf": chosen.least, "l2_regularization": chosen.penalty, "early_stopping": False,
        "categorical_features": [bool(count) for count in categories], "random_state": seed % 2**32,
    }  # fmt: skip
    inputs = items.inputs.double().numpy()
    boosting: Any = ensemble  # scikit-learn is not typed
    if predictor.estimates:
        wanted = ((items.truths - predictor.centre) / predictor.spread).double().numpy()
        model = boosting.HistGradientBoostingRegressor(**options).fit(inputs, wanted)
    else:
        model = boosting.HistGradientBoostingClassifier(**options).fit(inputs, items.truths.numpy())
    trees: Any = predictor.network
    trees.grow(**_tensors(model, categories))
    return {**asdict(chosen), "epochs": None, "train_items": len(items)}


@architecture("gradient_boosting", fit=fit_boosting, settings=Boosting, takes="case files")
def gradient_boosting(layout: Layout) -> nn.Module:
    """Gradient-boosted trees on a case file, fitted by scikit-learn (Ke et al. 2017's histograms)."""
    check_case_file("gradient_boosting", layout)
    large = [count for count in layout.categories if count > CODES - 1]
    if large:
        raise BinomeError(f"gradient_boosting takes categories of {CODES - 1} values at most, found {max(large)}")
    return Trees(layout.outputs)


def _tensors(model: Any, categories: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """A fitted HistGradientBoosting model's trees.

    scikit-learn has no public view of them; `tests/models` holds the result to `predict_proba`, so that a change of
    its inside is found.
    """
    grown = [(output, tree) for stage in model._predictors for output, tree in enumerate(stage)]
    most = max(len(tree.nodes) for _, tree in grown)
    shape = (len(grown), most)
    own = np.broadcast_to(np.arange(most), shape)
    arrays = {
        "feature": np.zeros(shape, np.int64), "left": own.astype(np.int64), "right": own.astype(np.int64),
        "threshold": np.zeros(shape), "value": np.zeros(shape), "categorical": np.zeros(shape, bool),
        "codes": np.zeros((*shape, CODES if any(categories) else 0), bool),
    }  # fmt: skip
    encoded = _encoded_places(model, categories)
    for place, (_, tree) in enumerate(grown):
        nodes = tree.nodes
        split = np.flatnonzero(~nodes["is_leaf"].astype(bool))
        arrays["value"][place, : len(nodes)] = nodes["value"]
        arrays["feature"][place, split] = encoded[nodes["feature_idx"][split]]
        arrays["threshold"][place, split] = nodes["num_threshold"][split]
        arrays["left"][place, split], arrays["right"][place, split] = nodes["left"][split], nodes["right"][split]
        for node in split[nodes["is_categorical"][split].astype(bool)]:
            bits = tree.raw_left_cat_bitsets[nodes["bitset_idx"][node]].astype("<u4")
            arrays["categorical"][place, node] = True
            arrays["codes"][place, node] = np.unpackbits(bits.view(np.uint8), bitorder="little").astype(bool)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}
    tensors["output"] = torch.tensor([output for output, _ in grown])
    tensors["start"] = torch.from_numpy(np.asarray(model._baseline_prediction, dtype=np.float64).ravel().copy())
    return tensors


def _encoded_places(model: Any, categories: tuple[int, ...]) -> Any:
    """By the model's own feature number, the place of the input: scikit-learn puts categories first."""
    places = np.arange(len(categories))
    if getattr(model, "_preprocessor", None) is None:
        return places
    categorical = np.array([bool(count) for count in categories])
    return np.concatenate([places[categorical], places[~categorical]])
