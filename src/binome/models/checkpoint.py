"""Checkpoints: where a fit that was interrupted goes on."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from binome.core import BinomeError
from binome.core.spec import canonical_json
from binome.models.predictor import Predictor

FILE = "epoch.pt"


@dataclass(frozen=True)
class Run:
    """What changes while a predictor is trained, and `identity`: all that its course depends on."""

    predictor: Predictor
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    identity: Mapping[str, Any]


def keep(run: Run, folder: Path | None, epoch: int, seconds: float) -> None:
    """Write a checkpoint after `epoch` epochs that took so many seconds; the one before stays whole until then."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "predictor": run.predictor.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "schedule": run.schedule.state_dict(),
        "epoch": epoch,
        "seconds": seconds,
        "identity": canonical_json(run.identity),
    }
    fresh = folder / f"{FILE}.new"
    torch.save(state, fresh)
    fresh.replace(folder / FILE)


def resume(run: Run, folder: Path | None) -> tuple[int, float]:
    """Put a run where its checkpoint left it; the epochs done and the seconds they took, 0 without a checkpoint.

    No state of a random generator is kept: each epoch seeds its own.

    Raises:
        BinomeError: when the checkpoint is damaged, or belongs to another run.
    """
    if folder is None or not (folder / FILE).exists():
        return 0, 0.0
    path = folder / FILE
    try:
        # `weights_only` refuses anything but tensors and plain values: no code runs from a checkpoint.
        state = torch.load(path, weights_only=True, map_location=run.predictor.mean.device)
        identity = state["identity"]
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise BinomeError(f"{path} is no readable checkpoint ({error}); delete it to train from the start") from error
    if identity != canonical_json(run.identity):
        raise BinomeError(f"{path} belongs to a fit with other data or settings; delete it to train from the start")
    run.predictor.load_state_dict(state["predictor"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.schedule.load_state_dict(state["schedule"])
    return int(state["epoch"]), float(state["seconds"])
