"""Explanations from one gradient."""

from __future__ import annotations

import torch

from binome.explain.explainer import Call, explainer


@explainer(
    "saliency",
    family="gradient",
    forward="1",
    backward="1",
    paper="Simonyan, Vedaldi & Zisserman 2014, arXiv 1312.6034",
)
def saliency(call: Call) -> torch.Tensor:
    """Gradient of the target's logit, signed (take absolute values with `explain.reduce`)."""
    return call.gradient(call.inputs)


@explainer(
    "input_x_gradient", family="gradient", forward="1", backward="1", paper="Shrikumar et al. 2016, arXiv 1605.01713"
)
def input_x_gradient(call: Call) -> torch.Tensor:
    """Input times gradient: integrated gradients of a linear model against a zero baseline."""
    return call.inputs * call.gradient(call.inputs)
