"""Training steps of `models.fit` beside a minimal PyTorch loop on the same network and batches, in one run.

The floor is the minimal loop: forward, loss, backward, AdamW's step. Both are timed in turns, several times; the figure
is the median of the ratios. Also: what loading a cached predictor takes.

Usage: python benchmarks/training.py
"""

from __future__ import annotations

import statistics
import tempfile
import time

import numpy as np
import torch
from torch.nn import functional as F

from binome import contexts, models
from binome.contexts import ImageContext, Pictures
from binome.models.zoo import Layout, build

STEPS, BATCH, ROUNDS = 60, 64, 7


def made(shape: tuple[int, int, int]) -> ImageContext:
    """As many pictures of noise as one epoch of `STEPS` steps takes."""
    draw = np.random.default_rng(0)

    def pictures(count: int) -> Pictures:
        return Pictures(draw.integers(0, 256, (count, *shape), dtype=np.uint8), np.arange(count) % 10)

    task = contexts.load("digits").task
    splits = {"train": pictures(STEPS * BATCH), "calibration": pictures(20), "test": pictures(20)}
    return ImageContext(task, splits, mirrors=True)


def minimal(context: ImageContext, architecture: str) -> float:
    """Seconds of a hand-written loop."""
    network = build(architecture, Layout(context.input_shape, 10))
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.05)
    train = context.split("train")
    start = time.perf_counter()
    for index in torch.randperm(len(train)).split(BATCH):
        loss = F.cross_entropy(network(train.inputs[index]), train.truths[index])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return time.perf_counter() - start


def ours(context: ImageContext, architecture: str, **settings: object) -> float:
    """Seconds that `fit` spends in its loop, augmentation included where it is asked for."""
    predictor = models.fit(context, architecture, epochs=1, batch_size=BATCH, **settings)
    del predictor.training_record["seconds"]
    return clocked[-1]


clocked: list[float] = []


def watch() -> None:
    """Time the loop alone: `fit` also calibrates."""
    from binome.models import fitting

    train = fitting.train

    def timed(*given, **named):  # type: ignore[no-untyped-def]
        start = time.perf_counter()
        found = train(*given, **named)
        clocked.append(time.perf_counter() - start)
        return found

    fitting.train = timed


def main() -> None:
    watch()
    augmented = {"shift": 0.1, "rotate": 10.0, "mirror": True}
    print(f"{STEPS} steps of {BATCH}, median of {ROUNDS} turns, {torch.get_num_threads()} threads\n")
    print("| network | pictures | minimal loop | fit | share of the minimal loop's speed | augmented |")
    print("|---|---|---:|---:|---:|---:|")
    for architecture, shape in (("vit_micro", (1, 28, 28)), ("cnn_micro", (1, 28, 28)), ("vit_micro", (3, 64, 64))):
        context = made(shape)
        context.split("train")
        rounds = []
        for turn in range(ROUNDS + 1):
            floor, plain = minimal(context, architecture), ours(context, architecture)
            with_changes = ours(context, architecture, **augmented)
            if turn:  # the first warms up
                rounds.append((floor, plain, with_changes))
        floor, plain = (statistics.median(row[i] for row in rounds) for i in (0, 1))
        share = statistics.median(row[0] / row[1] for row in rounds)
        changed = statistics.median(row[0] / row[2] for row in rounds)
        figures = f"{floor:.2f} s | {plain:.2f} s | {share:.0%} | {changed:.0%}"
        print(f"| {architecture} | {shape[1]} × {shape[2]} | {figures} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        predictor = models.fit(contexts.load("digits"), "vit_micro", epochs=1)
        models.save(predictor, folder)
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            models.load(folder)
            times.append(time.perf_counter() - start)
    print(f"\nLoading a saved predictor: {statistics.median(times):.3f} s")


if __name__ == "__main__":
    main()
