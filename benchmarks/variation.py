"""The variation study: what sharing saves, beside floors and beside Quantus, in one run.

Sections: `flipping` deletion and insertion over their floor of passes, and beside Quantus' pixel flipping; `shared`
eight explanations over one, six robustness metrics over one; `tables` the same table by Quantus, metric by metric and
method by method; `agreement` of 32 methods on 1,000 maps; `grid` what a study computes again, how its cost grows, how
fast it reopens; `cluster` two Ray workers over one.

What is compared is timed in turns, first and second, round after round, because the machine's speed swings; figures
are medians of the rounds' ratios, with the lowest and highest.

Usage: python benchmarks/variation.py [--only NAME …] [--rounds 3] [--quick]
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import polars as pl
import timm
import torch
from scipy import stats
from torch import nn

from binome import explain, variation
from binome.variation.metric import Source
from binome.variation.scoring import score_all
from binome.variation.sweep.unit import Job, Outcome, Unit, metric_key, noise_key

VIT, SIDE = "vit_tiny_patch16_224", 224
Work = Callable[[], Any]


def clock(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(rounds: int, works: Mapping[str, Work]) -> dict[str, list[float]]:
    """Seconds of each in every round; whoever comes second finds the caches warm, so the order turns."""
    return in_turns_with_processor(rounds, works)[0]


def in_turns_with_processor(
    rounds: int, works: Mapping[str, Work]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds of the clock, and of the processor, which other programs on the machine do not change."""
    found: dict[str, list[float]] = {name: [] for name in works}
    used: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds):
        for name in list(works)[:: -1 if turn % 2 else 1]:
            start = time.process_time()
            found[name].append(clock(works[name]))
            used[name].append(time.process_time() - start)
    return found, used


def over(a: Sequence[float], b: Sequence[float]) -> str:
    """The median of the ratios, and their range."""
    ratios = [one / other for one, other in zip(a, b, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def seconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f}"


def header(title: str, *columns: str) -> None:
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def row(*values: object) -> None:
    print(f"| {' | '.join(map(str, values))} |", flush=True)


@contextmanager
def passes(*modules: nn.Module) -> Iterator[list[torch.Size]]:
    """Shapes of all that goes through some modules."""
    seen: list[torch.Size] = []
    handles = [part.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape)) for part in modules]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def quantus_metric(name: str, **params: Any) -> Callable[..., Any]:
    """A metric of Quantus, without what it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import quantus

        metric = getattr(quantus, name)(disable_warnings=True, display_progressbar=False, **params)

    def run(net: nn.Module, x: torch.Tensor, targets: torch.Tensor, maps: torch.Tensor, **given: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return metric(
                model=net, x_batch=x.numpy(), y_batch=targets.numpy(), a_batch=maps.numpy().copy(), channel_first=True,
                **given,
            )  # fmt: skip

    return run


# Deletion and insertion

FEATURES = 7168
"""A step of Quantus divides the pixels evenly; this one makes 21 steps of three channels, the nearest to 20."""


def flipping(rounds: int, quick: bool) -> None:
    steps, near = 20, 3 * SIDE**2 // FEATURES
    net = timm.create_model(VIT).eval().requires_grad_(False)
    header(
        f"Deletion and insertion, {steps} steps, {VIT}", "images", "rows passed", "time / floor",
        "the same of the processor", f"Quantus' time / ours at {near} steps", "the same of the processor",
        "largest difference of a score",
    )  # fmt: skip
    for images in (1, 2) if quick else (1, 16):
        x, targets = torch.randn(images, 3, SIDE, SIDE), torch.arange(images) % 10
        maps = torch.zeros(images, 3, SIDE, SIDE)
        maps[:, 0] = torch.randn(images, SIDE, SIDE)  # one value a pixel, whichever way channels are added

        ours = partial(both_ends, net, x, targets, maps)
        theirs = partial(by_flipping, net, x, targets, maps[:, :1])
        with passes(net) as own:
            ours(steps)
        flipped = theirs()
        scores = ours(near)
        intact = net(x).double().softmax(1)[range(images), targets].numpy()[:, None]
        areas = [np.trapezoid(np.hstack([intact, curve]), dx=1 / near, axis=1) for curve in flipped]
        difference = max(
            float(np.abs(area - scores[name, ""]).max())
            for name, area in zip(("deletion", "insertion"), areas, strict=True)
        )
        works = {
            "ours": partial(ours, steps), "floor": partial(bare, net, own), "ours near": partial(ours, near),
            "theirs": theirs,
        }  # fmt: skip
        found, used = in_turns_with_processor(rounds, works)
        row(
            images, sum(shape[0] for shape in own), over(found["ours"], found["floor"]),
            over(used["ours"], used["floor"]), over(found["theirs"], found["ours near"]),
            over(used["theirs"], used["ours near"]), f"{difference:.1e}",
        )  # fmt: skip


def both_ends(net: nn.Module, x: torch.Tensor, targets: torch.Tensor, maps: torch.Tensor, steps: int) -> Any:
    both = {name: (name, {"steps": steps}) for name in ("deletion", "insertion")}
    return score_all(net, x, targets, {"": maps}, both)


def by_flipping(net: nn.Module, x: torch.Tensor, targets: torch.Tensor, maps: torch.Tensor) -> Any:
    """The curves of deletion, and of insertion from its end."""
    flip = quantus_metric("PixelFlipping", features_in_step=FEATURES, perturb_baseline=0.0)
    return [flip(net, x, targets, sign * maps) for sign in (1, -1)]


def bare(net: nn.Module, shapes: Sequence[torch.Size]) -> None:
    """Nothing but passes of these shapes."""
    most = torch.zeros(max(shapes, key=lambda shape: shape[0]))
    with torch.no_grad():
        for shape in shapes:
            net(most[: shape[0]])


# What does not depend on the method

ROBUSTNESS = (
    "max_sensitivity", "average_sensitivity", "lipschitz", "relative_input_stability", "relative_output_stability",
    "relative_representation_stability",
)  # fmt: skip


def shared(rounds: int, quick: bool) -> None:
    images, draws = (1, 4) if quick else (4, None)
    net = timm.create_model(VIT).eval().requires_grad_(False)
    x, targets = torch.rand(images, 3, SIDE, SIDE), torch.arange(images)
    maps = {str(place): torch.randn_like(x) for place in range(8)}
    header(
        f"Passes that do not depend on the method, {VIT}, {images} images", "what", "time for 8 / for 1", "passes of 8",
        "of 1",
    )  # fmt: skip
    for name in ("infidelity", "faithfulness_correlation"):
        wanted = {name: (name, {} if draws is None else {"draws": draws})}
        eight = partial(score_all, net, x, targets, maps, wanted)
        one = partial(score_all, net, x, targets, {"0": maps["0"]}, wanted)
        with passes(net) as of_eight:
            eight()
        with passes(net) as of_one:
            one()
        found = in_turns(rounds, {"eight": eight, "one": one})
        row(f"`{name}`", over(found["eight"], found["one"]), *(sum(s[0] for s in part) for part in (of_eight, of_one)))
    header(
        f"Six robustness metrics together, {VIT}, {images} images", "method", "together / the dearest alone",
        "the dearest", "one after the other / together",
    )  # fmt: skip
    wanted = {name: (name, {"draws": draws or 10}) for name in ROBUSTNESS}
    sources = [Source("input_x_gradient"), Source("integrated_gradients", {"steps": 4})]
    for source in sources:
        made = {"": explain.attribute(net, x, targets, source.method, **source.params)}
        score = partial(score_all, net, x, targets, made, sources={"": source})
        alone = {name: partial(score, {name: wanted[name]}) for name in ROBUSTNESS}
        found = in_turns(rounds, {"together": partial(score, wanted), **alone})
        dearest = max(ROBUSTNESS, key=lambda name: statistics.median(found[name]))
        apart = [sum(found[name][turn] for name in ROBUSTNESS) for turn in range(rounds)]
        row(
            f"`{source.method}`",
            over(found["together"], found[dearest]),
            f"`{dearest}`",
            over(apart, found["together"]),
        )


# The same table by Quantus


@dataclass(frozen=True)
class Beside:
    """A metric here and there.

    Attributes:
        params, options: of Binome's metric, and of Quantus'.
        how: what has to be done for Quantus to compute the same: `curve` (its points, integrated), `subsets` and
            `draws` (those that Binome drew), `masks`, `positive` (masks, and the map's positive part).
        equal: whether it follows the paper, so that values must be equal.
    """

    metric: str
    quantus: str
    params: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    how: str = ""
    equal: bool = True


BLACK = {"perturb_baseline": 0.0}
FLIP = {"features_in_step": 64, **BLACK}
TABLE = (
    Beside("deletion", "PixelFlipping", {"steps": 16}, FLIP, "curve"),
    Beside("insertion", "PixelFlipping", {"steps": 16}, FLIP, "curve"),
    Beside("faithfulness_correlation", "FaithfulnessCorrelation", {"size": 102},
           {"subset_size": 102, "return_aggregate": False, **BLACK}, "subsets"),
    Beside("infidelity", "Infidelity", {"draws": 64, "perturbation": "square", "side": 4},
           {"perturb_patch_sizes": [4], "n_perturb_samples": 1, **BLACK}, equal=False),
    Beside("max_sensitivity", "MaxSensitivity", how="draws"),
    Beside("average_sensitivity", "AvgSensitivity", how="draws"),
    Beside("lipschitz", "LocalLipschitzEstimate", options={"normalise": False}, how="draws"),
    Beside("relative_input_stability", "RelativeInputStability", how="draws"),
    Beside("relative_output_stability", "RelativeOutputStability", how="draws"),
    Beside("relative_representation_stability", "RelativeRepresentationStability", {"layer": "fc_norm"},
           {"layer_names": ["fc_norm"]}, "draws"),
    Beside("gini", "Sparseness"),
    Beside("entropy", "Complexity"),
    Beside("pointing_game", "PointingGame", how="masks"),
    Beside("relevance_mass", "RelevanceMassAccuracy", how="positive"),
    Beside("relevance_rank", "RelevanceRankAccuracy", how="masks"),
    Beside("topk_intersection", "TopKIntersection", {"k": 50}, {"k": 50}, "masks"),
    Beside("attribution_auc", "AUC", how="masks"),
)  # fmt: skip
METHODS = {
    "gradient": ("saliency", {}),
    "input × gradient": ("input_x_gradient", {}),
    "integrated 8": ("integrated_gradients", {"steps": 8}),
    "integrated 16": ("integrated_gradients", {"steps": 16}),
    "smooth 8": ("smooth_grad", {"samples": 8}),
    "smooth 16": ("smooth_grad", {"samples": 16}),
    "expected 8": ("expected_gradients", {"samples": 8}),
    "attention LRP": ("attn_lrp", {}),
}


class Tables:
    """The same items, maps, masks and draws for both.

    Args:
        subsets, draws: of faithfulness correlation, and of the robustness metrics.
    """

    def __init__(self, items: int, methods: Sequence[str], subsets: int, draws: int) -> None:
        torch.manual_seed(0)
        self.net = timm.create_model(
            VIT, img_size=32, patch_size=4, in_chans=1, embed_dim=64, depth=4, num_heads=4, num_classes=10,
            global_pool="avg",
        ).eval().requires_grad_(False)  # fmt: skip
        candidates = 0.2 + torch.rand(8 * items, 1, 32, 32)
        decisions = self.net(candidates).argmax(1)
        # Quantus gives NaN to an item whose prediction one draw changes: items whose neighbours all keep it.
        kept = variation.score(self.net, candidates, decisions, candidates, metric="prediction_kept", draws=4 * draws)
        chosen = np.flatnonzero(kept == 1)[:items]
        self.x, self.targets = candidates[chosen], decisions[chosen]
        self.background = candidates[:16]
        self.masks = torch.zeros(len(self.x), 1, 32, 32, dtype=torch.bool)
        self.masks[:, :, 8:24, 8:24] = True
        self.sources = {name: Source(METHODS[name][0], METHODS[name][1], 0, self.background) for name in methods}
        self.maps = {name: self.explain(name, self.net, self.x, self.targets) for name in methods}
        drawn = {"subsets": {"draws": subsets}, "draws": {"draws": draws}}
        self.wanted = {one.metric: (one.metric, {**one.params, **drawn.get(one.how, {})}) for one in TABLE}
        self.intact = self.net(self.x).double().softmax(1)[range(len(self.x)), self.targets].numpy()[:, None]
        self.subsets, self.draws = self._subsets(), self._nearby(draws)

    def explain(self, name: str, net: nn.Module, x: Any, targets: Any) -> torch.Tensor:
        source = self.sources[name]
        x, targets = torch.as_tensor(x), torch.as_tensor(targets)
        options = {"background": self.background, **source.params}
        maps: torch.Tensor = explain.attribute(net, x, targets, source.method, **options)
        return maps

    def for_quantus(self, name: str, model: nn.Module, inputs: Any, targets: Any, **_: Any) -> Any:
        return self.explain(name, model, inputs, targets).numpy()

    def ours(self) -> dict[tuple[str, str], Any]:
        return score_all(
            self.net, self.x, self.targets, self.maps, self.wanted, sources=self.sources, masks=self.masks
        )  # fmt: skip

    def theirs(self, one: Beside, method: str) -> Any:
        maps, given, options = self.maps[method], dict[str, Any](), dict(one.options)
        if one.how in ("masks", "positive"):
            given["s_batch"] = self.masks.numpy()
        if one.how == "positive":
            maps = maps.clamp_min(0)
        if one.how == "draws":
            draws = iter(self.draws)
            options |= {"perturb_func": lambda arr, **_: next(draws), "nr_samples": len(self.draws)}
            given["explain_func"] = partial(self.for_quantus, method)
        if one.how == "subsets":
            options["nr_runs"] = len(self.subsets) // len(self.x)
            with mock.patch.object(np.random, "choice", side_effect=self.subsets):
                return quantus_metric(one.quantus, **options)(self.net, self.x, self.targets, maps, **given)
        if one.metric == "insertion":  # deletion of the least important, read backwards
            maps = -maps
        found = quantus_metric(one.quantus, **options)(self.net, self.x, self.targets, maps, **given)
        if one.how == "curve":
            return np.trapezoid(np.hstack([self.intact, found]), dx=1 / len(found[0]), axis=1)
        return found

    def _subsets(self) -> list[Any]:
        """The subsets that Binome removes, draw after draw: the pictures have no black pixel but those."""
        seen = self._inputs("faithfulness_correlation")
        removed = (seen == 0).flatten(1)
        return [np.flatnonzero(part) for part in removed[removed.any(1)].numpy()]

    def _nearby(self, draws: int) -> list[Any]:
        """The draws that Binome makes, (items, values) each."""
        found = self._inputs("prediction_kept", draws=draws)[len(self.x) :]
        return list(found.view(draws, len(self.x), -1).numpy())

    def _inputs(self, metric: str, **params: Any) -> torch.Tensor:
        seen: list[torch.Tensor] = []
        handle = self.net.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))
        name, known = self.wanted.get(metric, (metric, params))
        score_all(self.net, self.x, self.targets, {"": self.x}, {name: (name, known)})
        handle.remove()
        return torch.cat(seen)


def tables(rounds: int, quick: bool) -> None:
    items, count, subsets, draws = (3, 2, 8, 3) if quick else (16, 8, 100, 10)
    methods = list(METHODS)[:count]
    both = Tables(items, methods, subsets, draws)
    found = dict[tuple[str, str], Any]()
    by_metric: dict[str, list[float]] = {one.metric: [] for one in TABLE}

    def by_quantus() -> None:
        for one in TABLE:
            start = time.perf_counter()
            for method in methods:
                found[one.metric, method] = np.asarray(both.theirs(one, method), dtype=np.float64)
            by_metric[one.metric].append(time.perf_counter() - start)

    both.theirs(TABLE[0], methods[0])  # imports Quantus
    scores = both.ours()
    timed = in_turns(rounds, {"ours": both.ours, "theirs": by_quantus})
    ours, theirs = timed["ours"], timed["theirs"]
    header(
        f"{len(TABLE)} metrics × {count} methods × {len(both.x)} items, a small Vision Transformer at 32 × 32",
        "metric", "in Quantus", "share of Quantus' time", "largest relative difference",
    )  # fmt: skip
    for one in TABLE:
        pairs = [(scores[one.metric, method], found[one.metric, method]) for method in methods]
        gap = max(float(np.nanmax(np.abs(a - b) / np.maximum(np.abs(b), 1e-6))) for a, b in pairs)
        share = statistics.median(by_metric[one.metric]) / statistics.median(theirs)
        row(f"`{one.metric}`", one.quantus, f"{share:.0%}", f"{gap:.1e}" if one.equal else "does not follow its paper")
    print(f"\nQuantus' time / ours: {over(theirs, ours)}; ours {seconds(ours)} s, Quantus {seconds(theirs)} s")


# Agreement

MEASURES = (
    "feature_agreement", "rank_agreement", "sign_agreement", "signed_rank_agreement", "spearman", "pearson",
)  # fmt: skip
K = 10


class Rows:
    """Maps of one method, made when they are asked for: pieces of one long row of noise, half of it the item's own."""

    noise = np.random.default_rng(0).standard_normal(2**22).astype(np.float32)

    def __init__(self, method: int, items: int, side: int) -> None:
        self.method, self.shape = method, (items, side, side)

    def __getitem__(self, rows: Any) -> Any:
        places = range(self.shape[0])[rows] if isinstance(rows, slice) else rows
        return np.stack([self._map(place) for place in places])

    def _map(self, item: int) -> Any:
        own, common = (self._piece(number) for number in (7919 * item + 104729 * self.method + 1, 7919 * item))
        return own + common

    def _piece(self, number: int) -> Any:
        pixels = self.shape[1] * self.shape[2]
        start = (number * 2654435761) % (len(self.noise) - pixels)
        return self.noise[start : start + pixels].reshape(self.shape[1:])


def agreement_section(rounds: int, quick: bool) -> None:
    """In a process of its own, so that its memory is its own."""
    subprocess.run([sys.executable, __file__, "--agreement", *(["--quick"] * quick)], check=True)


def agreement(quick: bool) -> None:
    methods, items, side = (6, 8, 64) if quick else (32, 1000, SIDE)
    maps = {f"method {place}": Rows(place, items, side) for place in range(methods)}
    variation.agreement_tensor({name: Rows(0, 1, 8) for name in "ab"}, MEASURES, k=K)
    before = peak()
    start = time.perf_counter()
    found = variation.agreement_tensor(maps, MEASURES, k=K)
    took = time.perf_counter() - start
    grown = peak() - before
    pairs = [(0, 1), (0, 2), (1, 2), (methods - 1, 0)][: 2 if quick else 4]
    start, largest = time.perf_counter(), 0.0
    for first, second in pairs:
        for item in (0, items - 1):
            expected = by_pair(maps[f"method {first}"][[item]][0], maps[f"method {second}"][[item]][0])
            given = found.values[:, first, second, item]
            largest = max(largest, float(np.abs(given - expected).max()))
    a_pair = (time.perf_counter() - start) / (2 * len(pairs))
    loop = a_pair * items * methods * (methods - 1) / 2
    header(
        f"Agreement of {methods} methods, {items} maps of {side} × {side}, {len(MEASURES)} measures", "seconds",
        "resident memory grew by", "a Python loop over pairs (scaled)", "loop / ours", "largest difference",
    )  # fmt: skip
    row(f"{took:.1f}", f"{grown:.0f} MiB", f"{loop:.0f} s", f"{loop / took:.0f}", f"{largest:.0e}")


def by_pair(a: Any, b: Any) -> list[float]:
    """The six measures of two maps, as one writes them down."""
    a, b = (values.ravel().astype(np.float64) for values in (a, b))
    top_a, top_b = (np.argsort(-np.abs(values), kind="stable")[:K].tolist() for values in (a, b))
    both = set(top_a) & set(top_b)
    ranked = {s for s in both if top_a.index(s) == top_b.index(s)}
    signed = {s for s in both if np.sign(a[s]) == np.sign(b[s])}
    shares = [len(found) / K for found in (both, ranked, signed, ranked & signed)]
    return [*shares, stats.spearmanr(np.abs(a), np.abs(b)).statistic, stats.pearsonr(a, b).statistic]


def peak() -> float:
    """The process's highest resident memory so far, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return math.nan


# The grid


def tiny(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 3)).eval()


def studied(
    folder: Path | None, net: nn.Module, items: int, methods: Mapping[str, Any], seeds: int, **more: Any
) -> variation.Varied:
    x = torch.rand(items, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    options: dict[str, Any] = {"metrics": ["gini"], "agreements": ["spearman"], "references": 0, **more}
    return variation.study(
        net, x, torch.arange(items) % 3, methods=methods, seeds=seeds, folder=folder, **options
    )  # fmt: skip


def grid(rounds: int, quick: bool) -> None:
    again(12 if quick else 64)
    growth(rounds, [4, 12, 40] if quick else [40, 130, 400, 1300, 4000], [2, 6, 20] if quick else [4, 13, 40, 130, 400])
    reopened(*((20, 50) if quick else (200, 500)), rounds)


def again(items: int) -> None:
    net, options = tiny(), {"metrics": ["deletion", "gini"]}
    old = {
        "integrated": {"method": "integrated_gradients", "settings": [{"steps": 4}, {"steps": 8}]},
        "smooth": {"method": "smooth_grad", "samples": 4},
    }
    new = {"gradient": "saliency"}
    counts = {}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        for name, where, methods in (
            ("the study", folder, old), ("one method more", folder, {**old, **new}),
            ("that method alone, in an empty folder", empty, new), ("everything once more", folder, {**old, **new}),
        ):  # fmt: skip
            with passes(net) as seen:
                studied(Path(where), net, items, methods, 3, **options)
            counts[name] = sum(shape[0] for shape in seen)
    header(f"Passes of a study of {items} items, counted", *counts)
    row(*counts.values())


def growth(rounds: int, items: Sequence[int], configurations: Sequence[int]) -> None:
    net, method = tiny(), {"smooth": {"method": "smooth_grad", "samples": 2}}
    header(
        "How a study's time grows", "in", "from", "to", "log-log slope", "in the upper decade",
        "seconds, median of the rounds",
    )  # fmt: skip
    for name, sizes in (("items", items), ("configurations", configurations)):
        rest = {"items": configurations[0], "configurations": items[0]}[name]

        works: dict[str, Work] = {}
        for size in sizes:
            of_items, of_configurations = (size, rest) if name == "items" else (rest, size)
            works[str(size)] = partial(fresh, net, of_items, method, of_configurations)
        works[str(sizes[0])]()
        found = in_turns(rounds, works)
        times = [statistics.median(found[str(size)]) for size in sizes]
        upper = sum(size * 10 >= sizes[-1] for size in sizes)
        slopes = [slope(sizes[-last:], times[-last:]) for last in (len(sizes), upper)]
        row(name, sizes[0], sizes[-1], *slopes, ", ".join(f"{value:.2f}" for value in times))


def slope(sizes: Sequence[int], times: Sequence[float]) -> str:
    return f"{np.polyfit(np.log(sizes), np.log(times), 1)[0]:.2f}"


def fresh(net: nn.Module, items: int, methods: Mapping[str, Any], seeds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        studied(Path(folder), net, items, methods, seeds)


class MadeUp:
    """In a worker's place: cells that nobody computed, to fill a study with."""

    def outcomes(self, jobs: Mapping[str, Job], units: Sequence[tuple[str, Unit]]) -> Iterator[Outcome]:
        chance = np.random.default_rng(0)
        for name, unit in units:
            job = jobs[name]
            keys = [job.grid.configurations[number].key for number in unit.configurations]
            items = [job.keys[place] for place in unit.rows]
            cells = {
                "configuration": [key for key in keys for _ in items],
                "item": items * len(keys),
            }
            width = job.inputs[0].numel()
            maps = chance.standard_normal((unit.cells, width)).astype(np.float32)
            made = {
                "maps": pl.DataFrame({**cells, "map": maps}, schema_overrides={"map": pl.Array(pl.Float32, width)}),
                "scores": pl.concat(
                    pl.DataFrame({**cells, "metric": metric_key(job, label), "value": chance.random(unit.cells)})
                    for label in unit.metrics
                ),
                "predictions": pl.DataFrame(
                    {
                        "predictor": job.grid.predictors[unit.predictor].key,
                        "noise": noise_key(job, unit.noise),
                        "item": items,
                        "decision": job.targets[list(unit.rows)].numpy(),
                        "probability": chance.random(len(items)),
                    }
                ),
            }
            yield Outcome(unit, made, 0.0, 0, 0)


def reopened(items: int, configurations: int, rounds: int) -> None:
    net, method = tiny(), {"smooth": {"method": "smooth_grad", "samples": 2}}
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {"metrics": ["deletion", "gini"]}
        with mock.patch("binome.variation.study.workers_of", return_value=MadeUp()):
            studied(Path(folder), net, items, method, configurations, **options)
        reopen = partial(studied, Path(folder), net, items, method, configurations, **options)
        with passes(net) as seen:
            found = in_turns(max(3, rounds), {"": reopen})
    header(
        f"Reopening a finished study of {items * configurations:,} cells, 2 scores each", "seconds", "over rounds",
        "passes",
    )  # fmt: skip
    times = found[""]
    row(seconds(times), f"{min(times):.2f}–{max(times):.2f}", sum(shape[0] for shape in seen))


# A cluster


def cluster(rounds: int, quick: bool) -> None:
    import ray

    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1, stride=2), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 49, 10),
    ).eval()  # fmt: skip
    items, steps = (24, 4) if quick else (256, 32)
    x = torch.rand(items, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    methods = {
        "integrated": {"method": "integrated_gradients", "settings": [{"steps": steps}, {"steps": 2 * steps}]},
        "smooth": {"method": "smooth_grad", "samples": steps},
    }

    def run(workers: int, count: int = items) -> variation.Varied:
        return variation.study(
            net, x[:count], torch.arange(count) % 10, methods=methods, seeds=2, noise=[0.0, 0.1], references=0,
            metrics=["deletion", "insertion", "faithfulness_correlation"], on="local", workers=workers,
        )  # fmt: skip

    results: dict[str, variation.Varied] = {}
    times: dict[str, list[float]] = {"1": [], "2": []}
    whole: dict[str, list[float]] = {"1": [], "2": []}
    for turn in range(rounds):
        for workers in (2, 1) if turn % 2 else (1, 2):
            start = time.perf_counter()
            ray.init(address="local", num_cpus=workers, log_to_driver=False, include_dashboard=False)
            run(workers, min(items, 32))  # its workers import what they need
            warm = time.perf_counter()
            results[str(workers)] = run(workers)
            times[str(workers)].append(time.perf_counter() - warm)
            whole[str(workers)].append(time.perf_counter() - start)
            ray.shutdown()
    one, two = results["1"].part, results["2"].part
    same = np.array_equal(one.known.scores, two.known.scores, equal_nan=True) and np.array_equal(one.maps, two.maps)
    header(
        f"A study of {one.known.scores[..., 0].size:,} cells on Ray", "one worker / two", "with the start of Ray",
        "seconds of one", "same values, bit for bit",
    )  # fmt: skip
    row(over(times["1"], times["2"]), over(whole["1"], whole["2"]), seconds(times["1"]), "yes" if same else "no")


SECTIONS: Mapping[str, Callable[[int, bool], None]] = {
    "flipping": flipping, "shared": shared, "tables": tables, "agreement": agreement_section, "grid": grid,
    "cluster": cluster,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[], choices=list(SECTIONS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="sizes that only show that it runs")
    parser.add_argument("--agreement", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    if args.agreement:
        agreement(args.quick)
        return
    for name, section in SECTIONS.items():
        if not args.only or name in args.only:
            section(args.rounds, args.quick)


if __name__ == "__main__":
    main()
