"""Each explainer's time over its floor of forward and backward passes, and beside Captum's, in one run.

The floor of a pass is the best seconds a row over several batch sizes, for forward alone (F) and for forward with the
gradient of the inputs (FB). It is timed again before each method, because the machine's speed swings; figures are the
medians of the rounds' ratios. Captum has its best `internal_batch_size` or `perturbations_per_eval` of several.
At the end: what a memory budget does to the memory of the whole process.

Usage: python benchmarks/explain.py [--images 16] [--rounds 3] [--only NAME …] [--memory-only]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import timm
import torch
from captum import attr

from binome import explain
from binome.explain.room import read_memory

SIZES = (2, 4, 8, 16, 32, 64)
VIT, CNN = "vit_tiny_patch16_224", "resnet18"
STEPS, SAMPLES, WINDOW = 10, 32, 56
UNITS = (224 // WINDOW) ** 2


@dataclass(frozen=True)
class Case:
    """A method with what it must cost an image: `forward` passes without, and `both` with, a gradient."""

    method: str
    forward: float = 0
    both: float = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    network: str = VIT
    images: int | None = None
    captum: Callable[[Any, Any, Any, int], Any] | None = None
    at: Sequence[int] = ()


def _grid() -> torch.Tensor:
    labels = torch.arange(UNITS).view(224 // WINDOW, -1)
    return labels.repeat_interleave(WINDOW, 0).repeat_interleave(WINDOW, 1)[None, None]


def _each(run: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Captum's LIME and Kernel SHAP take one item at a time."""
    return lambda x, t: torch.cat([run(x[i : i + 1], t[i : i + 1]) for i in range(len(x))])


OCCLUDED = {"sliding_window_shapes": (3, WINDOW, WINDOW), "strides": (3, WINDOW, WINDOW)}
CASES = (
    Case("saliency", both=1, captum=lambda m, x, t, _: attr.Saliency(m).attribute(x, target=t, abs=False), at=(0,)),
    Case("input_x_gradient", both=1, captum=lambda m, x, t, _: attr.InputXGradient(m).attribute(x, target=t), at=(0,)),
    Case("integrated_gradients", both=STEPS, params={"steps": STEPS}, at=(8, 16, 32, 160),
         captum=lambda m, x, t, b: attr.IntegratedGradients(m).attribute(
             x, target=t, n_steps=STEPS, internal_batch_size=b)),
    Case("smooth_grad", both=STEPS, params={"samples": STEPS}, at=(1, 2, 10),
         captum=lambda m, x, t, b: attr.NoiseTunnel(attr.Saliency(m)).attribute(
             x, target=t, nt_samples=STEPS, nt_samples_batch_size=b, abs=False)),
    Case("expected_gradients", both=STEPS, params={"samples": STEPS}, at=(10,),
         captum=lambda m, x, t, b: attr.GradientShap(m).attribute(x, baselines=x.flip(0), target=t, n_samples=b)),
    Case("attn_lrp", both=1),
    Case("grad_cam", both=1),
    Case("layer_cam", both=1),
    Case("raw_attention", forward=1),
    Case("attention_rollout", forward=1),
    Case("gradient_rollout", both=1),
    Case("gradient_attention", both=1),
    Case("legrad", both=1),
    Case("occlusion", forward=UNITS + 1, params={"window": WINDOW, "stride": WINDOW}, at=(1, 2, 4),
         captum=lambda m, x, t, b: attr.Occlusion(m).attribute(x, target=t, perturbations_per_eval=b, **OCCLUDED)),
    Case("feature_ablation", forward=UNITS + 1, params={"units": "patch", "size": WINDOW}, at=(1, 2, 4),
         captum=lambda m, x, t, b: attr.FeatureAblation(m).attribute(
             x, target=t, feature_mask=_grid(), perturbations_per_eval=b)),
    Case("rise", forward=SAMPLES, params={"samples": SAMPLES}),
    Case("lime", forward=SAMPLES + 1, params={"samples": SAMPLES, "units": "patch", "size": WINDOW}, at=(8, 16, 32),
         captum=lambda m, x, t, b: _each(lambda y, u: attr.Lime(m).attribute(
             y, target=u, feature_mask=_grid(), n_samples=SAMPLES, perturbations_per_eval=b))(x, t)),
    Case("kernel_shap", forward=2 * SAMPLES + 2, at=(8, 16, 32),
         params={"samples": 2 * SAMPLES, "units": "patch", "size": WINDOW},
         captum=lambda m, x, t, b: _each(lambda y, u: attr.KernelShap(m).attribute(
             y, target=u, feature_mask=_grid(), n_samples=2 * SAMPLES, perturbations_per_eval=b))(x, t)),
    Case("exact_shapley", forward=16, params={"units": "patch", "size": 112}),
    Case("score_cam", forward=193, images=2),
    Case("deep_lift", forward=1 / 16, both=1, network=CNN, at=(0,),
         captum=lambda m, x, t, _: attr.DeepLift(m).attribute(x, target=t)),
    Case("guided_backprop", both=1, network=CNN, at=(0,),
         captum=lambda m, x, t, _: attr.GuidedBackprop(m).attribute(x, target=t)),
)  # fmt: skip


class Floor:
    """The best seconds a row of a network's passes."""

    def __init__(self, network: Any, shape: tuple[int, ...]) -> None:
        self.network, self.inputs = network, torch.randn(max(SIZES), *shape)
        self.best = {kind: min(SIZES, key=lambda size: min(self.seconds(kind, size) for _ in range(2)))
                     for kind in ("forward", "both")}  # fmt: skip

    def seconds(self, kind: str, size: int) -> float:
        """A row, over as many passes as make sixteen rows or more."""
        passes = max(1, 16 // size)
        start = time.perf_counter()
        for _ in range(passes):
            leaf = self.inputs[:size].clone().requires_grad_(kind == "both")
            with torch.set_grad_enabled(kind == "both"):
                logits = self.network(leaf)
            if kind == "both":
                torch.autograd.grad(logits[:, 0].sum(), leaf)
        return (time.perf_counter() - start) / (passes * size)

    def now(self, kind: str) -> float:
        return self.seconds(kind, self.best[kind])


def clock(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(case: Case, network: Any, floor: Floor, x: torch.Tensor, rounds: int) -> str:
    """A line of the table."""
    x, network = x[: case.images], network
    targets = torch.arange(len(x)) % 10
    background = x.flip(0)

    def ours() -> Any:
        options = {"background": background, **case.params}
        return explain.attribute(network, x, targets, case.method, **options)

    def theirs(at: int) -> Callable[[], Any]:
        assert case.captum is not None
        with_captum = case.captum
        return lambda: with_captum(network, x.clone().requires_grad_(), targets, at)

    best = min(case.at, key=lambda at: clock(theirs(at))) if case.captum else None
    over, beside = [], []
    for turn in range(rounds):
        # In turns first and second: whoever comes second finds the caches warm.
        first = clock(theirs(best)) if best is not None and turn % 2 else None
        before = [floor.now(kind) for kind in ("forward", "both")]
        mine = clock(ours)
        after = [floor.now(kind) for kind in ("forward", "both")]
        forward, both = ((a + b) / 2 for a, b in zip(before, after, strict=True))
        over.append(mine / (len(x) * (case.forward * forward + case.both * both)))
        if best is not None:
            beside.append((clock(theirs(best)) if first is None else first) / mine)
    passes = " + ".join(f"{n:g} {word}" for n, word in ((case.forward, "F"), (case.both, "FB")) if n >= 1)
    captum = f"{statistics.median(beside):.2f}" + (f" (at {best})" if best else "") if beside else "–"
    spread = f"{min(over):.2f}–{max(over):.2f}"
    return f"| `{case.method}` | {case.network} | {passes} | {statistics.median(over):.2f} | {spread} | {captum} |"


BUDGETS = ("300MiB", "1GiB")


def memory(method: str, params: str, budget: str) -> None:
    """In a process of its own: how much its resident memory grows over what one pass of one row needs."""
    network, x = timm.create_model(VIT).eval(), torch.randn(64, 3, 224, 224)
    given = eval(params)  # written below, by this file itself
    explain.attribute(network, x[:1], [0], method, batch_size=1, **given)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    explain.attribute(network, x, [0] * len(x), method, memory=budget, batch_size=256, **given)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10
    wanted = read_memory(budget)
    assert wanted is not None
    print(f"| `{method}` | {budget} | {grown:.0f} MiB | {grown / (wanted / 2**20):.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--memory-only", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(2)
    if args.one:
        memory(*args.one)
        return
    if not args.memory_only:
        torch.manual_seed(0)
        networks = {name: timm.create_model(name).eval() for name in (VIT, CNN)}
        for network in networks.values():
            network.requires_grad_(False)
        floors = {name: Floor(network, (3, 224, 224)) for name, network in networks.items()}
        for name, floor in floors.items():
            rates = ", ".join(
                f"{kind} {1000 * floor.now(kind):.0f} ms a row at {size}" for kind, size in floor.best.items()
            )
            print(f"{name}: {rates}")
        x = torch.randn(args.images, 3, 224, 224)
        print("\n| method | network | floor an image | time / floor | over rounds | Captum's time / ours |")
        print("|---|---|---|---|---|---|", flush=True)
        for case in CASES:
            if not args.only or case.method in args.only:
                print(measure(case, networks[case.network], floors[case.network], x, args.rounds), flush=True)
    if not args.only:
        print("\n| method | memory= | resident memory grew by | of the budget |\n|---|---|---|---|", flush=True)
        for method, given in (("integrated_gradients", {"steps": 4}), ("occlusion", {"window": 56, "stride": 56}),
                              ("gradient_rollout", {})):  # fmt: skip
            for budget in BUDGETS:
                subprocess.run([sys.executable, __file__, "--one", method, repr(given), budget], check=True)


if __name__ == "__main__":
    main()
