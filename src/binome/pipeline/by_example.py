"""Explanations by example, from the machine half's places and inputs to what is frozen: ids, answers and words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from binome.core.stimulus import Answer, Change, Counterfactual
from binome.pipeline.answers import on_scale

if TYPE_CHECKING:
    from binome.contexts import Context
    from binome.explain import CaseBase, Changed, Cited
    from binome.models import Predictor
    from binome.stimuli import ExampleSource


def case_base(context: Context) -> CaseBase:
    """The training items with their true answers; protected attributes are nothing to be changed."""
    from binome.explain import CaseBase

    train, task = context.split("train"), context.task
    lines = [task.features[line] for line in context.inputs_of]
    return CaseBase(
        train.inputs,
        train.truths,
        context.categories,
        features=tuple(line.id for line in lines),
        protected=tuple(line.id for line in lines if line.protected),
    )


def write_examples(path: Path, found: Sequence[Sequence[Cited]], context: Context) -> dict[str, Any]:
    """One list an item: each example's id, true answer, kind and similarity."""
    train = context.split("train")
    rows = [
        [
            {
                "source": train.ids[cited.place],
                "label": _answer(train.truths[cited.place], context),
                "kind": cited.kind,
                "similarity": cited.similarity,
            }
            for cited in examples
        ]
        for examples in found
    ]
    _write(path, rows)
    return {"items": len(rows)}


def read_examples(path: Path, rows: Sequence[int]) -> list[list[ExampleSource]]:
    """The examples of some of the items, in that order."""
    from binome.stimuli import ExampleSource

    lists = json.loads(path.read_text("utf-8"))
    return [[ExampleSource(**example) for example in lists[row]] for row in rows]


def write_counterfactuals(
    path: Path, found: Sequence[Sequence[Changed]], context: Context, predictor: Predictor, advice: Sequence[Answer]
) -> dict[str, Any]:
    """One list an item: what the advice would be, its confidence, and which lines would be as in which other item.

    What would be said in the same words as the advice (an estimate within its steps) is no alternative, and left out.
    """
    train = context.split("train")
    rows = []
    for row, said in zip(found, advice, strict=True):
        answers = predictor.predict(torch.stack([one.inputs.cpu() for one in row])) if row else None
        kept = []
        for place, one in enumerate(row):
            assert answers is not None
            decision = _answer(on_scale(answers.decisions, context)[place], context)
            if decision != said:
                kept.append(
                    {
                        "decision": decision,
                        "confidence": round(float(answers.confidence[place]), 6),
                        "source": train.ids[one.place],
                        "lines": [context.inputs_of[feature] for feature in one.features],
                        "distance": round(one.distance, 6),
                    }
                )
        rows.append(kept)
    _write(path, rows)
    return {"items": len(rows), "without": sum(not row for row in rows)}


def read_counterfactuals(path: Path, rows: Sequence[int], context: Context) -> list[list[Counterfactual]]:
    """The counterfactuals of some of the items, in that order, their values in words.

    A value is that of the other item, in the words in which it is shown; a line that the operator may not see has none.
    """
    lists = json.loads(path.read_text("utf-8"))

    def changes(one: dict[str, Any]) -> tuple[Change, ...]:
        case = context.show(one["source"]).case
        return tuple(Change(line, case[line] or "") for line in one["lines"])

    return [[Counterfactual(one["decision"], one["confidence"], changes(one)) for one in lists[row]] for row in rows]


def _answer(value: Any, context: Context) -> Answer:
    decisions = context.task.decisions
    return decisions[int(value)].id if decisions else round(float(value), 6)


def _write(path: Path, rows: Any) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
