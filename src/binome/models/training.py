"""One training loop: AdamW, linear warm-up, cosine decay, seeds for all, a checkpoint an epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from binome.contexts import Context, Split
from binome.core import BinomeError, derive_seed
from binome.core.progress import Bar, bar
from binome.models import zoo
from binome.models.calibration import fit_temperature
from binome.models.predictor import Predictor


@dataclass(frozen=True)
class Settings:
    """How to train; what a study file's `predictor` may set beside architecture and seed.

    Attributes:
        epochs: passes over the training items; None takes 5, or more for a small set, to make 1,200 steps.
        batch_size: items a step; None takes 64, or fewer for a small set, so that an epoch has 60 steps.
        learning_rate: at the end of the warm-up, which takes the first tenth of the steps.
        weight_decay: AdamW's.
        label_smoothing: of the cross-entropy.
        shift: pictures are moved by up to this share of their side, at random; 0 for none.
        limit: use only so many training items; None for all.
        device: `auto` takes CUDA, then Apple's GPU, then the CPU.
        precision: `float32`, or `bfloat16` for mixed precision.
    """

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.0
    shift: float = 0.0
    limit: int | None = None
    device: str = "auto"
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate"):
            if getattr(self, name) is not None and not getattr(self, name) > 0:
                raise BinomeError(f"predictor.{name} is {getattr(self, name)!r}; give a number above 0")
        if self.precision not in ("float32", "bfloat16"):
            raise BinomeError(f"predictor.precision is {self.precision!r}; give float32 or bfloat16")


def fit(
    context: Context, architecture: str, seed: int = 0, *, checkpoint: Path | None = None, **settings: object
) -> Predictor:
    """Train and calibrate a predictor.

    The same context, architecture, seed and settings give the same weights, whether or not the run was
    interrupted, on one device with one number of threads.

    Args:
        checkpoint: folder in which each epoch is kept; a run that finds one goes on from it.
        settings: see `Settings`.

    Raises:
        BinomeError: for a setting that does not exist, or a loss that is no longer finite.
    """
    unknown = set(settings) - set(Settings.__dataclass_fields__)
    if unknown:
        raise BinomeError(
            f"predictor has no setting {min(unknown)!r}; it takes: {', '.join(Settings.__dataclass_fields__)}"
        )
    chosen = Settings(**settings)  # type: ignore[arg-type]
    device = choose_device(chosen.device)
    state = torch.random.get_rng_state()
    try:
        torch.manual_seed(derive_seed(seed, "weights"))
        predictor = _untrained(context, architecture).to(device)
    finally:
        torch.random.set_rng_state(state)
    start = time.perf_counter()
    earlier = _train(predictor, context, chosen, seed, checkpoint)
    held_out = context.split("calibration")
    predictor.temperature.fill_(fit_temperature(predictor.logits(held_out.inputs), held_out.truths))
    predictor.training_record = {
        **asdict(chosen),
        "device": device.type,
        "seed": seed,
        "train_items": len(_training_items(context, chosen).truths),
        "seconds": round(earlier + time.perf_counter() - start, 1),
    }
    return predictor.cpu().eval()


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` takes the fastest there is."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _untrained(context: Context, architecture: str) -> Predictor:
    inputs = context.split("train").inputs
    return Predictor(
        zoo.build(architecture, context.input_shape, len(context.task.decisions)),
        architecture=architecture,
        decisions=tuple(decision.id for decision in context.task.decisions),
        input_shape=context.input_shape,
        mean=inputs.mean((0, 2, 3)),
        deviation=inputs.std((0, 2, 3)).clamp_min(1e-3),
    )


def _training_items(context: Context, settings: Settings) -> Split:
    split = context.split("train")
    if settings.limit is None:
        return split
    return Split(split.ids[: settings.limit], split.inputs[: settings.limit], split.truths[: settings.limit])


def _train(predictor: Predictor, context: Context, settings: Settings, seed: int, folder: Path | None) -> float:
    """Train in place; returns the seconds that earlier, interrupted runs spent on the epochs that were kept."""
    items = _training_items(context, settings)
    device = predictor.mean.device
    inputs, truths = items.inputs.to(device), items.truths.to(device)
    size = settings.batch_size or max(8, min(64, len(truths) // 60))
    steps = math.ceil(len(truths) / size)
    epochs = settings.epochs or max(5, math.ceil(1200 / steps))
    optimiser = torch.optim.AdamW(predictor.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_cosine(steps * epochs))
    first, spent = _resume(predictor, optimiser, schedule, folder)
    start = time.perf_counter()
    with bar(f"training {predictor.architecture}", total=steps * epochs) as progress:
        progress.advance(first * steps)
        for epoch in range(first, epochs):
            # One generator an epoch: a resumed run draws what an uninterrupted one would.
            generator = torch.Generator().manual_seed(derive_seed(seed, "epoch", epoch))
            _epoch(predictor, optimiser, schedule, inputs, truths, size, settings, generator, context.mirrors, progress)
            _keep(predictor, optimiser, schedule, folder, epoch + 1, spent + time.perf_counter() - start)
    return spent


def _epoch(
    predictor: Predictor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    inputs: torch.Tensor,
    truths: torch.Tensor,
    size: int,
    settings: Settings,
    generator: torch.Generator,
    mirrors: bool,
    progress: Bar,
) -> None:
    predictor.train()
    order = torch.randperm(len(truths), generator=generator)
    for batch in torch.split(order, size):
        index = batch.to(inputs.device)
        shown = augment(inputs[index], settings.shift, mirrors, generator)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=settings.precision == "bfloat16"):
            loss = F.cross_entropy(predictor(shown), truths[index], label_smoothing=settings.label_smoothing)
        if not torch.isfinite(loss):
            raise BinomeError("the loss is no longer finite; lower predictor.learning_rate")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(predictor.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        progress.advance()
    progress.note(f"loss {loss.item():.3f}")


def augment(images: torch.Tensor, shift: float, mirrors: bool, generator: torch.Generator) -> torch.Tensor:
    """Move each batch by a few pixels, filling with background, and mirror half of the images.

    One shift for the whole batch keeps this far below a training step's cost.
    """
    height, width = images.shape[-2:]
    reach = round(shift * height)
    if reach:
        down, right = torch.randint(0, 2 * reach + 1, (2,), generator=generator).tolist()
        images = F.pad(images, (reach, reach, reach, reach))[..., down : down + height, right : right + width]
    if mirrors:
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


def _keep(
    predictor: Predictor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    folder: Path | None,
    epoch: int,
    seconds: float,
) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "predictor": predictor.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "epoch": epoch,
        "seconds": seconds,
    }
    torch.save(state, folder / "epoch.new")
    (folder / "epoch.new").replace(folder / "epoch.pt")


def _resume(
    predictor: Predictor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    folder: Path | None,
) -> tuple[int, float]:
    if folder is None or not (folder / "epoch.pt").exists():
        return 0, 0.0
    # `weights_only` refuses anything but tensors and plain values: no code runs from a checkpoint.
    state = torch.load(folder / "epoch.pt", weights_only=True)
    predictor.load_state_dict(state["predictor"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epoch"]), float(state["seconds"])
