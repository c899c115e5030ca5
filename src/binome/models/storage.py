"""Predictors on disk: weights as safetensors, the rest as JSON; nothing that could run code."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from binome.core import BinomeError
from binome.models import zoo
from binome.models.predictor import Predictor

WEIGHTS, DESCRIPTION = "weights.safetensors", "predictor.json"


def save(predictor: Predictor, folder: Path) -> None:
    """Write a predictor into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in predictor.state_dict().items()}, folder / WEIGHTS)
    description = {
        "architecture": predictor.architecture,
        "decisions": list(predictor.decisions),
        "input_shape": list(predictor.input_shape),
        "training": predictor.training_record,
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1, sort_keys=True) + "\n", "utf-8")


def load(folder: str | Path) -> Predictor:
    """Read a predictor that `save` wrote, ready to predict on the CPU.

    Raises:
        BinomeError: when a file is missing, damaged or does not fit the architecture it names.
    """
    folder = Path(folder)
    try:
        description = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        weights = load_file(folder / WEIGHTS)
    except (OSError, ValueError, SafetensorError) as error:
        raise BinomeError(f"{folder} holds no readable predictor ({error}); train it again") from error
    shape = tuple(description["input_shape"])
    channels = torch.ones(shape[0])
    predictor = Predictor(
        zoo.build(description["architecture"], shape, len(description["decisions"])),
        architecture=description["architecture"],
        decisions=tuple(description["decisions"]),
        input_shape=shape,
        mean=channels,
        deviation=channels,
        training_record=description["training"],
    )
    try:
        predictor.load_state_dict(weights)
    except RuntimeError as error:
        raise BinomeError(
            f"{folder / WEIGHTS} does not fit {description['architecture']}: {error}; train it again"
        ) from error
    return predictor.eval()
