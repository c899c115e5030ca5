"""The whole study, stage by stage: each stage is an artefact, found again when nothing changed.

Keys are computed from the study file alone, so a finished study answers in well under a second. PyTorch
and the machine half are therefore imported inside the stages that need them, and only when they run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from binome import protocol as protocols
from binome.core import ArtefactStore, BinomeError, Problem, Recipe, StudyError, derive_seed
from binome.core.stimulus import ExplanationCard, PredictorCard, Role, StimulusSet, read_stimuli
from binome.protocol import Protocol

if TYPE_CHECKING:
    import polars as pl
    import torch

    from binome.contexts import Context
    from binome.models import Predictor

RENDERING = {"size": 280}
"""What the stimuli's rendering depends on beside the maps; part of their key."""


@dataclass(frozen=True)
class Stage:
    """What a stage did: `made` is False when the artefact was there already."""

    name: str
    path: Path
    made: bool
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return {"stage": self.name, "path": str(self.path), "made": self.made, "seconds": round(self.seconds, 3)}


Report = Callable[[Stage], None]


class Pipeline:
    """A study's stages from the predictor to the frozen stimulus set.

    Args:
        protocol: the checked study.
        on_stage: told of each stage as it ends.
    """

    def __init__(self, protocol: Protocol, on_stage: Report = lambda stage: None) -> None:
        self.protocol = protocol
        self.study = protocol.study
        self.store = ArtefactStore(protocol.folder / "artefacts")
        self.on_stage = on_stage
        self._context: Context | None = None
        self._predictor: Predictor | None = None

    # Recipes: what determines each artefact.

    @cached_property
    def predictor_recipe(self) -> Recipe:
        context = {**self.study.spec("context")}
        del context["operator_view"]  # what people see does not change the model
        return Recipe("predictor", {"context": context, "predictor": self.study.spec("predictor")})

    @cached_property
    def selection_recipe(self) -> Recipe:
        spec = {
            "stimuli": self.study.spec("stimuli"),
            "practice": self.study.operators.practice,
            "sample": {"items": self.study.variation.items, "seed": self.study.variation.seed},
        }
        return Recipe("selection", spec, {"predictor": self.predictor_recipe})

    @cached_property
    def explanation_recipes(self) -> dict[str, Recipe]:
        """One recipe an explanation, in an order in which every `of` comes before what is made from it."""
        recipes: dict[str, Recipe] = {}
        waiting = dict(self.study.explanations)
        while waiting:
            for name, explanation in list(waiting.items()):
                source = explanation.params.get("of")
                if source in self.study.explanations and source not in recipes:
                    continue
                parents = {"predictor": self.predictor_recipe, "selection": self.selection_recipe}
                if source in recipes:
                    parents["of"] = recipes[source]
                recipes[name] = Recipe("explanation", explanation.model_dump(mode="json"), parents)
                del waiting[name]
        return recipes

    @cached_property
    def variation_recipe(self) -> Recipe:
        parents = {"predictor": self.predictor_recipe, "selection": self.selection_recipe, **self.explanation_recipes}
        return Recipe("variation", self.study.spec("variation"), parents)

    @cached_property
    def stimuli_recipe(self) -> Recipe:
        spec = {"context": self.study.spec("context"), "stimuli": self.study.spec("stimuli"), "rendering": RENDERING}
        parents = {**self.variation_recipe.parents, "variation": self.variation_recipe}
        return Recipe("stimuli", spec, parents, format=3)

    # Stages.

    def train(self) -> Path:
        """The predictor with its model card and its answers on the test items."""
        return self._stage("predictor", self.predictor_recipe, self._train)

    def select(self) -> Path:
        """Which test items are shown, and which are sampled for the variation study."""
        self.train()
        return self._stage("selection", self.selection_recipe, self._select)

    def explain(self) -> dict[str, Path]:
        """The maps of every declared explanation on the selected items."""
        self.select()
        return {
            name: self._stage(f"explanation {name}", recipe, partial(self._explain, name))
            for name, recipe in self.explanation_recipes.items()
        }

    def vary(self) -> Path:
        """Quality scores and agreements of the explanations."""
        self.explain()
        return self._stage("variation", self.variation_recipe, self._vary)

    def stimuli(self) -> Path:
        """The frozen stimulus set."""
        self.vary()
        return self._stage("stimuli", self.stimuli_recipe, self._freeze)

    build = stimuli

    def read_stimuli(self) -> StimulusSet:
        """The stimulus set of a built study.

        Raises:
            BinomeError: when it was not built from this study file.
        """
        folder = self.store.path(self.stimuli_recipe)
        if not folder.exists():
            raise BinomeError(
                f"{self.protocol.source} has no stimuli, or changed since: run `binome build {self.protocol.folder}`"
            )
        return read_stimuli(folder)

    def card(self) -> dict[str, Any]:
        """The predictor's model card."""
        loaded: dict[str, Any] = json.loads((self.store.path(self.predictor_recipe) / "card.json").read_text("utf-8"))
        return loaded

    def check_supply(self) -> list[Problem]:
        """Whether a trained predictor's answers can supply the declared stimuli; empty when it is not trained yet."""
        if not self.store.has(self.predictor_recipe):
            return []
        try:
            self._draw()
        except StudyError as error:
            return list(error.problems)
        return []

    # What the stages do.

    def _stage(self, name: str, recipe: Recipe, build: Callable[[Path], Mapping[str, Any] | None]) -> Path:
        start = time.perf_counter()
        made = False

        def run(folder: Path) -> Mapping[str, Any] | None:
            nonlocal made
            made = True
            return build(folder)

        path = self.store.make(recipe, run)
        self.on_stage(Stage(name, path, made, time.perf_counter() - start))
        return path

    def _train(self, folder: Path) -> Mapping[str, Any]:
        import polars as pl

        from binome import models

        spec, context = self.study.predictor, self.context
        predictor = models.fit(
            context, spec.architecture, seed=spec.seed, checkpoint=folder / ".checkpoint", **spec.params
        )
        card = models.evaluate(predictor, context)
        models.save(predictor, folder)
        test = context.split("test")
        answers = predictor.predict(test.inputs)
        decisions = [decision.id for decision in context.task.decisions]
        pl.DataFrame(
            {
                "item": test.ids,
                "truth": [decisions[i] for i in test.truths.tolist()],
                "advice": [decisions[i] for i in answers.decisions.tolist()],
                "confidence": answers.confidence.double().numpy(),
            }
        ).write_parquet(folder / "answers.parquet")
        _write_json(folder / "card.json", card.as_dict())
        for language in ("en", "fr"):
            (folder / f"card.{language}.md").write_text(card.to_markdown(language), "utf-8")
        return {"accuracy": card.as_dict()["accuracy"]}

    def _select(self, folder: Path) -> Mapping[str, Any]:
        _write_json(folder / "selection.json", self._draw())
        return {}

    def _draw(self) -> dict[str, list[int]]:
        """Indices into the test split: trial and practice items, and the variation study's random sample."""
        import numpy as np

        from binome import stimuli

        answers, spec = self._answers(), self.study.stimuli
        try:
            chosen = stimuli.select(
                answers["truth"].to_numpy(),
                answers["advice"].to_numpy(),
                items=spec.items,
                predictor_accuracy=spec.predictor_accuracy,
                balance=spec.balance,
                practice=self.study.operators.practice,
                seed=spec.seed,
            )
        except stimuli.SupplyError as error:
            raise StudyError(
                [self.protocol.problem(f"stimuli.{error.field}", error.found, error.expected, error.hint)]
            ) from error
        count = min(self.study.variation.items, len(answers))
        generator = np.random.default_rng(derive_seed(self.study.variation.seed, "variation", "sample"))
        sample = generator.choice(len(answers), size=count, replace=False)
        return {"trial": list(chosen.trial), "practice": list(chosen.practice), "sample": sorted(sample.tolist())}

    def _explain(self, name: str, folder: Path) -> Mapping[str, Any]:
        import numpy as np

        from binome import explain

        explanation = self.study.explanations[name]
        inputs, targets = self._explained_inputs()
        params = explanation.params
        if params.get("of") in self.explanation_recipes:
            params["of"] = self._maps(params["of"])
        maps = explain.attribute(
            self.predictor, inputs, targets, method=explanation.method, seed=explanation.seed, progress=name, **params
        )
        np.save(folder / "maps.npy", maps.numpy().astype(np.float32))
        return {"items": len(maps)}

    def _vary(self, folder: Path) -> Mapping[str, Any]:
        from binome import variation

        inputs, targets = self._explained_inputs()
        spec = self.study.variation
        comparison = variation.compare(
            self.predictor,
            inputs,
            targets,
            {name: self._maps(name) for name in self.explanation_recipes},
            items=self._explained_items(),
            metrics=spec.metrics,
            agreements=spec.agreements,
            seed=spec.seed,
            progress=True,
        )
        comparison.scores.write_parquet(folder / "scores.parquet")
        comparison.agreements.write_parquet(folder / "agreements.parquet")
        return {"scores": comparison.scores.height, "agreements": comparison.agreements.height}

    def _freeze(self, folder: Path) -> Mapping[str, Any]:
        import polars as pl

        from binome import explain, stimuli

        selection, answers = self._selection(), self._answers()
        shown = selection["trial"] + selection["practice"]
        rows = {index: row for row, index in enumerate(self._explained())}
        take = [rows[index] for index in shown]
        picked = answers[shown]
        roles: list[Role] = ["trial"] * len(selection["trial"])
        roles += ["practice"] * len(selection["practice"])
        scores = pl.read_parquet(self.store.path(self.variation_recipe) / "scores.parquet")
        built = stimuli.build(
            folder,
            task=self.context.task,
            predictor=self._predictor_card(),
            roles=roles,
            ids=picked["item"].to_list(),
            truths=picked["truth"].to_list(),
            advice=picked["advice"].to_list(),
            confidence=picked["confidence"].to_list(),
            show=self.context.show,
            maps={
                name: explain.reduce(self._maps(name)[take], channels="sum", sign="absolute")
                for name in self.explanation_recipes
            },
            explanations=self._explanation_cards(),
            scores=_nested(scores),
            seed=self.study.stimuli.seed,
            **RENDERING,
        )
        return {"items": len(built.items)}

    # What the stages read.

    @property
    def context(self) -> Context:
        from binome import contexts

        if self._context is None:
            spec = self.study.context
            self._context = contexts.load(
                spec.name, operator_view=spec.operator_view, predictor_view=spec.predictor_view, **spec.params
            )
        return self._context

    @property
    def predictor(self) -> Predictor:
        from binome import models

        if self._predictor is None:
            self._predictor = models.load(self.store.path(self.predictor_recipe))
        return self._predictor

    def _answers(self) -> pl.DataFrame:
        import polars as pl

        return pl.read_parquet(self.store.path(self.predictor_recipe) / "answers.parquet")

    def _selection(self) -> dict[str, list[int]]:
        path = self.store.path(self.selection_recipe) / "selection.json"
        loaded: dict[str, list[int]] = json.loads(path.read_text("utf-8"))
        return loaded

    def _explained(self) -> list[int]:
        """Indices of all items that are explained, each once, in increasing order."""
        return sorted(set().union(*self._selection().values()))

    def _explained_items(self) -> list[str]:
        ids: list[str] = self._answers()["item"][self._explained()].to_list()
        return ids

    def _explained_inputs(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and the predictor's own decisions: explanations answer "why this advice?"."""
        import torch

        index = self._explained()
        decisions = {decision.id: i for i, decision in enumerate(self.context.task.decisions)}
        advice = self._answers()["advice"][index].to_list()
        return self.context.split("test").inputs[index], torch.tensor([decisions[name] for name in advice])

    def _maps(self, name: str) -> torch.Tensor:
        import numpy as np
        import torch

        return torch.from_numpy(np.load(self.store.path(self.explanation_recipes[name]) / "maps.npy"))

    def _predictor_card(self) -> PredictorCard:
        card = self.card()
        accuracy = card["accuracy"]
        return PredictorCard(
            architecture=card["architecture"],
            accuracy=accuracy["value"],
            accuracy_low=accuracy["low"],
            accuracy_high=accuracy["high"],
            n=card["n"],
            calibration_error=card["calibration"]["ece_after"],
        )

    def _explanation_cards(self) -> list[ExplanationCard]:
        from binome import explain

        cards = []
        for name, explanation in self.study.explanations.items():
            method = explain.methods()[explanation.method]
            cards.append(
                ExplanationCard(
                    name=name,
                    method=explanation.method,
                    family=method.declared["family"],
                    control=bool(method.declared.get("control")),
                    params={**explanation.params, "seed": explanation.seed},
                )
            )
        return cards


def open_study(path: Path, on_stage: Report = lambda stage: None) -> Pipeline:
    """The pipeline of a study folder or study file.

    Raises:
        StudyError: with every problem of the file.
    """
    return Pipeline(protocols.load(path), on_stage)


def _nested(scores: pl.DataFrame) -> dict[str, dict[str, dict[str, float | None]]]:
    """Scores by explanation, metric and item."""
    nested: dict[str, dict[str, dict[str, float | None]]] = {}
    for explanation, metric, item, value in scores.select("explanation", "metric", "item", "value").iter_rows():
        nested.setdefault(explanation, {}).setdefault(metric, {})[item] = value
    return nested


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
