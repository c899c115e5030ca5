"""Class activation maps: what a layer's features say of the target, where they say it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional as F

from binome.core import BinomeError
from binome.explain.explainer import Call, differentiable, explainer
from binome.explain.state import hooked
from binome.explain.transformer import Upsampling, grid_of, spread, transformers_in

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer

NEEDS = "pictures, and a layer of features with places"


@explainer(
    "grad_cam", family="gradient", forward="1", backward="1 down to the layer", needs=NEEDS,
    paper="Selvaraju et al. 2017, arXiv 1610.02391",
)  # fmt: skip
def grad_cam(call: Call, layer: str = "", upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Sum of a layer's features, each weighted by its gradient averaged over the places, positive part.

    Args:
        layer: name of the layer in the module; by default the last that gives features with places: of a Vision
            Transformer the first normalisation of its last block, whose patch tokens are put back on their grid.
        upsampling: from the layer's places to pixels.
    """
    features, gradients = _features_with_gradients(call, layer)
    weights = gradients.mean((2, 3), keepdim=True)
    return _summed(call, weights * features, upsampling)


@explainer(
    "grad_cam_pp", family="gradient", forward="1", backward="1 down to the layer", needs=NEEDS,
    paper="Chattopadhyay et al. 2018, arXiv 1710.11063",
)  # fmt: skip
def grad_cam_pp(call: Call, layer: str = "", upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Grad-CAM++: the gradients' positive parts are weighted by place, so that several objects count each.

    As in the paper the score is the exponential of the logit, whose higher derivatives are powers of the gradient.

    Args: as for `grad_cam`.
    """
    features, gradients = _features_with_gradients(call, layer)
    square = gradients.square()
    below = 2 * square + features.sum((2, 3), keepdim=True) * square * gradients
    shares = torch.where(below != 0, square / torch.where(below != 0, below, 1.0), 0.0)
    # exp(logit) multiplies all of an item's weights alike: it is left out, for it overflows and ranks nothing.
    weights = (shares * gradients.clamp_min(0)).sum((2, 3), keepdim=True)
    return _summed(call, weights * features, upsampling)


@explainer(
    "layer_cam", family="gradient", forward="1", backward="1 down to the layer", needs=NEEDS,
    paper="Jiang et al. 2021, doi 10.1109/TIP.2021.3089943",
)  # fmt: skip
def layer_cam(call: Call, layer: str = "", upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Features times the positive part of their own gradients, place by place: sharp in early layers too.

    Args: as for `grad_cam`.
    """
    features, gradients = _features_with_gradients(call, layer)
    return _summed(call, gradients.clamp_min(0) * features, upsampling)


@explainer(
    "score_cam", family="perturbation", forward="channels + 1", needs=NEEDS, paper="Wang et al. 2020, arXiv 1910.01279"
)
def score_cam(call: Call, layer: str = "", upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Sum of a layer's features, each weighted by the logit that the input masked by that feature alone has.

    Each feature is brought to the input's size and to [0, 1] as a mask; weights are the softmax of the masked inputs'
    logits over the features, so that the baseline of the paper cancels. A feature that is constant masks nothing and
    gets no weight.

    Args: as for `grad_cam`.
    """
    with _watching(call, layer) as found, torch.no_grad():
        call.logits(call.inputs)
        features = found.features().detach()
    wide = F.interpolate(features, size=call.inputs.shape[2:], mode="bilinear", align_corners=False)
    low, high = wide.amin((2, 3), keepdim=True), wide.amax((2, 3), keepdim=True)
    flat = high <= low
    masks = (wide - low) / torch.where(flat, 1.0, high - low)

    def masked(part: range) -> torch.Tensor:
        return call.inputs * masks[:, part.start : part.stop].transpose(0, 1).unsqueeze(2)

    logits = call.scores(features.shape[1], masked).T.masked_fill(flat[:, :, 0, 0], -torch.inf)
    weights = torch.where(flat.all(1)[:, :, 0], 0.0, logits.softmax(1))
    return _summed(call, weights[:, :, None, None] * features, upsampling)


def _summed(call: Call, weighted: torch.Tensor, upsampling: Upsampling) -> torch.Tensor:
    """Weighted features (n, channels, rows, columns) as maps: the positive part of their sum."""
    return spread(call, weighted.sum(1, keepdim=True).clamp_min(0), upsampling)


def _features_with_gradients(call: Call, layer: str) -> tuple[torch.Tensor, torch.Tensor]:
    """A layer's features and the target's gradient with respect to them, both (n, channels, rows, columns)."""
    with _watching(call, layer) as found, torch.enable_grad():
        score = differentiable(call.score(call.inputs.detach().requires_grad_(True)))
        output = found.output()
        (gradient,) = torch.autograd.grad(score.sum(), output, allow_unused=True)
        if gradient is None:
            raise BinomeError(f"layer {found.name!r} has no part in the target's logit; name another")
        return found.placed(output.detach()), found.placed(gradient)


class _Watched:
    """The output of one layer, and how its places lie."""

    def __init__(self, call: Call) -> None:
        self.call, self.name = call, ""
        self.transformer: VisionTransformer | None = None
        self.last: torch.Tensor | None = None

    def output(self) -> torch.Tensor:
        if self.last is None:
            raise BinomeError("no layer gives features with places; name one by `layer`, or use another method")
        return self.last

    def features(self) -> torch.Tensor:
        return self.placed(self.output())

    def placed(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the layer's shape as (n, channels, rows, columns)."""
        if values.dim() == 4:
            return values
        if values.dim() != 3 or self.transformer is None:
            raise BinomeError(
                f"layer {self.name!r} gives {tuple(values.shape)}; name one with (n, channels, height, width), or with "
                f"a Vision Transformer's tokens"
            )
        rows, columns = grid_of(self.transformer, values.shape[1], *self.call.inputs.shape[2:])
        patches = values[:, int(self.transformer.num_prefix_tokens) :]
        return patches.transpose(1, 2).reshape(len(values), -1, rows, columns)


@contextmanager
def _watching(call: Call, layer: str) -> Iterator[_Watched]:
    """Watch the named layer; without a name, a transformer's last block, or all layers for the last with places."""
    if call.inputs.dim() != 4:
        raise BinomeError(
            f"class activation maps need pictures (n, channels, height, width), found {tuple(call.inputs.shape)}"
        )
    found = _Watched(call)
    found.transformer = next(iter(transformers_in(call.module)), None)

    def keep(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        places = isinstance(output, torch.Tensor) and output.dim() == 4 and output.shape[2] * output.shape[3] > 1
        if layer or found.transformer is not None or places:
            found.last = output

    if layer:
        try:
            watched: list[Any] = [call.module.get_submodule(layer)]
        except AttributeError as error:
            known = ", ".join(name for name, _ in call.module.named_modules() if name and name.count(".") < 2)
            raise BinomeError(f"the module has no layer {layer!r}; among others it has {known[:300]}") from error
        found.name = layer
    elif found.transformer is not None:
        watched = [found.transformer.blocks[-1].norm1]
        found.name = "norm1 of the last block"
    else:
        watched = list(call.module.modules())
        found.name = "the last with places"
    with hooked(watched, keep):
        yield found
