"""Evaluation on held-out items, and the model card that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import norm

from binome.contexts import Context
from binome.core import BinomeError, UnknownNameError, derive_seed
from binome.core.text import say
from binome.models.calibration import reliability
from binome.models.predictor import Predictor

Counts = npt.NDArray[np.int64]


def evaluate(predictor: Predictor, context: Context, *, resamples: int = 2000, seed: int = 0) -> Card:
    """Accuracy, recall by class and calibration on the context's test split.

    Raises:
        BinomeError: when the predictor's decisions are not the context's.
    """
    decisions = tuple(decision.id for decision in context.task.decisions)
    if predictor.decisions != decisions:
        raise BinomeError(
            f"the predictor decides between {predictor.decisions}, the context between {decisions}; train it again"
        )
    test = context.split("test")
    logits = predictor.logits(test.inputs)
    truths = test.truths.numpy()
    before, after = (torch.softmax(logits / t, 1).max(1) for t in (1.0, predictor.temperature.cpu()))
    chosen = after.indices.numpy()
    correct = chosen == truths
    confusion = np.zeros((len(decisions), len(decisions)), dtype=np.int64)
    np.add.at(confusion, (truths, chosen), 1)
    calibrated = reliability(after.values.double().numpy(), correct)
    raw = reliability(before.values.double().numpy(), correct)
    return Card(
        {
            "context": context.name,
            "architecture": predictor.architecture,
            "parameters": sum(p.numel() for p in predictor.parameters()),
            "training": predictor.training_record,
            "n": len(truths),
            "accuracy": _interval(int(correct.sum()), len(truths)),
            "balanced_accuracy": _balanced(confusion, resamples, seed),
            "per_class": [
                {
                    "id": decision.id,
                    "label": {language: say(decision.label, language) for language in WORDS},
                    "n": int(confusion[i].sum()),
                    "recall": _interval(int(confusion[i, i]), int(confusion[i].sum())),
                    "precision": _ratio(confusion[i, i], confusion[:, i].sum()),
                }
                for i, decision in enumerate(context.task.decisions)
            ],
            "calibration": {
                "temperature": float(predictor.temperature),
                "ece_before": _finite(raw.error),
                "ece_after": _finite(calibrated.error),
                "edges": calibrated.edges.tolist(),
                "closed": "right",
                "bins": [
                    {
                        "low": float(calibrated.edges[i]),
                        "high": float(calibrated.edges[i + 1]),
                        "n": int(calibrated.n[i]),
                        "confidence": _finite(calibrated.confidence[i]),
                        "accuracy": _finite(calibrated.accuracy[i]),
                    }
                    for i in range(len(calibrated.n))
                ],
            },
            "confusion": confusion.tolist(),
        }
    )


@dataclass(frozen=True)
class Card:
    """A model card: what `evaluate` found, as plain JSON values (docs/reference/contexts.md)."""

    figures: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return dict(self.figures)

    def to_markdown(self, language: str = "en") -> str:
        """The card as a page of Markdown in English (`en`) or French (`fr`).

        Raises:
            UnknownNameError: for another language.
        """
        if language not in WORDS:
            raise UnknownNameError("language", language, WORDS)
        words, f = WORDS[language], self.figures
        colon = words["colon"]
        percent = _percent(language)

        def interval(value: Mapping[str, float]) -> str:
            return f"{percent(value['value'])} [{percent(value['low'])}, {percent(value['high'])}]"

        calibration, record = f["calibration"], f["training"]
        rows = [
            f"| {say(row['label'], language)} | {row['n']} | {interval(row['recall'])} | {percent(row['precision'])} |"
            for row in f["per_class"]
        ]
        return "\n".join(
            [
                f"# {words['title']} {f['architecture']} · {f['context']}",
                "",
                words["use"],
                "",
                f"- {words['accuracy']}{colon} {interval(f['accuracy'])} ({f['n']} {words['items']})",
                f"- {words['balanced']}{colon} {interval(f['balanced_accuracy'])}",
                f"- {words['parameters']}{colon} {f['parameters']:,}".replace(",", " "),
                f"- {words['trained']}{colon} {record.get('train_items', '–')} {words['items']}, "
                f"{record.get('epochs') or '–'} {words['epochs']}, {words['seed']} {record.get('seed', '–')}",
                f"- {words['calibration']}{colon} "
                f"{percent(calibration['ece_before'])} → {percent(calibration['ece_after'])} "
                f"(T = {calibration['temperature']:.2f})".replace(".", words["point"]),
                "",
                f"## {words['per_class']}",
                "",
                f"| {words['class']} | n | {words['recall']} | {words['precision']} |",
                "|---|---:|---:|---:|",
                *rows,
                "",
            ]
        )


WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Model card:", "accuracy": "Accuracy on held-out items", "balanced": "Balanced accuracy",
        "items": "items",
        "parameters": "Parameters", "trained": "Trained on", "epochs": "epochs", "seed": "seed", "point": ".",
        "calibration": "Expected calibration error before → after temperature scaling", "per_class": "By class",
        "class": "class", "recall": "recall", "precision": "precision", "colon": ":",
        "use": "Made for experiments on decisions with advice; not for any use outside them. Intervals: 95 %.",
    },
    "fr": {
        "title": "Fiche du modèle :", "accuracy": "Exactitude sur des exemples non vus",
        "balanced": "Exactitude équilibrée", "items": "exemples", "parameters": "Paramètres",
        "trained": "Entraîné sur", "epochs": "époques",
        "seed": "graine",
        "calibration": "Erreur de calibration attendue, avant → après mise à température", "per_class": "Par classe",
        "class": "classe", "recall": "rappel", "precision": "précision", "point": ",", "colon": " :",
        "use": "Conçu pour des expériences de décision avec conseil ; pas pour un autre usage. Intervalles : 95 %.",
    },
}  # fmt: skip


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927); NaN when n is 0."""
    if n == 0:
        return float("nan"), float("nan")
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _interval(successes: int, n: int) -> dict[str, float | None]:
    low, high = wilson(successes, n)
    return {"value": _ratio(successes, n), "low": _finite(low), "high": _finite(high)}


def _balanced(confusion: Counts, resamples: int, seed: int) -> dict[str, float | None]:
    """Mean recall with a bootstrap interval that redraws items within each class; None when a class has no item."""
    n = confusion.sum(1)
    if (n == 0).any():
        return {"value": None, "low": None, "high": None}
    recall = np.diag(confusion) / n
    generator = np.random.default_rng(derive_seed(seed, "balanced accuracy"))
    draws = (generator.binomial(n, recall, (resamples, len(n))) / n).mean(1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"value": float(recall.mean()), "low": float(low), "high": float(high)}


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _percent(language: str) -> Any:
    def write(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{100 * value:.1f} %".replace(".", WORDS[language]["point"])

    return write
