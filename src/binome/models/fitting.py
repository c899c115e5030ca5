"""`fit`: a predictor for a context, trained and calibrated."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from binome.contexts import Context, Split
from binome.core import BinomeError, derive_seed
from binome.models import backbones, zoo
from binome.models.calibration import fit_temperature
from binome.models.predictor import Predictor
from binome.models.settings import Settings, read_settings
from binome.models.training import choose_device, seeded, train

Fitter = Callable[[Predictor, Split, int, Mapping[str, object]], Mapping[str, Any]]
"""`f(predictor, items, seed, settings) -> record`: trains in place an architecture that needs no gradient descent."""


def fit(
    context: Context, architecture: str, seed: int = 0, *, checkpoint: Path | None = None, **settings: object
) -> Predictor:
    """Train a predictor on the context's training items and calibrate it on its calibration items.

    The same context, architecture, seed and settings give the same weights, whether or not the run was
    interrupted, on one device with one number of threads. The caller's random state stays as it is.

    Args:
        checkpoint: folder in which each epoch is kept; a run that finds one goes on from it.
        settings: see `Settings`: epochs, batch_size, learning_rate, device, precision, limit, …; `gradient_boosting`
            and `linear` have their own (`Boosting`, `Linear`).

    Returns:
        The predictor on the CPU, in evaluation mode.

    Raises:
        UnknownNameError: for an architecture that neither Binome nor timm knows.
        BinomeError: for a setting that does not exist, a checkpoint of another run, or a loss that is no longer finite.
    """
    start = time.perf_counter()
    fitter: Fitter | None = zoo.declared(architecture).get("fit")
    if fitter is None:
        predictor, record = _descend(context, architecture, seed, checkpoint, settings)
    else:
        items = context.split("train")
        with seeded(derive_seed(seed, "weights"), torch.device("cpu")):
            predictor = _untrained(context, items, architecture)
        record = {**fitter(predictor, items, derive_seed(seed, "fit"), settings), "train_items": len(items)}
    held_out = context.split("calibration")
    calibrate(predictor, held_out, context)
    seconds = float(record.get("seconds", 0.0))
    predictor.training_record = {
        **record,
        "seed": seed,
        "calibration_items": len(held_out),
        "seconds": round(max(seconds, time.perf_counter() - start), 1),
    }
    return predictor.cpu().eval()


def calibrate(predictor: Predictor, items: Split, context: Context) -> None:
    """Set the temperature, or how often estimates are within the tolerance, from items that were not trained on."""
    outputs = predictor.logits(items.inputs)
    if context.task.number is not None:
        hits = items.right(outputs[:, 0], context.task.number)
        # Laplace's rule: a share of 0 or 1 from few items is no certainty.
        predictor.within.fill_((float(hits.sum()) + 1) / (len(hits) + 2))
    else:
        predictor.temperature.fill_(
            fit_temperature(outputs, items.accepted if items.accepted is not None else items.truths)
        )


def _descend(
    context: Context, architecture: str, seed: int, checkpoint: Path | None, given: Mapping[str, object]
) -> tuple[Predictor, Mapping[str, Any]]:
    """Train a network by gradient descent."""
    settings = read_settings(Settings, given)
    _check_pictures(context, settings)
    device = choose_device(settings.device)
    items = context.split("train")
    items = items if settings.limit is None else items[: settings.limit]
    with seeded(derive_seed(seed, "weights"), device):
        predictor = _untrained(context, items, architecture, settings.pretrained).to(device)
    plan, seconds, kept = train(predictor, items, settings, seed, checkpoint, context.name)
    return predictor, {
        **asdict(plan.settings),
        "device": device.type,
        "train_items": len(items),
        "kept_epoch": kept,
        "seconds": seconds,
    }


def _untrained(context: Context, items: Split, architecture: str, pretrained: bool = False) -> Predictor:
    task, shape = context.task, context.input_shape
    layout = zoo.Layout(shape, len(task.decisions) or 1, tuple(context.categories))
    mean, deviation = _normalisation(items, architecture, layout, pretrained)
    predictor = Predictor(
        backbones.pretrained(architecture, layout) if pretrained else zoo.build(architecture, layout),
        architecture=architecture,
        decisions=tuple(decision.id for decision in task.decisions),
        layout=layout,
        mean=mean,
        deviation=deviation,
    )
    if task.number is not None:
        predictor.centre.fill_(float(items.truths.mean()))
        predictor.spread.fill_(max(float(items.truths.std()), 1e-6))
    return predictor


def _normalisation(
    items: Split, architecture: str, layout: zoo.Layout, pretrained: bool
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """By channel: what published weights were trained with, else that of the training items; none for a table."""
    if len(layout.shape) != 3:
        return None, None
    if pretrained:
        return backbones.normalisation(architecture, layout)
    inputs = items.inputs
    return inputs.mean((0, 2, 3)), inputs.std((0, 2, 3)).clamp_min(1e-3)


def _check_pictures(context: Context, settings: Settings) -> None:
    """Refuse changes of pictures where there are none, or where they change the answer."""
    if settings.mirror and not context.mirrors:
        raise BinomeError(
            f"predictor.mirror is true, but a mirrored item of {context.name} is not what it was; drop it"
        )
    moved = [name for name in ("shift", "rotate", "zoom", "jitter") if getattr(settings, name)]
    if moved and len(context.input_shape) != 3:
        raise BinomeError(f"predictor.{moved[0]} changes pictures, and {context.name} has none; drop it")
