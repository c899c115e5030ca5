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

from binome.contexts import Split
from binome.core import BinomeError, derive_seed
from binome.core.allocator import keep_freed_memory
from binome.core.progress import Bar, bar
from binome.models.augmentation import augmentation
from binome.models.backbones import freeze, groups
from binome.models.checkpoint import Progress, Run, keep, resume
from binome.models.objective import Objective, wanted
from binome.models.predictor import Predictor
from binome.models.settings import Plan, Settings
from binome.models.workers import Workers, workers

HELD_OUT = 10
"""With early stopping, one training item in so many is held out to judge the epochs by."""
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def train(
    predictor: Predictor, items: Split, settings: Settings, seed: int, checkpoint: Path | None, context: str
) -> tuple[Plan, float, int]:
    """Train in place.

    Args:
        items: what to train on.
        checkpoint: folder in which each epoch is kept; a run that finds one goes on from it.
        context: its name; a checkpoint of another is refused.

    Returns:
        The settings as used, the seconds that it took (those of earlier, interrupted runs included), and the epoch
        whose weights are kept.
    """
    keep_freed_memory()
    shown, judges = _held_out(items, settings, seed)
    plan = settings.plan(len(shown))
    with workers(predictor.mean.device) as team:
        run = _run(predictor, plan, seed, context, fingerprint(items))
        progress = resume(run, checkpoint)
        team.wait()  # before the first process writes another
        _epochs(run, shown, judges, plan, seed, checkpoint if team.rank == 0 else None, progress, team)
    if progress.best:
        predictor.load_state_dict(progress.best)
    return plan, progress.seconds, progress.best_epoch or progress.epochs


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


def _held_out(items: Split, settings: Settings, seed: int) -> tuple[Split, Split | None]:
    """The items to train on, and those to judge epochs by where training may stop early."""
    if settings.patience is None:
        return items, None
    order = torch.randperm(len(items), generator=torch.Generator().manual_seed(derive_seed(seed, "held out")))
    count = len(items) // HELD_OUT
    if not count:
        raise BinomeError(f"predictor.patience needs {HELD_OUT} training items or more, found {len(items)}; drop it")
    return items.take(order[count:].sort().values), items.take(order[:count].sort().values)


def _epochs(
    run: Run,
    items: Split,
    judges: Split | None,
    plan: Plan,
    seed: int,
    checkpoint: Path | None,
    progress: Progress,
    team: Workers,
) -> None:
    predictor, settings = run.predictor, plan.settings
    device = predictor.mean.device
    objective = Objective(predictor, settings.label_smoothing)
    joined = team.joined(objective)
    data = _on(device, items)
    earlier, start = progress.seconds, time.perf_counter()
    with bar(f"training {predictor.architecture}", total=plan.steps * plan.epochs) as shown:
        shown.advance(progress.epochs * plan.steps)
        while progress.epochs < plan.epochs and not _stuck(progress, settings):
            epoch = progress.epochs
            # Seeds of its own for each epoch: a resumed run draws what an uninterrupted one would.
            order = torch.randperm(
                len(items), generator=torch.Generator().manual_seed(derive_seed(seed, "epoch", epoch))
            )
            predictor.train()
            freeze(predictor.network, settings.tune)
            # Batches of nearly the same size: a last one of a single item would break batch normalisation.
            batches = torch.tensor_split(order.to(device), plan.steps)
            with seeded(derive_seed(seed, "dropout", epoch, team.rank), device):
                _epoch(run, joined, data, batches, settings, shown, team)
            progress.epochs = epoch + 1
            if judges is not None:
                progress.judge(_loss(objective, judges, settings), predictor)
            progress.seconds = earlier + time.perf_counter() - start
            keep(run, checkpoint, progress)


def _stuck(progress: Progress, settings: Settings) -> bool:
    waited = progress.epochs - progress.best_epoch
    return settings.patience is not None and progress.best_epoch > 0 and waited >= settings.patience


Data = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]
"""Inputs, what is wanted of them, and the values of their positions where these are known."""


def _on(device: torch.device, items: Split) -> Data:
    values = None if items.values is None else items.values.to(device)
    return items.inputs.to(device), wanted(items).to(device), values


def _epoch(
    run: Run,
    objective: nn.Module,
    data: Data,
    batches: tuple[torch.Tensor, ...],
    settings: Settings,
    shown: Bar,
    team: Workers,
) -> None:
    inputs, answers, values = data
    augment = augmentation(settings)
    parameters = [parameter for parameter in run.predictor.parameters() if parameter.requires_grad]
    mixed = settings.precision != "float32"
    for batch in batches:
        index = team.share(batch)
        looked_at = inputs[index]
        if augment is not None:
            looked_at = augment(looked_at)
        with torch.autocast(inputs.device.type, TYPES[settings.precision], enabled=mixed):
            loss = objective(looked_at, answers[index], None if values is None else values[index])
        if not torch.isfinite(loss):
            raise BinomeError("the loss is no longer finite; lower predictor.learning_rate")
        run.optimiser.zero_grad(set_to_none=True)
        run.scaler.scale(loss * team.weight(len(index), len(batch))).backward()
        run.scaler.unscale_(run.optimiser)
        nn.utils.clip_grad_norm_(parameters, 1.0)
        run.scaler.step(run.optimiser)
        run.scaler.update()
        run.schedule.step()
        shown.advance()
        shown.note(f"loss {loss.item():.3f}")


@torch.no_grad()
def _loss(objective: Objective, items: Split, settings: Settings) -> float:
    """The mean loss of items, in evaluation mode."""
    inputs, answers, values = _on(objective.predictor.mean.device, items)
    objective.eval()
    total = 0.0
    for index in torch.split(torch.arange(len(items), device=inputs.device), settings.batch_size or 512):
        part = objective(inputs[index], answers[index], None if values is None else values[index])
        total += float(part) * len(index)
    return total / len(items)


def _run(predictor: Predictor, plan: Plan, seed: int, context: str, digest: str) -> Run:
    settings = plan.settings
    if settings.precision == "float16" and predictor.mean.device.type == "cpu":
        raise BinomeError("predictor.precision is 'float16', which needs a GPU; give bfloat16 or float32")
    trained = groups(
        predictor.network, settings.tune, settings.learning_rate, settings.weight_decay, settings.layer_decay
    )
    optimiser = torch.optim.AdamW(trained)
    identity = {
        "architecture": predictor.architecture,
        "decisions": predictor.decisions,
        "seed": seed,
        "settings": {name: value for name, value in asdict(settings).items() if name != "device"},
        "context": context,
        "items": digest,
    }
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_cosine(plan.steps * plan.epochs))
    scaler = torch.amp.GradScaler(predictor.mean.device.type, enabled=settings.precision == "float16")
    return Run(predictor, optimiser, schedule, scaler, identity)


def fingerprint(items: Split) -> str:
    """A hash of the items' very bytes: a mean would change with the number of threads that add it up."""
    sha = hashlib.sha256()
    for tensor in (items.inputs, items.truths, items.accepted, items.values):
        if tensor is not None:
            sha.update(tensor.contiguous().numpy().data)
    return sha.hexdigest()


def warm_up_cosine(steps: int) -> Callable[[int], float]:
    """Learning-rate factor by step: linear over the first tenth, then half a cosine down to 0."""
    warm_up = max(1, steps // 10)

    def factor(step: int) -> float:
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))

    return factor
