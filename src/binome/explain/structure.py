"""Shapley values that a model's structure gives exactly, without sampling: of trees, and of linear models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from binome.core import BinomeError
from binome.explain.explainer import Call, differentiable, explainer
from binome.explain.path import needed_background
from binome.explain.state import hooked
from binome.models.cases import Lines
from binome.models.trees import Trees


@explainer(
    "tree_shap", family="structure", forward="2; then items × background × leaves × depth operations",
    needs="gradient_boosting, and a background",
    paper="Lundberg et al. 2020, doi 10.1038/s42256-019-0138-9; Janzing et al. 2020, arXiv 1910.13413",
)  # fmt: skip
def tree_shap(call: Call) -> torch.Tensor:
    """Exact Shapley values of a sum of trees: absent features have the background's values, whose answers are averaged.

    They sum to f(x) − the background's mean answer. For one item, one reference and one leaf, the features on its path
    that only the item (A) or only the reference (B) lets through decide: coalitions reach the leaf that hold all of A
    and none of B, and the Shapley values of that game have a closed form.
    """
    background = needed_background(call, "tree_shap")
    found = [module for module in call.module.modules() if isinstance(module, Trees)]
    if len(found) != 1:
        raise BinomeError(
            f"tree_shap explains gradient_boosting; the module has {len(found)} such parts and must have one"
        )
    (trees,) = found
    seen: list[torch.Tensor] = []
    with hooked([trees], lambda _, given, __: seen.append(given[0].detach())):
        call.answer(call.inputs)
    if len(seen) != 1 or not torch.equal(seen[0], call.inputs):
        raise BinomeError("tree_shap needs trees that see the module's inputs as they are; this module changes them")
    weights = _weights_of_outputs(call, trees, trees.outputs)
    # Two decisions share one score, half of it for the one and half against the other.
    shared = trees.start.numel() == 1 and trees.outputs == 2
    from_scores = weights.new_tensor([[-0.5, 0.5]]) @ weights if shared else weights
    leaves = _Leaves.of(trees)
    known = leaves.lets_through(trees, background)
    maps = torch.zeros(call.inputs.shape, dtype=torch.float64, device=call.inputs.device)
    for row in range(len(call.inputs)):
        own = leaves.lets_through(trees, call.inputs[row : row + 1])
        worth = leaves.value * from_scores[leaves.output, call.targets[row]]
        shares = leaves.shares(own, known) * worth[:, None]
        maps[row].index_add_(0, leaves.feature.flatten(), shares.flatten())
    return maps.to(call.inputs.dtype)


@explainer(
    "linear", family="structure", forward="3", backward="3", needs="a linear module, and a background",
    paper="Štrumbelj & Kononenko 2014, doi 10.1007/s10115-013-0679-x",
)  # fmt: skip
def linear(call: Call) -> torch.Tensor:
    """Weight times the distance from the background's mean, w (x − E[x]): a linear model's Shapley values.

    A category counts by all the columns that stand for its values.
    """
    background = needed_background(call, "linear")
    lines = [module for module in call.module.modules() if isinstance(module, Lines)]
    if len(lines) > 1:
        raise BinomeError("linear explains modules with one set of columns; this one has several")
    columns, usual = (lines[0](values) if lines else values for values in (call.inputs, background))
    weights = _gradients(call, lines, columns)
    for elsewhere in (-columns, 1 + 3 * columns.flip(0)):
        if not torch.allclose(weights, _gradients(call, lines, elsewhere), rtol=1e-4, atol=1e-6):
            raise BinomeError("the module is not linear: its weights differ from place to place; use another method")
    shares = weights * (columns - usual.mean(0))
    if not lines:
        return shares
    widths = [max(1, count) for count in lines[0].categories]
    return torch.stack([part.sum(1) for part in torch.split(shares, widths, 1)], 1)


@dataclass(frozen=True)
class _Leaves:
    """All leaves of a sum of trees, l of them, with at most p nodes and d different features on a path.

    Attributes:
        value: float64 (l,).
        output: int64 (l,), which score it adds to.
        tree: int64 (l,).
        node, left, slot: (l, p), the path: each node, whether it must send left, the place of its feature in `feature`.
            A path that is shorter repeats its leaf, which lets everybody through.
        there: bool (l, p), whether the path has that step.
        feature: int64 (l, d); 0 for none, which never matters.
    """

    value: torch.Tensor
    output: torch.Tensor
    tree: torch.Tensor
    node: torch.Tensor
    left: torch.Tensor
    slot: torch.Tensor
    there: torch.Tensor
    feature: torch.Tensor

    @classmethod
    def of(cls, trees: Trees) -> _Leaves:
        """All leaves that can be reached."""
        device = trees.value.device
        tested, lefts, rights = trees.feature.tolist(), trees.left.tolist(), trees.right.tolist()
        found: list[tuple[int, int, list[tuple[int, bool]]]] = []
        for tree in range(len(tested)):
            waiting: list[tuple[int, list[tuple[int, bool]]]] = [(0, [])]
            while waiting:
                node, path = waiting.pop()
                if lefts[tree][node] == node:
                    found.append((tree, node, path))
                    continue
                waiting.append((lefts[tree][node], [*path, (node, True)]))
                waiting.append((rights[tree][node], [*path, (node, False)]))
        features = [list(dict.fromkeys(tested[tree][node] for node, _ in path)) for tree, _, path in found]
        slots = [
            [own.index(tested[tree][node]) for node, _ in path]
            for own, (tree, _, path) in zip(features, found, strict=True)
        ]
        longest, widest = (max(1, *map(len, parts)) for parts in ([path for _, _, path in found], features))

        def padded(rows: list[list[int]], width: int) -> torch.Tensor:
            return torch.tensor([row + [0] * (width - len(row)) for row in rows], device=device)

        of_tree = torch.tensor([tree for tree, _, _ in found], device=device)
        leaf = torch.tensor([node for _, node, _ in found], device=device)
        return cls(
            value=trees.value[of_tree, leaf],
            output=trees.output[of_tree],
            tree=of_tree,
            node=padded([[node for node, _ in path] for _, _, path in found], longest),
            left=padded([[int(left) for _, left in path] for _, _, path in found], longest).bool(),
            slot=padded(slots, longest),
            there=padded([[1] * len(path) for _, _, path in found], longest).bool(),
            feature=padded(features, widest),
        )

    def lets_through(self, trees: Trees, inputs: torch.Tensor) -> torch.Tensor:
        """Whether each item's value of each path's feature leads to its leaf, bool (n, l, d)."""
        count, (leaves, steps) = len(inputs), self.node.shape
        node = self.node.flatten().expand(count, -1)
        goes_left = trees.goes_left(inputs.double(), self.tree[:, None].expand(-1, steps).flatten(), node)
        passes = (goes_left.view(count, leaves, steps) == self.left) | ~self.there
        through = torch.ones(count, leaves, self.feature.shape[1], dtype=torch.bool, device=inputs.device)
        for step in range(steps):
            place = self.slot[:, step].expand(count, -1)[:, :, None]
            before = through.gather(2, place)
            through.scatter_(2, place, before & passes[:, :, step, None])
        return through

    def shares(self, own: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Mean over the references of each feature's Shapley value in the game whether the leaf is reached, (l, d).

        Args:
            own: of the item, (1, l, d).
            known: of the references, (m, l, d).
        """
        # Only leaves that some coalition of the two reaches count, a small part of all.
        reference, leaf = (own | known).all(2).nonzero(as_tuple=True)
        mine, theirs = own[0, leaf], known[reference, leaf]
        mine, theirs = mine & ~theirs, theirs & ~mine
        a, b = mine.sum(1), theirs.sum(1)
        table = _shapley_table(self.feature.shape[1]).to(self.value)
        shares = mine * table[a, b, None] - theirs * table[b, a, None]
        total = torch.zeros(self.feature.shape, dtype=shares.dtype, device=shares.device)
        return total.index_add_(0, leaf, shares) / len(known)


@cache
def _shapley_table(most: int) -> torch.Tensor:
    """(a − 1)! b! / (a + b)! for a and b up to `most`; 0 for a = 0."""
    table = torch.zeros(most + 1, most + 1, dtype=torch.float64)
    for a in range(1, most + 1):
        for b in range(most + 1):
            table[a, b] = math.factorial(a - 1) * math.factorial(b) / math.factorial(a + b)
    return table


def _weights_of_outputs(call: Call, part: nn.Module, width: int) -> torch.Tensor:
    """How the module's logits follow from a part's `width` outputs, float64 (width, classes); that must be linear.

    Asked by putting other outputs in the part's place.
    """
    basis = torch.cat([torch.zeros(1, width), torch.eye(width), torch.tensor([[1.5, -2.25] * width])[:, :width]])
    asked = basis.to(call.inputs)
    inputs = call.inputs[torch.arange(len(asked), device=call.inputs.device) % len(call.inputs)]
    with hooked([part], lambda *_: asked), torch.no_grad():
        logits = call.logits(inputs).double()
    weights = logits[1 : width + 1] - logits[0]
    if not torch.allclose(logits[-1], logits[0] + asked[-1].double() @ weights, rtol=1e-4, atol=1e-5):
        raise BinomeError(f"the module's logits are no sum of what its {type(part).__name__} give; use another method")
    return weights


def _gradients(call: Call, lines: list[Lines], columns: torch.Tensor) -> torch.Tensor:
    """Gradient of the target's logit with respect to the columns, or to the inputs where there are none."""
    with torch.enable_grad():
        leaf = columns.detach().requires_grad_(True)
        put: Any = lambda *_: leaf  # noqa: E731
        with hooked(lines, put):
            score = call.score(call.inputs if lines else leaf)
        (gradient,) = torch.autograd.grad(differentiable(score).sum(), leaf)
    return gradient
