"""One training loop: AdamW, linear warm-up, cosine decay, seeds for all, a checkpoint an epoch."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from binome.contexts import Context, Split
from binome.core import BinomeError, derive_seed
from binome.core.progress import Bar, bar
from binome.models import zoo
from binome.models.calibration import fit_temperature
from binome.models.checkpoint import Run, keep, resume
from binome.models.predictor import Predictor
from binome.models.settings import Plan, Settings


def fit(
    context: Context, architecture: str, seed: int = 0, *, checkpoint: Path | None = None, **settings: object
) -> Predictor:
    """Train a predictor on the context's training items and calibrate it on its calibration items.

    The same context, architecture, seed and settings give the same weights, whether or not the run was
    interrupted, on one device with one number of threads. The caller's random state stays as it is.

    Args:
        checkpoint: folder in which each epoch is kept; a run that finds one goes on from it.
        settings: see `Settings`: epochs, batch_size, learning_rate, device, precision, limit, …

    Returns:
        The predictor on the CPU, in evaluation mode.

    Raises:
        UnknownNameError: for an architecture that neither Binome nor timm knows.
        BinomeError: for a setting that does not exist, a checkpoint of another run, or a loss that is no longer finite.
    """
    chosen = Settings.of(settings)
    if chosen.mirror and not context.mirrors:
        raise BinomeError(
            f"predictor.mirror is true, but a mirrored item of {context.name} is not what it was; drop it"
        )
    device = choose_device(chosen.device)
    items = _training_items(context, chosen.limit)
    plan = chosen.plan(len(items.truths))
    with seeded(derive_seed(seed, "weights"), device):
        predictor = _untrained(context, architecture).to(device)
    start = time.perf_counter()
    earlier = _train(predictor, context, items, plan, seed, checkpoint)
    held_out = context.split("calibration")
    predictor.temperature.fill_(fit_temperature(predictor.logits(held_out.inputs), held_out.truths))
    predictor.training_record = {
        **asdict(plan.settings),
        "device": device.type,
        "seed": seed,
        "train_items": len(items.truths),
        "calibration_items": len(held_out.truths),
        "seconds": round(earlier + time.perf_counter() - start, 1),
    }
    return predictor.cpu().eval()


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` takes the fastest there is.

    Raises:
        BinomeError: when PyTorch knows no such device, or this machine has none.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise BinomeError(f"predictor.device is {name!r}, which cannot be used here ({error}); give auto") from error
    return device


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """PyTorch's global generators seeded inside, and as they were after."""
    cuda = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(seed)
        yield


def _training_items(context: Context, limit: int | None) -> Split:
    split = context.split("train")
    return split if limit is None else Split(split.ids[:limit], split.inputs[:limit], split.truths[:limit])


def _untrained(context: Context, architecture: str) -> Predictor:
    inputs = context.split("train").inputs
    return Predictor(
        zoo.build(architecture, zoo.Layout(context.input_shape, len(context.task.decisions))),
        architecture=architecture,
        decisions=tuple(decision.id for decision in context.task.decisions),
        input_shape=context.input_shape,
        mean=inputs.mean((0, 2, 3)),
        deviation=inputs.std((0, 2, 3)).clamp_min(1e-3),
    )


def _train(
    predictor: Predictor, context: Context, items: Split, plan: Plan, seed: int, checkpoint: Path | None
) -> float:
    """Train in place; returns the seconds that earlier, interrupted runs spent on the epochs that were kept."""
    run = _run(predictor, context, items, plan, seed)
    first, spent = resume(run, checkpoint)
    device = predictor.mean.device
    inputs, truths = items.inputs.to(device), items.truths.to(device)
    start = time.perf_counter()
    with bar(f"training {predictor.architecture}", total=plan.steps * plan.epochs) as progress:
        progress.advance(first * plan.steps)
        for epoch in range(first, plan.epochs):
            # Seeds of its own for each epoch: a resumed run draws what an uninterrupted one would.
            generator = torch.Generator().manual_seed(derive_seed(seed, "epoch", epoch))
            order = torch.randperm(len(truths), generator=generator)
            # Batches of nearly the same size: a last one of a single item would break batch normalisation.
            batches = (_batch(inputs, truths, index, plan.settings, generator)
                       for index in torch.tensor_split(order, plan.steps))  # fmt: skip
            with seeded(derive_seed(seed, "dropout", epoch), device):
                _epoch(run, batches, plan.settings, progress)
            keep(run, checkpoint, epoch + 1, spent + time.perf_counter() - start)
    return spent


def _run(predictor: Predictor, context: Context, items: Split, plan: Plan, seed: int) -> Run:
    settings = plan.settings
    optimiser = torch.optim.AdamW(predictor.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    identity = {
        "architecture": predictor.architecture,
        "decisions": predictor.decisions,
        "seed": seed,
        "settings": {name: value for name, value in asdict(settings).items() if name != "device"},
        "context": context.name,
        "items": _digest(items),
    }
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_cosine(plan.steps * plan.epochs))
    return Run(predictor, optimiser, schedule, identity)


def _digest(items: Split) -> str:
    """Of the very bytes: a mean would change with the number of threads that add it up."""
    sha = hashlib.sha256()
    for tensor in (items.inputs, items.truths):
        sha.update(tensor.contiguous().numpy().data)
    return sha.hexdigest()


def _batch(
    inputs: torch.Tensor,
    truths: torch.Tensor,
    index: torch.Tensor,
    settings: Settings,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    index = index.to(inputs.device)
    return augment(inputs[index], settings.shift, settings.mirror, generator), truths[index]


def _epoch(run: Run, batches: Iterator[tuple[torch.Tensor, torch.Tensor]], settings: Settings, progress: Bar) -> None:
    run.predictor.train()
    for shown, truths in batches:
        with torch.autocast(shown.device.type, torch.bfloat16, enabled=settings.precision == "bfloat16"):
            loss = F.cross_entropy(run.predictor(shown), truths, label_smoothing=settings.label_smoothing)
        if not torch.isfinite(loss):
            raise BinomeError("the loss is no longer finite; lower predictor.learning_rate")
        run.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(run.predictor.parameters(), 1.0)
        run.optimiser.step()
        run.schedule.step()
        progress.advance()
        progress.note(f"loss {loss.item():.3f}")


def augment(images: torch.Tensor, shift: float, mirror: bool, generator: torch.Generator) -> torch.Tensor:
    """Move each batch by a few pixels, filling with background, and mirror half of the pictures.

    One shift for the whole batch keeps this far below a training step's cost.
    """
    height, width = images.shape[-2:]
    reach = round(shift * height)
    if reach:
        down, right = torch.randint(0, 2 * reach + 1, (2,), generator=generator).tolist()
        images = F.pad(images, (reach, reach, reach, reach))[..., down : down + height, right : right + width]
    if mirror:
        flipped = torch.rand(len(images), generator=generator).to(images.device) < 0.5
        images = torch.where(flipped.view(-1, 1, 1, 1), images.flip(-1), images)
    return images


def warm_up_cosine(steps: int) -> Callable[[int], float]:
    """Learning-rate factor by step: linear over the first tenth, then half a cosine down to 0."""
    warm_up = max(1, steps // 10)

    def factor(step: int) -> float:
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))

    return factor
