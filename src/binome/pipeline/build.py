"""The whole study, stage by stage: each stage is an artefact, found again when nothing changed.

Keys are computed from the study file alone, so a finished study answers in well under a second. PyTorch
and the machine half are therefore imported inside the stages that need them, and only when they run.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from binome import protocol as protocols
from binome.core import ArtefactStore, BinomeError, Problem, Recipe, Spec, StudyError, derive_seed
from binome.core.stimulus import PredictorCard, Role, StimulusSet, read_stimuli
from binome.pipeline import varying
from binome.pipeline.explaining import Explaining
from binome.pipeline.recipes import RENDERING, Recipes
from binome.pipeline.varying import Sweep
from binome.protocol import PredictorSpec, Protocol

if TYPE_CHECKING:
    import polars as pl
    import torch

    from binome.contexts import Context
    from binome.models import Predictor

LANGUAGES = ("en", "fr")
COVARIATES = ("difficulty", "difficulty_operator", "complementarity")


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
        skip_bad: leave out data that cannot be used, and list it, instead of refusing all.
        memory: what the tensors of explanations may take together, e.g. `2GiB`; it changes no result.
    """

    def __init__(
        self,
        protocol: Protocol,
        on_stage: Report = lambda stage: None,
        *,
        skip_bad: bool = False,
        memory: str | None = None,
    ) -> None:
        self.protocol, self.skip_bad, self.memory = protocol, skip_bad, memory
        self.study = protocol.study
        self.recipes = Recipes(protocol)
        self.store = ArtefactStore(protocol.folder / "artefacts")
        self.explaining = Explaining(protocol, lambda name: self.store.path(self.recipes.explanations[name]))
        self.on_stage = on_stage
        self._context: Context | None = None
        self._predictor: Predictor | None = None

    # Stages.

    def train(self) -> Path:
        """The predictor with its model card, its overview and its answers on the test items."""
        if int(os.environ.get("RANK", "0")) > 0:  # one of several processes: it helps to train, and writes nothing
            if not self.store.has(self.recipes.predictor):
                self._fit(self._partial_predictor())
            return self.store.path(self.recipes.predictor)
        path = self._stage("predictor", self.recipes.predictor, self._train)
        self._stage("overview", self.recipes.overview, self._overview)
        return path

    def compare_sides(self) -> Path | None:
        """Which side should be right on each test item, where the study asks."""
        self.train()
        if self.recipes.sides is None:
            return None
        return self._stage("sides", self.recipes.sides, self._compare_sides)

    def select(self) -> Path:
        """Which test items are shown, and which are sampled for the variation study."""
        self.compare_sides()
        return self._stage("selection", self.recipes.selection, self._select)

    def explain(self) -> dict[str, Path]:
        """The maps of every declared explanation on the selected items."""
        self.select()
        if not all(self.store.has(recipe) for recipe in self.recipes.explanations.values()):
            self.explaining.check_renderings(self.context)
        return {
            name: self._stage(f"explanation {name}", recipe, partial(self._explain, name))
            for name, recipe in self.recipes.explanations.items()
        }

    def compare(self) -> Path:
        """Quality scores and agreements of the declared explanations."""
        self.explain()
        return self._stage("variation", self.recipes.variation, self._compare)

    def vary(self, sweep: Sweep | None = None) -> Path:
        """`compare`, and the variation grid with its page, where the study declares one."""
        compared = self.compare()
        if self.recipes.grid is None:
            return compared
        for spec in self.recipes.retrained[1:]:
            name = f"predictor {spec.architecture} {spec.seed}"
            self._stage(name, self.recipes.trained(spec), partial(self._train, spec=spec))
        try:
            path = self._stage("variation grid", self.recipes.grid, partial(self._sweep, sweep=sweep or Sweep()))
        except varying.CostTold:
            return compared
        varying.publish(self.protocol.folder / "results", path, self.study.title)
        return path

    def stimuli(self) -> Path:
        """The frozen stimulus set."""
        self.compare()
        if not self.store.has(self.recipes.stimuli):  # how they are shown may have changed alone
            self.explaining.check_renderings(self.context)
        return self._stage("stimuli", self.recipes.stimuli, self._freeze)

    build = stimuli

    def read_stimuli(self) -> StimulusSet:
        """The stimulus set of a built study.

        Raises:
            BinomeError: when it was not built from this study file.
        """
        folder = self.store.path(self.recipes.stimuli)
        if not folder.exists():
            raise BinomeError(
                f"{self.protocol.source} has no stimuli, or changed since: run `binome build {self.protocol.folder}`"
            )
        return read_stimuli(folder)

    def skipped(self) -> list[str]:
        """Files and rows that were left out when the predictor was trained, each with the reason."""
        path = self.store.path(self.recipes.predictor) / "skipped.txt"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def card(self) -> dict[str, Any]:
        """The predictor's model card."""
        loaded: dict[str, Any] = json.loads((self.store.path(self.recipes.predictor) / "card.json").read_text("utf-8"))
        return loaded

    def check_supply(self) -> list[Problem]:
        """Whether a trained predictor's answers can supply the declared stimuli; empty when it is not trained yet."""
        needed = [recipe for recipe in (self.recipes.predictor, self.recipes.sides) if recipe is not None]
        if not all(self.store.has(recipe) for recipe in needed):
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

    def _fit(self, folder: Path, spec: PredictorSpec | None = None) -> Predictor:
        from binome import models

        spec = spec or self.study.predictor
        return models.fit(
            self.context, spec.architecture, seed=spec.seed, checkpoint=folder / ".checkpoint", **spec.params
        )

    def _partial_predictor(self) -> Path:
        """Where the first of several processes keeps its checkpoints."""
        return self.store.partial(self.recipes.predictor)

    def _train(self, folder: Path, spec: PredictorSpec | None = None) -> Mapping[str, Any]:
        from binome import models
        from binome.pipeline.answers import answer_table

        self._check_items()
        context, predictor = self.context, self._fit(folder, spec)
        card = models.evaluate(predictor, context)
        models.save(predictor, folder)
        answer_table(predictor, context).write_parquet(folder / "answers.parquet")
        _write_json(folder / "card.json", card.as_dict())
        for language in LANGUAGES:
            (folder / f"card.{language}.md").write_text(card.to_markdown(language), "utf-8")
            (folder / f"card.{language}.html").write_text(card.to_html(language), "utf-8")
        if context.skipped:
            (folder / "skipped.txt").write_text("\n".join(context.skipped) + "\n", "utf-8")
        return {"accuracy": card.as_dict()["accuracy"], "skipped": len(context.skipped)}

    def _check_items(self) -> None:
        """Refuse, before anything is trained, more items than the context will ever supply."""
        wanted, practice = self.study.stimuli.items, self.study.operators.practice
        most = len(self.context.split("test")) - practice
        if wanted > most:
            expected = f"at most {most}, the test items less {practice} for practice"
            raise StudyError([self.protocol.problem("stimuli.items", str(wanted), expected)])

    def _overview(self, folder: Path) -> Mapping[str, Any]:
        from binome import models

        found = models.overview(self.predictor, self.context, models.Card(self.card()))
        for language in LANGUAGES:
            (folder / f"overview.{language}.html").write_text(found.to_html(language), "utf-8")
        return {}

    def _compare_sides(self, folder: Path) -> Mapping[str, Any]:
        from binome import models

        proxy, view = self.study.stimuli.proxy, dict(self.study.context.operator_view)
        assert proxy is not None
        view.pop("note", None)  # a side note is seen: nothing is hidden from who has it
        seen = self._load(predictor_view=view)
        stand_in = models.fit(seen, proxy.architecture, seed=proxy.seed, **proxy.params)
        found = models.sides(
            self.predictor, self.context.split("test"), stand_in, seen.split("test"), self.context.task.number
        )
        found.as_table().write_parquet(folder / "sides.parquet")
        return {side: found.complementarity.count(side) for side in models.SIDES}

    def _select(self, folder: Path) -> Mapping[str, Any]:
        _write_json(folder / "selection.json", self._draw())
        return {}

    def _draw(self) -> dict[str, list[int]]:
        """Indices into the test split: trial and practice items, and the variation study's random sample."""
        import numpy as np

        from binome import stimuli

        answers, spec = self._answers(), self.study.stimuli
        if spec.balance and self.context.task.number is not None:
            expected = "no balance: estimates have no classes"
            raise StudyError([self.protocol.problem("stimuli.balance", str(spec.balance), expected)])
        try:
            chosen = stimuli.select(
                answers["truth"].to_numpy(),
                answers["advice"].to_numpy(),
                items=spec.items,
                predictor_accuracy=spec.predictor_accuracy,
                balance=spec.balance,
                practice=self.study.operators.practice,
                seed=spec.seed,
                right=answers["right"].to_numpy(),
                among=self._eligible(answers),
                strata=answers["complementarity"].to_numpy() if spec.complementarity else None,
                shares=dict(spec.model_dump()["complementarity"] or {}) or None,
            )
        except stimuli.SupplyError as error:
            raise StudyError(
                [self.protocol.problem(f"stimuli.{error.field}", error.found, error.expected, error.hint)]
            ) from error
        count = min(self.study.variation.items, len(answers))
        generator = np.random.default_rng(derive_seed(self.study.variation.seed, "variation", "sample"))
        sample = generator.choice(len(answers), size=count, replace=False)
        return {"trial": list(chosen.trial), "practice": list(chosen.practice), "sample": sorted(sample.tolist())}

    def _eligible(self, answers: pl.DataFrame) -> pl.Series:
        """Items with one right decision, and with the difficulty that the study asks for."""
        import polars as pl

        wanted, eligible = self.study.stimuli.difficulty, answers["eligible"]
        if wanted is None:
            return eligible
        hard = answers["difficulty" if wanted.of == "predictor" else "difficulty_operator"]
        among = hard.filter(eligible)
        low, high = (among.quantile(share, "linear") for share in (wanted.low, wanted.high))
        return eligible & hard.is_between(pl.lit(low), pl.lit(high))

    def _explain(self, name: str, folder: Path) -> Mapping[str, Any]:
        inputs, targets = self._explained_inputs()
        advice = self._answers()["advice"][self._explained()].to_list()
        return self.explaining.make(name, folder, self.context, self.predictor, inputs, targets, advice, self.memory)

    def _sweep(self, folder: Path, sweep: Sweep) -> Mapping[str, Any]:
        from binome import models

        grid = self.study.variation.grid
        assert grid is not None
        predictors = [
            (spec.architecture, spec.seed, models.load(self.store.path(self.recipes.trained(spec))))
            for spec in self.recipes.retrained
        ]
        items = varying.items_of(grid, self._selection())
        cells = self.store.root / varying.CELLS
        varied = varying.vary(self.protocol, grid, self.context, predictors, items, cells, sweep)
        return varying.write(varied, folder, self.context, items, self.protocol.folder.name)

    def _compare(self, folder: Path) -> Mapping[str, Any]:
        from binome import variation

        inputs, targets = self._explained_inputs()
        spec = self.study.variation
        comparison = variation.compare(
            self.predictor,
            inputs,
            targets,
            {name: self.explaining.maps(name) for name in self.explaining.giving("maps")},
            items=self._explained_items(),
            metrics=self._metrics(),
            agreements=spec.agreements,
            seed=spec.seed,
            sources=self.explaining.sources(self.context),
            masks=varying.masks(self.context, self._explained_items()),
            progress=True,
        )
        comparison.scores.write_parquet(folder / "scores.parquet")
        comparison.agreements.write_parquet(folder / "agreements.parquet")
        return {"scores": comparison.scores.height, "agreements": comparison.agreements.height}

    def _metrics(self) -> list[str | Spec]:
        """The declared metrics."""
        names = self.study.variation.metrics
        if self.context.task.number is None:
            return list(names)
        return [varying.of_estimate(Spec("metric", name)) for name in names]

    def _freeze(self, folder: Path) -> Mapping[str, Any]:
        import polars as pl

        from binome import stimuli

        selection, answers = self._selection(), self._answers()
        shown = selection["trial"] + selection["practice"]
        rows = {index: row for row, index in enumerate(self._explained())}
        take = [rows[index] for index in shown]
        picked = answers[shown]
        roles: list[Role] = ["trial"] * len(selection["trial"])
        roles += ["practice"] * len(selection["practice"])
        scores = pl.read_parquet(self.store.path(self.recipes.variation) / "scores.parquet")
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
            inputs_of=self.context.inputs_of,
            covariates=_covariates(picked),
            views={"operator": self.context.operator_view, "predictor": self.context.predictor_view},
            scores=_nested(scores),
            seed=self.study.stimuli.seed,
            size=RENDERING["size"],
            **self.explaining.shown(take, self.context),
        )
        return {"items": len(built.items)}

    # What the stages read.

    @property
    def context(self) -> Context:
        if self._context is None:
            self._context = self._load(self.study.context.operator_view, self.study.context.predictor_view)
        return self._context

    def _load(
        self, operator_view: Mapping[str, Any] | None = None, predictor_view: Mapping[str, Any] | None = None
    ) -> Context:
        from binome import contexts

        spec = self.study.context
        return contexts.load(
            spec.name,
            operator_view=operator_view,
            predictor_view=predictor_view,
            base=self.protocol.folder,
            skip_bad=self.skip_bad,
            **spec.params,
        )

    @property
    def predictor(self) -> Predictor:
        from binome import models

        if self._predictor is None:
            self._predictor = models.load(self.store.path(self.recipes.predictor))
        return self._predictor

    def _answers(self) -> pl.DataFrame:
        """The predictor's answers (`answer_table`), with `difficulty_operator` and `complementarity` where asked."""
        import polars as pl

        answers = pl.read_parquet(self.store.path(self.recipes.predictor) / "answers.parquet")
        if self.recipes.sides is None:
            return answers
        found = pl.read_parquet(self.store.path(self.recipes.sides) / "sides.parquet")
        return answers.join(found.drop("difficulty_predictor"), on="item", how="left", maintain_order="left")

    def _selection(self) -> dict[str, list[int]]:
        path = self.store.path(self.recipes.selection) / "selection.json"
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
        # An estimate is the only output that there is.
        targets = [decisions[name] if decisions else 0 for name in advice]
        return self.context.split("test").inputs[index], torch.tensor(targets)

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


def open_study(
    path: Path, on_stage: Report = lambda stage: None, *, skip_bad: bool = False, memory: str | None = None
) -> Pipeline:
    """The pipeline of a study folder or study file.

    Raises:
        StudyError: with every problem of the file.
    """
    return Pipeline(protocols.load(path), on_stage, skip_bad=skip_bad, memory=memory)


def _covariates(picked: pl.DataFrame) -> dict[str, list[Any]]:
    """What is known of each item and goes into its trials: its groups, how hard it is and for whom."""
    from binome.pipeline.answers import GROUP

    known = {name: picked[name].to_list() for name in COVARIATES if name in picked.columns}
    return known | {name[len(GROUP) :]: picked[name].to_list() for name in picked.columns if name.startswith(GROUP)}


def _nested(scores: pl.DataFrame) -> dict[str, dict[str, dict[str, float | None]]]:
    """Scores by explanation, metric and item."""
    nested: dict[str, dict[str, dict[str, float | None]]] = {}
    for explanation, metric, item, value in scores.select("explanation", "metric", "item", "value").iter_rows():
        nested.setdefault(explanation, {}).setdefault(metric, {})[item] = value
    return nested


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
