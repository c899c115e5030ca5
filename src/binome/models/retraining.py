"""Retraining: the same predictor over several seeds, as one object for studies of what the seed alone changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import torch

from binome.contexts import Context, SplitName
from binome.core import ArtefactStore, BinomeError, Recipe
from binome.core.progress import bar
from binome.models.fitting import fit
from binome.models.predictor import Prediction, Predictor
from binome.models.storage import load, save
from binome.models.training import fingerprint


@dataclass(frozen=True)
class Retrained:
    """Predictors that differ in their seed only.

    Attributes:
        seeds, predictors: in the same order.
    """

    context: Context
    seeds: tuple[int, ...]
    predictors: tuple[Predictor, ...]

    def __len__(self) -> int:
        return len(self.predictors)

    def __iter__(self) -> Iterator[Predictor]:
        return iter(self.predictors)

    def __getitem__(self, place: int) -> Predictor:
        return self.predictors[place]

    @cached_property
    def _answers(self) -> dict[SplitName, tuple[Prediction, ...]]:
        return {}

    def predict(self, split: SplitName = "test") -> tuple[Prediction, ...]:
        """Each predictor's answers to all items of a split; computed once."""
        if split not in self._answers:
            inputs = self.context.split(split).inputs
            self._answers[split] = tuple(predictor.predict(inputs) for predictor in self.predictors)
        return self._answers[split]

    def answers(self, split: SplitName = "test") -> pl.DataFrame:
        """All answers in one table: seed, item, truth, advice, confidence, right; one row a seed and item."""
        items, task = self.context.split(split), self.context.task
        names = [decision.id for decision in task.decisions]

        def words(values: torch.Tensor) -> list[str] | list[float]:
            return [names[i] for i in values.tolist()] if names else values.double().tolist()

        return pl.concat(
            pl.DataFrame(
                {
                    "seed": [seed] * len(items),
                    "item": list(items.ids),
                    "truth": words(items.truths),
                    "advice": words(answer.decisions),
                    "confidence": answer.confidence.double().numpy(),
                    "right": items.right(answer.decisions, task.number).numpy(),
                }
            )
            for seed, answer in zip(self.seeds, self.predict(split), strict=True)
        )

    def agreement(self, split: SplitName = "test") -> torch.Tensor:
        """Share of the predictors that give an item its commonest decision: float32 (n,).

        Raises:
            BinomeError: for estimates.
        """
        if self.context.task.number is not None:
            raise BinomeError("agreement compares decisions; for estimates look at the spread of `answers`")
        decisions = torch.stack([answer.decisions for answer in self.predict(split)])
        counts = torch.nn.functional.one_hot(decisions, len(self.context.task.decisions)).sum(0)
        return counts.amax(1) / len(self)


def fit_seeds(
    context: Context, architecture: str, seeds: Sequence[int], *, folder: Path | None = None, **settings: Any
) -> Retrained:
    """`fit`, once a seed.

    Args:
        folder: where the predictors are kept; those that are there already are not trained again, and a fit that was
            interrupted goes on.
        settings: as for `fit`.

    Raises:
        BinomeError: when there is no seed, or one comes twice; and as `fit` does.
    """
    if not seeds or len(set(seeds)) != len(seeds):
        raise BinomeError(f"seeds are {list(seeds)}; give one or more different whole numbers")
    predictors = []
    with bar(f"retraining {architecture}", len(seeds)) as progress:
        for seed in seeds:
            predictors.append(_one(context, architecture, seed, folder, settings))
            progress.advance()
    return Retrained(context, tuple(seeds), tuple(predictors))


def _one(context: Context, architecture: str, seed: int, folder: Path | None, settings: dict[str, Any]) -> Predictor:
    if folder is None:
        return fit(context, architecture, seed, **settings)
    spec = {
        "context": context.name, "view": dict(context.predictor_view), "architecture": architecture, "seed": seed,
        "settings": settings, "items": fingerprint(context.split("train")),
    }  # fmt: skip

    def train(target: Path) -> None:
        save(fit(context, architecture, seed, checkpoint=target / ".checkpoint", **settings), target)

    return load(ArtefactStore(folder).make(Recipe("predictor", spec), train))
