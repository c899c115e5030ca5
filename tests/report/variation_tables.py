"""Made-up tables of a variation study, in the form of docs/reference/variation-tables.md, for tests and for a look."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from binome.core import ArtefactStore, Recipe

FLOAT, WHOLE, TEXT, YES = pl.Float64, pl.Int64, pl.String, pl.Boolean
SCHEMAS: dict[str, dict[str, Any]] = {
    "configurations": {
        "configuration": WHOLE, "predictor": TEXT, "architecture": TEXT, "training": WHOLE, "method": TEXT,
        "explainer": TEXT, "setting": WHOLE, "parameters": TEXT, "seed": WHOLE, "noise": FLOAT, "reference": TEXT,
        "forward": FLOAT, "backward": FLOAT,
    },
    "items": {
        "item": TEXT, "truth": TEXT, "target": TEXT, "kept": FLOAT, "included": YES, "picture": pl.Binary,
    },
    "predictions": {
        "predictor": TEXT, "noise": FLOAT, "item": TEXT, "decision": TEXT, "probability": FLOAT, "kept": YES,
        "reference": TEXT,
    },
    "metrics": {"metric": TEXT, "name": TEXT, "family": TEXT, "better": TEXT, "paper": TEXT, "parameters": TEXT},
    "scores": {"configuration": WHOLE, "item": TEXT, "metric": TEXT, "value": FLOAT},
    "maps": {"configuration": WHOLE, "item": TEXT, "map": pl.List(pl.Float32)},
    "agreements": {
        "reference": TEXT, "facet": TEXT, "a": TEXT, "b": TEXT, "measure": TEXT, "value": FLOAT, "low": FLOAT,
        "high": FLOAT, "n": WHOLE, "undefined": WHOLE,
    },
    "components": {
        "reference": TEXT, "of": TEXT, "method": TEXT, "term": TEXT, "object": YES, "estimate": FLOAT,
        "variance": FLOAT, "share": FLOAT, "low": FLOAT, "high": FLOAT, "levels": TEXT, "estimator": TEXT,
    },
    "dependability": {
        "reference": TEXT, "of": TEXT, "method": TEXT, "phi": FLOAT, "phi_low": FLOAT, "phi_high": FLOAT,
        "generalizability": FLOAT, "generalizability_low": FLOAT, "generalizability_high": FLOAT, "n": WHOLE,
        "undefined": WHOLE,
    },
    "decisions": {
        "reference": TEXT, "of": TEXT, "method": TEXT, "facet": TEXT, "levels": WHOLE, "phi": FLOAT, "needed": WHOLE,
        "limit": FLOAT,
    },
    "item_dependability": {"item": TEXT, "method": TEXT, "phi": FLOAT},
    "facets": {
        "reference": TEXT, "of": TEXT, "method": TEXT, "facet": TEXT, "share": FLOAT, "low": FLOAT, "high": FLOAT,
    },
    "summary": {
        "method": TEXT, "metric": TEXT, "value": FLOAT, "low": FLOAT, "high": FLOAT, "rank": FLOAT, "rank_low": FLOAT,
        "rank_high": FLOAT, "n": WHOLE, "undefined": WHOLE,
    },
    "settings": {
        "method": TEXT, "setting": WHOLE, "parameters": TEXT, "metric": TEXT, "value": FLOAT, "low": FLOAT,
        "high": FLOAT, "rank": FLOAT, "rank_low": FLOAT, "rank_high": FLOAT, "n": WHOLE, "undefined": WHOLE,
    },
    "ranking": {
        "scope": TEXT, "w": FLOAT, "low": FLOAT, "high": FLOAT, "raters": WHOLE, "methods": WHOLE, "p": FLOAT,
    },
    "differences": {
        "metric": TEXT, "method": TEXT, "rank": FLOAT, "critical": FLOAT, "group": TEXT, "n": WHOLE,
    },
    "choice": {
        "method": TEXT, "faithfulness": FLOAT, "dependability": FLOAT, "agreement": FLOAT, "complexity": FLOAT,
        "score": FLOAT, "best": FLOAT, "control": YES, "seconds": FLOAT,
    },
    "stability": {
        "item": TEXT, "method": TEXT, "mean": pl.List(pl.Float32), "deviation": pl.List(pl.Float32),
        "dependability": pl.List(pl.Float32),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One method of the made-up study: standard deviations of what moves its maps."""

    name: str
    explainer: str
    parameters: tuple[str, ...]
    own: float
    seed: float
    setting: float
    quality: float
    control: bool = False
    drawn: bool = False


METHODS = (
    Made("ig", "integrated_gradients", ("steps 8", "steps 32", "steps 64"), 0.5, 0.0, 0.15, 0.8),
    Made("rollout", "attention_rollout", ("head_fusion mean", "head_fusion max"), 0.7, 0.0, 0.3, 0.5),
    Made("smooth", "smoothgrad", ("samples 4", "samples 16", "samples 64"), 0.45, 0.5, 0.3, 0.75, drawn=True),
    Made("occlusion", "occlusion", ("window 3", "window 7"), 0.4, 0.0, 0.4, 0.82),
    Made("rise", "rise", ("masks 200", "masks 800"), 0.6, 0.9, 0.35, 0.6, drawn=True),
    Made("placebo", "shuffled", ("of ig",), 1.4, 1.2, 0.0, 0.1, control=True, drawn=True),
)
METRICS = (
    ("deletion (zero)", "deletion", "faithfulness", "lower"),
    ("insertion (blur)", "insertion", "faithfulness", "higher"),
    ("srg (zero)", "srg", "faithfulness", "higher"),
    ("max_sensitivity", "max_sensitivity", "robustness", "lower"),
    ("gini", "gini", "complexity", "higher"),
    ("effective_features", "effective_features", "complexity", "lower"),
    ("completeness", "completeness", "axioms", "lower"),
)
MEASURES = ("spearman", "feature_agreement", "pearson")
REFERENCES = ("", "shuffled", "random_weights")
FACTORS = {"": 1.0, "shuffled": 0.06, "random_weights": 0.3}
"""How much of the agreement each reference keeps."""


def write_tables(
    root: Path,
    *,
    methods: Sequence[Made] = METHODS,
    seeds: int = 3,
    trainings: int = 2,
    architectures: Sequence[str] = ("vit_micro",),
    noises: Sequence[float] = (0.0, 0.05, 0.1),
    metrics: Sequence[tuple[str, str, str, str]] = METRICS,
    items: int = 24,
    kept: Callable[[int], float] = lambda i: 0.5 if i % 6 == 5 else 1.0,
    side: int = 28,
    pictures: bool = True,
    lead: float = 0.0,
    defined: bool = True,
) -> Path:
    """An artefact folder with all tables.

    Args:
        kept: the share of predictors and noise levels that decide an item alike.
        lead: raises the first method's share of resamples in which it is best, up to 1.
        defined: False leaves every value undefined.
    """
    tables = _tables(methods, seeds, trainings, architectures, noises, metrics, items, kept, side, pictures, lead)
    if not defined:
        tables = {name: _undefined(table) for name, table in tables.items()}

    def build(folder: Path) -> dict[str, Any]:
        for name, table in tables.items():
            table.write_parquet(folder / f"{name}.parquet")
        return {"height": side, "width": side, "seconds": 3127.0, "resamples": 1000, "commands": ["binome vary pilot"]}

    spec = {"study": "pilot", "seed": 0, "methods": [method.name for method in methods], "items": items}
    spec |= {"side": side, "noises": list(noises), "lead": lead, "defined": defined, "pictures": pictures}
    spec |= {"metrics": len(metrics), "seeds": seeds, "kept": [kept(i) for i in range(items)]}
    return ArtefactStore(root).make(Recipe("grid", spec), build)


def _tables(
    methods: Sequence[Made],
    seeds: int,
    trainings: int,
    architectures: Sequence[str],
    noises: Sequence[float],
    metrics: Sequence[tuple[str, str, str, str]],
    items: int,
    kept: Callable[[int], float],
    side: int,
    pictures: bool,
    lead: float,
) -> dict[str, pl.DataFrame]:
    rng = np.random.default_rng(7)
    names, controls = [method.name for method in methods], {method.name for method in methods if method.control}
    rows: dict[str, list[Any]] = {name: [] for name in SCHEMAS}
    by_name = {method.name: method for method in methods}
    predictors = [(a, t) for a in architectures for t in range(trainings)]
    classes = ("shirt", "trouser", "boot")

    # Items, and what they look like to a method, a predictor and a setting.
    y, x = np.mgrid[0:side, 0:side] / side
    centres = rng.uniform(0.3, 0.7, (items, 2))
    truth = np.exp(-((x - centres[:, :1, None]) ** 2 + (y - centres[:, 1:, None]) ** 2) / 0.03)
    ids = [f"test-{i * 37}" for i in range(items)]
    for i, item in enumerate(ids):
        rows["items"].append(
            (item, classes[i % 3], classes[i % 3 if i % 5 else (i + 1) % 3], kept(i), kept(i) == 1.0,
             _picture(truth[i], rng) if pictures else None)
        )  # fmt: skip
        for (architecture, training), noise in itertools.product(predictors, noises):
            alike = kept(i) == 1.0 or training == 0
            decision = classes[i % 3 if i % 5 else (i + 1) % 3] if alike else classes[(i + 2) % 3]
            rows["predictions"].append(
                (f"{architecture} {training}", noise, item, decision, 0.55 + 0.02 * (i % 20), alike, "")
            )
    included = [i for i in range(items) if kept(i) == 1.0]

    noisy = {name: np.random.default_rng(i) for i, name in enumerate(names)}
    own = {name: _smooth(noisy[name].normal(size=(items, side, side))) for name in names}
    number = 0
    for method in methods:
        draws = range(seeds) if method.drawn else [None]
        grid = itertools.product(predictors, range(len(method.parameters)), draws, noises)
        for (architecture, training), setting, seed, noise in grid:
            rows["configurations"].append(
                (number, f"{architecture} {training}", architecture, training, method.name, method.explainer, setting,
                 method.parameters[setting], seed, noise, "", 17.0, 16.0)
            )  # fmt: skip
            made = np.random.default_rng([training, setting, 0 if seed is None else seed, round(100 * noise)])
            parts = _smooth(made.normal(size=(items, side, side)))
            spread = method.seed * (seed is not None) + method.setting * setting + 0.3 * training + 3 * noise
            maps = method.quality * truth + 0.3 * method.own * own[method.name] + 0.2 * spread * parts
            for i, item in enumerate(ids):
                rows["maps"].append((number, item, maps[i].ravel().astype(np.float32)))
                for k, (label, *_) in enumerate(metrics):
                    undefined = method.name == "rise" and k == 3 and i % 4 == 0
                    value = method.quality * (k + 1) / 3 + made.normal(0, 0.1)
                    rows["scores"].append((number, item, label, None if undefined else value))
            number += 1
    rows["configurations"].append(
        (number, "vit_micro random 0", "vit_micro", 0, names[0], methods[0].explainer, 0, methods[0].parameters[0],
         None, 0.0, "random_weights", 17.0, 16.0)
    )  # fmt: skip
    rows["metrics"] = [(label, name, family, better, "", "") for label, name, family, better in metrics]

    n = len(included)
    if n:
        _agreements(rows, methods, seeds, predictors, architectures, trainings, noises, n, rng)
        _components(rows, methods, seeds, trainings, architectures, noises, [label for label, *_ in metrics], n)
        for i in included:
            for name in ("", *names):
                base = by_name[name].quality if name else 0.4
                rows["item_dependability"].append((ids[i], name, float(np.clip(base + rng.normal(0, 0.12), 0, 1))))
        for i in included[:3]:
            for name in names:
                mean = by_name[name].quality * truth[i] + 0.3 * by_name[name].own * own[name][i]
                deviation = 0.1 + 0.25 * (by_name[name].seed + by_name[name].setting) * np.abs(own[name][i])
                share = mean**2 / (mean**2 + deviation**2)
                rows["stability"].append(
                    (ids[i], name, *(p.ravel().astype(np.float32) for p in (mean, deviation, share)))
                )
        _quality(rows, methods, metrics, n, rng)
        order = sorted(names, key=lambda name: -by_name[name].quality)
        shares = np.array([0.42, 0.33, 0.17, 0.06, 0.02, 0.0, 0.0, 0.0])[: len(order)]
        shares = (1 - lead) * shares / shares.sum()
        shares[0] += lead
        for rank, name in enumerate(order):
            method = by_name[name]
            rows["choice"].append(
                (name, 1.5 + 0.7 * rank, method.quality * 0.8, 0.5 * method.quality if len(names) > 1 else None,
                 0.2 + 0.1 * rank, 1.6 + 0.8 * rank, None if name in controls else float(shares[rank]),
                 name in controls, 0.004 * (1 + 6 * method.drawn))
            )  # fmt: skip
    return {name: pl.DataFrame(rows[name], schema=schema, orient="row") for name, schema in SCHEMAS.items()}


def _agreements(
    rows: dict[str, list[Any]],
    methods: Sequence[Made],
    seeds: int,
    predictors: Sequence[tuple[str, int]],
    architectures: Sequence[str],
    trainings: int,
    noises: Sequence[float],
    n: int,
    rng: np.random.Generator,
) -> None:
    pairs: list[tuple[str, str, str, float]] = []
    for a, b in itertools.combinations(methods, 2):
        pairs.append(("method", a.name, b.name, 0.7 * a.quality * b.quality + rng.normal(0, 0.04)))
    for method in methods:
        for a, b in itertools.combinations(method.parameters, 2):
            pairs.append(("setting", f"{method.name}: {a}", f"{method.name}: {b}", 0.92 - 0.6 * method.setting))
    levels: dict[str, list[str]] = {
        "seed": [str(s) for s in range(seeds)] if any(method.drawn for method in methods) else [],
        "training": [str(t) for t in range(trainings)], "architecture": list(architectures),
        "noise": [str(noise) for noise in noises],
    }  # fmt: skip
    for (facet, names), base in zip(levels.items(), (0.62, 0.55, 0.4, 0.8), strict=True):
        pairs += [(facet, a, b, base + rng.normal(0, 0.03)) for a, b in itertools.combinations(names, 2)]
    for reference, (k, measure) in itertools.product(REFERENCES, enumerate(MEASURES)):
        for facet, a, b, value in pairs:
            shown = FACTORS[reference] * value * (1 - 0.1 * k)
            rows["agreements"].append((reference, facet, a, b, measure, shown, shown - 0.03, shown + 0.03, n, 2))


def _components(
    rows: dict[str, list[Any]],
    methods: Sequence[Made],
    seeds: int,
    trainings: int,
    architectures: Sequence[str],
    noises: Sequence[float],
    labels: Sequence[str],
    n: int,
) -> None:
    for of in ("maps", "ranks", *labels):
        unit = "pixel" if of in ("maps", "ranks") else "method"
        for reference in REFERENCES if of == "maps" else ("",):
            for method in (None, *methods) if of == "maps" else (None,):
                name = method.name if method else ""
                main = {
                    "method": 0.9 if method is None and len(methods) > 1 and unit == "pixel" else 0.0,
                    "setting": method.setting if method else 0.25,
                    "seed": (method.seed if method else 0.4) * (seeds > 1),
                    "training": 0.35 * (trainings > 1), "architecture": 0.5 * (len(architectures) > 1),
                    "noise": 0.2 * (len(noises) > 1),
                }  # fmt: skip
                main = {facet: value for facet, value in main.items() if value > 0}
                signal = (1.2 if method is None else 1.6 * method.quality) * FACTORS[reference] ** 0.5
                terms = [(unit, True, signal)]
                terms += [(f"{unit}:{_nested(facet, main)}", True, value) for facet, value in main.items()]
                terms += [(facet, False, -0.002 if facet == "noise" else 0.04 * value) for facet, value in main.items()]
                together = f"{unit}:{':'.join(sorted({'training', 'noise'} & main.keys()))},error"
                terms += [(together, True, 0.3)] if {"training", "noise"} <= main.keys() else []
                total = sum(max(value, 0) for *_, value in terms)
                for term, held, value in terms:
                    share = max(value, 0) / total
                    rows["components"].append(
                        (reference, of, name, term, held, value, max(value, 0), share, 0.9 * share, min(1.1 * share, 1),
                         "", "anova")
                    )  # fmt: skip
                concerned = sum(max(v, 0) for _, held, v in terms if held)
                phi, general = signal / total, signal / concerned
                rows["dependability"].append(
                    (reference, of, name, phi, 0.92 * phi, min(1.08 * phi, 1), general, 0.92 * general,
                     min(1.08 * general, 1), n, 1)
                )  # fmt: skip
                for facet in main:
                    part = sum(
                        max(v, 0) for term, held, v in terms if held and facet in term.partition(",")[0].split(":")
                    )
                    share = part / concerned
                    rows["facets"].append((reference, of, name, facet, share, 0.9 * share, min(1.1 * share, 1)))
                    over = sum(max(v, 0) for term, _, v in terms if facet in term.partition(",")[0].split(":"))
                    curve = [signal / (total - over + over / count) for count in range(1, 31)]
                    needed = next((k + 1 for k, value in enumerate(curve) if value >= 0.8), None)
                    limit = signal / (total - over)
                    for k, value in enumerate(curve):
                        rows["decisions"].append((reference, of, name, facet, k + 1, value, needed, limit))


def _quality(
    rows: dict[str, list[Any]],
    methods: Sequence[Made],
    metrics: Sequence[tuple[str, str, str, str]],
    n: int,
    rng: np.random.Generator,
) -> None:
    ranks: dict[str, list[float]] = {method.name: [] for method in methods}
    for k, (label, _, _, better) in enumerate(metrics):
        worth = {method.name: method.quality + rng.normal(0, 0.15) for method in methods}
        order = sorted(worth, key=lambda name: -worth[name])
        for method in methods:
            place = order.index(method.name) + 1.0
            rank = 0.8 * place + 0.2 * (len(methods) + 1) / 2
            value = worth[method.name] if better == "higher" else 1 - worth[method.name]
            undefined = n // 4 if method.name == "rise" and k == 3 else 0
            everywhere = label == "completeness" and method.name == "rollout"
            row = [None] * 6 if everywhere else [value, value - 0.03, value + 0.03, rank, rank - 0.4, rank + 0.4]
            rows["summary"].append(
                (method.name, label, *row, 0 if everywhere else n - undefined, n if everywhere else undefined)
            )
            for s, parameters in enumerate(method.parameters):
                moved = [None] * 6 if everywhere else [value + 0.02 * s, value - 0.01, value + 0.05, *row[3:]]
                rows["settings"].append((method.name, s, parameters, label, *moved, n, undefined))
            ranks[method.name].append(rank)
            rows["differences"].append((label, method.name, rank, 0.9, "ab"[int(place > len(methods) / 2)], n))
        rows["ranking"].append((label, 0.35, 0.22, 0.5, n, len(methods), 0.003))
    if metrics:
        rows["ranking"].insert(0, ("metrics", 0.46, 0.31, 0.63, len(metrics), len(methods), 0.012))
        means = {name: float(np.mean(values)) for name, values in ranks.items()}
        for i, name in enumerate(sorted(means, key=lambda name: means[name])):
            letters = "a" if i < 2 else "ab" if i < 4 else "b" if i < 5 else "c"
            rows["differences"].append(("all", name, means[name], 1.2, letters, len(metrics)))


def _nested(facet: str, varied: dict[str, float]) -> str:
    """A facet after those within which it lies: `method:setting`."""
    parents = {"setting": ["method"], "seed": ["method", "setting"], "training": ["architecture"]}
    return ":".join([*(name for name in parents.get(facet, []) if name in varied), facet])


def _smooth(noise: np.ndarray) -> np.ndarray:
    """Neighbouring pixels alike, as maps are."""
    for axis in (-1, -2):
        noise = sum(np.roll(noise, shift, axis) for shift in (-2, -1, 0, 1, 2)) / 5**0.5
    return noise


def _picture(shape: np.ndarray, rng: np.random.Generator) -> bytes:
    grey = np.clip(230 * (shape > 0.3) + rng.normal(0, 12, shape.shape), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG")
    return buffer.getvalue()


def _undefined(table: pl.DataFrame) -> pl.DataFrame:
    lost = ["value", "low", "high", "phi", "phi_low", "phi_high", "generalizability", "generalizability_low",
            "generalizability_high", "share", "estimate", "variance", "needed", "limit", "rank", "rank_low",
            "rank_high", "w", "p", "faithfulness", "dependability", "agreement", "complexity", "score", "best",
            "critical"]  # fmt: skip
    present = [name for name in lost if name in table.columns and table.schema[name].is_numeric()]
    return table.with_columns(pl.lit(None, table.schema[name]).alias(name) for name in present)
