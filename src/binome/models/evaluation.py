"""`evaluate`: a predictor on items that it never saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from binome.contexts import Context, Split
from binome.core import BinomeError, derive_seed
from binome.core.text import Text, say
from binome.models import scores
from binome.models.calibration import Reliability, reliability
from binome.models.cards import Card
from binome.models.cards.wording import LANGUAGES
from binome.models.corruption import corrupt, corruptions
from binome.models.predictor import Prediction, Predictor

FEWEST = 5
"""A group of fewer items is listed without figures: they would say nothing, and might point at a person."""


def evaluate(
    predictor: Predictor, context: Context, *, resamples: int = 2000, seed: int = 0, robustness: int = 1000
) -> Card:
    """What a predictor is worth on the context's test split.

    Args:
        resamples: of the bootstrap intervals; 0 for none but Wilson's.
        robustness: how many test items, the first ones, are tried under corruptions; 0 for none.

    Raises:
        BinomeError: when the predictor's decisions are not the context's.
    """
    decisions = tuple(decision.id for decision in context.task.decisions)
    if predictor.decisions != decisions:
        raise BinomeError(
            f"the predictor decides between {predictor.decisions}, the context between {decisions}; train it again"
        )
    test = context.split("test")
    answers = predictor.predict(test.inputs)
    right = test.right(answers.decisions, context.task.number).numpy()
    figures: dict[str, Any] = {
        "context": context.name,
        "title": _words(context.task.title),
        "architecture": predictor.architecture,
        "parameters": sum(p.numel() for p in predictor.parameters()),
        "training": predictor.training_record,
        "views": {"operator": dict(context.operator_view), "predictor": dict(context.predictor_view)},
        "skipped": len(context.skipped),
        "n": len(test),
        "accuracy": scores.share(right),
        "several_right": 0 if test.accepted is None else int((test.accepted.sum(1) > 1).sum()),
    }
    if context.task.number is None:
        figures |= _decisions(predictor, context, test, answers, resamples, seed)
    else:
        figures |= _estimates(context, test, answers, right, resamples, seed)
    figures["groups"] = _groups(context, test, answers, right)
    figures["robustness"] = _robustness(predictor, context, test[:robustness], seed)
    return Card(figures)


def _decisions(
    predictor: Predictor, context: Context, test: Split, answers: Prediction, resamples: int, seed: int
) -> dict[str, Any]:
    """What can be said of decisions, on the items that have one right decision only (all, outside games)."""
    logits = predictor.logits(test.inputs)
    one = torch.ones(len(test), dtype=torch.bool) if test.accepted is None else test.accepted.sum(1) == 1
    truths, chosen = test.truths[one].numpy(), answers.decisions[one].numpy()
    probabilities = answers.probabilities[one].double().numpy()
    count = len(context.task.decisions)
    confusion = np.zeros((count, count), dtype=np.int64)
    np.add.at(confusion, (truths, chosen), 1)
    right = test.right(answers.decisions).numpy()
    before, after = (torch.softmax(logits / t, 1).max(1).values for t in (1.0, predictor.temperature.cpu()))
    calibrated = reliability(after.double().numpy(), right)
    raw = reliability(before.double().numpy(), right)

    def generator(name: str) -> np.random.Generator:
        return np.random.default_rng(derive_seed(seed, name))

    return {
        "balanced_accuracy": scores.from_confusion(
            scores.recall, confusion, resamples, generator("balanced accuracy"), within=True
        ),
        "macro_f1": scores.from_confusion(scores.macro_f1, confusion, resamples, generator("macro F1")),
        "auroc": scores.resampled(
            lambda weights: _auroc(probabilities, truths, weights), len(truths), resamples, generator("AUROC")
        ),
        "brier": scores.mean(scores.brier(probabilities, truths), resamples, generator("Brier")),
        "per_class": [
            {
                "id": decision.id,
                "label": _words(decision.label),
                "n": int(confusion[i].sum()),
                "recall": scores.share(chosen[truths == i] == i),
                "precision": _ratio(confusion[i, i], confusion[:, i].sum()),
            }
            for i, decision in enumerate(context.task.decisions)
        ],
        "calibration": {
            "temperature": float(predictor.temperature),
            "ece_before": scores.finite(raw.error),
            "ece_after": scores.finite(calibrated.error),
            "edges": calibrated.edges.tolist(),
            "closed": "right",
            "bins": _bins(calibrated),
            "bins_before": _bins(raw),
        },
        "confusion": confusion.tolist(),
    }


def _auroc(probabilities: Any, truths: Any, weights: Any) -> Any:
    """Of two decisions, that of the second; of more, the mean over decisions of each against all others."""
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    return np.mean([scores.auroc(probabilities[:, c], truths == c, weights) for c in classes], axis=0)


def _estimates(
    context: Context, test: Split, answers: Prediction, right: Any, resamples: int, seed: int
) -> dict[str, Any]:
    """What can be said of estimates; errors in the task's unit."""
    number = context.task.number
    assert number is not None
    truths = test.truths.double().numpy()
    gaps = answers.decisions.double().numpy() - truths
    generator = np.random.default_rng(derive_seed(seed, "error"))
    spread = float(((truths - truths.mean()) ** 2).sum())
    return {
        "unit": _words(number.unit),
        "tolerance": number.tolerance,
        "error": scores.mean(np.abs(gaps), resamples, generator),
        "error_root_mean_square": float(np.sqrt((gaps**2).mean())),
        "bias": scores.mean(gaps, resamples, generator),
        "explained": 1 - float((gaps**2).sum()) / spread if spread else None,
        "calibration": {
            "confidence": float(answers.confidence[0]),
            "ece_after": abs(float(answers.confidence[0]) - float(right.mean())),
        },
    }


def _groups(context: Context, test: Split, answers: Prediction, right: Any) -> list[dict[str, Any]]:
    """By protected attribute and value: accuracy, and how often the last decision is advised, or the mean error."""
    rows = []
    for attribute, values in test.groups.items():
        label = next((f.label for f in context.task.features if f.id == attribute), attribute)
        for value in sorted(set(values)):
            members = np.array([other == value for other in values])
            row: dict[str, Any] = {
                "attribute": attribute, "label": _words(label), "value": value, "n": int(members.sum()),
            }  # fmt: skip
            if row["n"] >= FEWEST:
                row["accuracy"] = scores.share(right[members])
                inside = torch.from_numpy(members)
                if context.task.number is None:
                    last = len(context.task.decisions) - 1
                    row["advised_last"] = scores.share((answers.decisions[inside] == last).numpy())
                    row["true_last"] = scores.share((test.truths[inside] == last).numpy())
                else:
                    gaps = answers.decisions[inside].double() - test.truths[inside].double()
                    row["bias"] = float(gaps.mean())
            rows.append(row)
    return rows


def _robustness(predictor: Predictor, context: Context, items: Split, seed: int) -> list[dict[str, Any]]:
    """Accuracy under each corruption and severity, beside that on the same items as they are (severity 0)."""
    if not len(items):
        return []
    changes = corruptions(context)
    cases = [("none", 0), *((name, severity) for name in changes for severity in (1, 2, 3))] if changes else []
    rows = []
    for name, severity in cases:
        inputs = items.inputs if not severity else corrupt(items.inputs, name, severity, context, seed)
        answers = predictor.predict(inputs)
        right = items.right(answers.decisions, context.task.number).numpy()
        rows.append({"corruption": name, "severity": severity, "n": len(items), "accuracy": scores.share(right)})
    return rows


def _bins(found: Reliability) -> list[dict[str, Any]]:
    return [
        {
            "low": float(found.edges[i]),
            "high": float(found.edges[i + 1]),
            "n": int(found.n[i]),
            "confidence": scores.finite(found.confidence[i]),
            "accuracy": scores.finite(found.accuracy[i]),
        }
        for i in range(len(found.n))
    ]


def _words(text: Text) -> Mapping[str, str]:
    return {language: say(text, language) for language in LANGUAGES}


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
