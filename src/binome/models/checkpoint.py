"""Checkpoints: where a fit that was interrupted goes on."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from binome.core import BinomeError
from binome.core.spec import canonical_json
from binome.models.predictor import Predictor

FILE = "epoch.pt"


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        epochs: done.
        seconds: that they took.
        best_loss: the lowest loss on the items held out, and `best_epoch`, the number of the epoch that had it.
        best: the predictor's state then; empty when nothing is held out.
    """

    epochs: int = 0
    seconds: float = 0.0
    best_loss: float = float("inf")
    best_epoch: int = 0
    best: dict[str, torch.Tensor] = field(default_factory=dict)

    def judge(self, loss: float, predictor: Predictor) -> None:
        """Keep the predictor's state when its loss on the items held out is the lowest yet."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epochs
            self.best = copy.deepcopy(predictor.state_dict())


@dataclass(frozen=True)
class Run:
    """What changes while a predictor is trained, and `identity`: all that its course depends on."""

    predictor: Predictor
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    scaler: torch.amp.GradScaler
    identity: Mapping[str, Any]


def keep(run: Run, folder: Path | None, progress: Progress) -> None:
    """Write a checkpoint; the one before stays whole until it is written."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "predictor": run.predictor.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "schedule": run.schedule.state_dict(),
        "scaler": run.scaler.state_dict(),
        "progress": vars(progress),
        "identity": canonical_json(run.identity),
    }
    fresh = folder / f"{FILE}.new"
    torch.save(state, fresh)
    fresh.replace(folder / FILE)


def resume(run: Run, folder: Path | None) -> Progress:
    """Put a run where its checkpoint left it; the start without a checkpoint.

    No state of a random generator is kept: each epoch seeds its own.

    Raises:
        BinomeError: when the checkpoint is damaged, or belongs to another run.
    """
    if folder is None or not (folder / FILE).exists():
        return Progress()
    path = folder / FILE
    try:
        # `weights_only` refuses anything but tensors and plain values: no code runs from a checkpoint.
        state = torch.load(path, weights_only=True, map_location=run.predictor.mean.device)
        identity, progress = state["identity"], Progress(**state["progress"])
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise BinomeError(f"{path} is no readable checkpoint ({error}); delete it to train from the start") from error
    if identity != canonical_json(run.identity):
        raise BinomeError(f"{path} belongs to a fit with other data or settings; delete it to train from the start")
    run.predictor.load_state_dict(state["predictor"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.schedule.load_state_dict(state["schedule"])
    run.scaler.load_state_dict(state["scaler"])
    return progress
