"""Findings for the tests of the analysis page: simulated trials of two blocks a condition, with answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from binome.analysis import Findings, find

CONDITIONS = ("alone", "advised", "explained", "placebo")
SCALES = {"trust_ai": {"items": ["t1", "t2", "t3", "t4"], "reversed": ["t4"], "low": 1, "high": 7}}


def make_trials(
    operators: int = 20, per_condition: int = 16, seed: int = 0, conditions: tuple[str, ...] = CONDITIONS
) -> pl.DataFrame:
    """Two-stage decisions between two labels; later conditions follow advice more readily."""
    rng = np.random.default_rng(seed)
    skill = rng.normal(0.62, 0.1, operators)
    rows: list[dict[str, Any]] = []
    for o in range(operators):
        order = np.roll(np.arange(len(conditions)), o)
        place = 0
        for c in order:
            condition = conditions[c]
            readiness = 0.25 + 0.4 * c / max(len(conditions) - 1, 1) + 0.1 * rng.random()
            for k in range(per_condition):
                item = int(rng.integers(40))
                truth, right = item % 2, item % 10 < 7
                advice = truth if right else 1 - truth
                initial = truth if rng.random() < skill[o] else 1 - truth
                advised = condition != "alone"
                takes = advised and initial != advice and rng.random() < readiness + 0.15 * (k >= per_condition // 2)
                final = advice if takes else initial
                sure = float(np.clip(rng.normal(0.75 if final == truth else 0.66, 0.12), 0.5, 1.0))
                rows.append(
                    {
                        "operator": f"o{o:02}", "simulated": True, "condition": condition,
                        "block": int(2 * np.flatnonzero(order == c)[0] + (k >= per_condition // 2)),
                        "position": place, "item": f"i{item:02}", "truth": ["no", "yes"][truth],
                        "advice": ["no", "yes"][advice], "advice_shown": advised,
                        "explanation": {"explained": "ig", "placebo": "sham"}.get(condition),
                        "initial": ["no", "yes"][initial], "initial_confidence": round(sure - 0.05, 2),
                        "final": ["no", "yes"][final], "final_confidence": round(sure, 2),
                        "final_seconds": float(rng.lognormal(1.2 - 0.4 * takes, 0.4)), "initial_seconds": 3.0,
                        "practice": False, "attention_check": False, "excluded": o == 0,
                        "exclusion_reason": "attention" if o == 0 else None, "feedback": True,
                    }
                )  # fmt: skip
                place += 1
    return pl.DataFrame(rows, infer_schema_length=None)


def make_answers(trials: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    """Four items of trust after each condition, higher where advice is followed more."""
    rng = np.random.default_rng(seed)
    rows = []
    for (operator, condition), part in trials.group_by("operator", "condition", maintain_order=True):
        if condition == "alone":
            continue
        level = 3.2 + 2.5 * (part["final"] == part["advice"]).mean() + rng.normal(0, 0.8)
        for name in SCALES["trust_ai"]["items"]:
            value = float(np.clip(round(level + rng.normal(0, 0.7)), 1, 7))
            rows.append(
                {
                    "operator": operator, "condition": condition, "block": int(part["block"].max()), "trial": None,
                    "attempt": None, "questionnaire": "trust", "kind": "answer", "name": name,
                    "value": str(8 - value if name == "t4" else value),
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def make_scores(seed: int = 2) -> pl.DataFrame:
    """Two metrics of the explanations on all items."""
    rng = np.random.default_rng(seed)
    rows = [
        {"item": f"i{i:02}", "explanation": name, "metric": metric, "value": float(rng.beta(2 + k, 4))}
        for k, name in enumerate(("ig", "sham"))
        for metric in ("deletion", "insertion")
        for i in range(40)
    ]
    return pl.DataFrame(rows)


def make_findings(resamples: int = 100) -> Findings:
    """All parts found; the first operator is excluded, two rows of the file were rejected."""
    trials = make_trials()
    return find(
        trials,
        title={"en": "Yes or no <with> a machine & more", "fr": "Oui ou non avec une machine"},
        source="trials.csv",
        measures=["accuracy", "rair", "rsr", "overreliance", "underreliance"],
        primary={"measure": "accuracy", "contrast": ["explained", "advised"]},
        conditions=CONDITIONS,
        resamples=resamples,
        margin=0.1,
        answers=make_answers(trials),
        scales=SCALES,
        scores=make_scores(),
        better={"deletion": "lower"},
        placebo=["sham"],
        rejected=pl.DataFrame(
            {
                "row": [3, 9], "column": ["final_seconds", "final"], "found": ["-4", "<maybe>"],
                "expected": ["0 or more", "no or yes"], "hint": ["mend the clock", "map it"],
            }
        ),
    )  # fmt: skip
