"""What each context's predictor reaches on held-out items: the table of docs/reference/contexts.md.

Usage: python benchmarks/contexts.py [CONTEXT …]     (all of them: about a quarter of an hour on two slow cores)
"""

from __future__ import annotations

import sys
import time
from typing import Any

from binome import contexts, models

RUNS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "digits": ({}, "cnn_micro", {"epochs": 30, "shift": 0.12, "rotate": 10.0, "zoom": 0.1}),
    "fashion": ({}, "cnn_micro", {"epochs": 5, "batch_size": 128, "learning_rate": 4e-3}),
    "photos": (
        {"size": 112}, "efficientnet_lite0",
        {"pretrained": True, "tune": "last", "epochs": 3, "learning_rate": 1e-3, "mirror": True},
    ),
    "biopsy": ({}, "linear", {}),
    "recidivism": ({}, "gradient_boosting", {"iterations": 60, "learning_rate": 0.05}),
    "income": ({}, "gradient_boosting", {}),
    "credit": ({}, "linear", {"penalty": 10.0}),
    "diabetes": ({}, "linear", {}),
    "connect_four": ({}, "board_net", {"epochs": 6, "batch_size": 128}),
    "shapes": ({}, "cnn_micro", {"epochs": 3}),
}  # fmt: skip


def main(names: list[str]) -> None:
    print("| context | predictor | items | accuracy | AUROC or mean error | calibration error | seconds |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name in names:
        params, architecture, settings = RUNS[name]
        context = contexts.load(name, **params)
        start = time.perf_counter()
        predictor = models.fit(context, architecture, seed=0, **settings)
        seconds = time.perf_counter() - start
        card = models.evaluate(predictor, context, robustness=0).as_dict()
        second = "–"
        if "error" in card:
            second = f"{limits(card['error'], 1)} {card['unit']['en']}"
        elif card["auroc"]["value"] is not None:
            second = limits(card["auroc"], 3)
        chosen = ", ".join(f"{key} {value}" for key, value in settings.items())
        print(
            f"| `{name}` | `{architecture}` {chosen} | {card['n']:,} | {percent(card['accuracy'])} | {second} "
            f"| {card['calibration']['ece_after']:.3f} | {seconds:.0f} |",
            flush=True,
        )


def percent(figure: dict[str, float]) -> str:
    return f"{100 * figure['value']:.1f} % [{100 * figure['low']:.1f}, {100 * figure['high']:.1f}]"


def limits(figure: dict[str, float], decimals: int) -> str:
    return f"{figure['value']:.{decimals}f} [{figure['low']:.{decimals}f}, {figure['high']:.{decimals}f}]"


if __name__ == "__main__":
    main(sys.argv[1:] or list(RUNS))
