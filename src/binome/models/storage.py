"""Predictors on disk: weights as safetensors, the rest as JSON; nothing that could run code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as tensor_bytes

from binome.core import BinomeError
from binome.models import zoo
from binome.models.predictor import Predictor
from binome.models.zoo import Layout

WEIGHTS, DESCRIPTION = "weights.safetensors", "predictor.json"
FORMAT = 2


def save(predictor: Predictor, folder: str | Path) -> None:
    """Write a predictor into a folder, which is made when it is missing."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = tensor_bytes({name: value.cpu().contiguous() for name, value in predictor.state_dict().items()})
    (folder / WEIGHTS).write_bytes(weights)
    description = {
        "format": FORMAT,
        "architecture": predictor.architecture,
        "decisions": list(predictor.decisions),
        "input_shape": list(predictor.layout.shape),
        "categories": list(predictor.layout.categories),
        "training": predictor.training_record,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1, sort_keys=True) + "\n", "utf-8")


def load(folder: str | Path) -> Predictor:
    """Read a predictor that `save` wrote, ready to predict on the CPU. The caller's random state stays as it is.

    Raises:
        BinomeError: when a file is missing, damaged, of another version or does not fit the architecture it names.
    """
    folder = Path(folder)
    description = _description(folder / DESCRIPTION)
    weights = _weights(folder / WEIGHTS, description["weights_sha256"])
    decisions = tuple(description["decisions"])
    layout = Layout(tuple(description["input_shape"]), len(decisions) or 1, tuple(description["categories"]))
    with torch.random.fork_rng(devices=[]):  # building a network draws weights, which are then replaced
        network = zoo.build(description["architecture"], layout)
    predictor = Predictor(
        network,
        architecture=description["architecture"],
        decisions=decisions,
        layout=layout,
        training_record=description["training"],
    )
    try:
        predictor.load_state_dict(weights)
    except RuntimeError as error:
        raise BinomeError(
            f"{folder / WEIGHTS} does not fit {description['architecture']}: {error}; train it again"
        ) from error
    return predictor.eval()


def _description(path: Path) -> dict[str, Any]:
    try:
        description = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BinomeError(f"{path.parent} holds no readable predictor ({error}); train it again") from error
    kinds = {
        "architecture": str, "decisions": list, "input_shape": list, "categories": list,
        "training": dict, "weights_sha256": str,
    }  # fmt: skip
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        found = description.get("format") if isinstance(description, dict) else None
        raise BinomeError(f"{path} has format {found!r}, this Binome reads {FORMAT}; train it again")
    for key, kind in kinds.items():
        if not isinstance(description.get(key), kind):
            raise BinomeError(f"{path} has no usable {key!r}; train it again")
    return description


def _weights(path: Path, sha256: str) -> dict[str, torch.Tensor]:
    try:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BinomeError(f"{path} was changed after it was made; train it again")
        return read_tensors(data)
    except (OSError, SafetensorError) as error:
        raise BinomeError(f"{path.parent} holds no readable predictor ({error}); train it again") from error
