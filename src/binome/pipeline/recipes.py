"""What determines each artefact of a study: computed from the study file and the data beside it, nothing else."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from binome.core import Recipe
from binome.core.files import Contents
from binome.protocol import PredictorSpec, Protocol

DATA = ("file", "folder")
"""Parameters of a context that name data of the researcher's own, relative to the study's folder."""
GRID = {"background": 100}
"""What the variation grid depends on beside the study file."""
RENDERING = {"size": 280}
"""What the stimuli's rendering depends on beside the maps; part of their key."""


class Recipes:
    """A study's recipes, from the predictor to the frozen stimulus set."""

    def __init__(self, protocol: Protocol) -> None:
        self._study, self._folder = protocol.study, protocol.folder

    @cached_property
    def predictor(self) -> Recipe:
        return self.trained(self._study.predictor)

    def trained(self, predictor: PredictorSpec) -> Recipe:
        """A predictor on the study's context."""
        context = {**self._study.spec("context"), **self._data()}
        del context["operator_view"]  # what people see does not change the model
        if "note" in self._study.context.operator_view:  # but for what only they are told
            context["note"] = self._study.context.operator_view["note"]
        return Recipe("predictor", {"context": context, "predictor": predictor.model_dump(mode="json")}, format=2)

    @cached_property
    def overview(self) -> Recipe:
        spec = {"operator_view": self._study.context.operator_view}
        return Recipe("overview", spec, {"predictor": self.predictor})

    @cached_property
    def sides(self) -> Recipe | None:
        """Which side should be right on each item; None where the study does not ask."""
        proxy = self._study.stimuli.proxy
        if proxy is None:
            return None
        spec = {"operator_view": self._study.context.operator_view, "proxy": proxy.model_dump(mode="json")}
        return Recipe("sides", spec, {"predictor": self.predictor})

    @cached_property
    def selection(self) -> Recipe:
        spec = {
            "stimuli": self._study.spec("stimuli"),
            "practice": self._study.operators.practice,
            "sample": {"items": self._study.variation.items, "seed": self._study.variation.seed},
        }
        parents = {"predictor": self.predictor}
        if self.sides is not None:
            parents["sides"] = self.sides
        return Recipe("selection", spec, parents)

    @cached_property
    def explanations(self) -> dict[str, Recipe]:
        """One recipe an explanation, in an order in which every `of` comes before what is made from it."""
        recipes: dict[str, Recipe] = {}
        waiting = dict(self._study.explanations)
        while waiting:
            for name, explanation in list(waiting.items()):
                sources = [source for source in explanation.sources if source in self._study.explanations]
                if not recipes.keys() >= set(sources):
                    continue
                parents = {"predictor": self.predictor, "selection": self.selection}
                parents |= {f"of {source}": recipes[source] for source in sources}
                # How it is shown does not change what it is.
                made = explanation.model_dump(mode="json", exclude={"rendering"})
                recipes[name] = Recipe("explanation", made, parents)
                del waiting[name]
        return recipes

    @cached_property
    def variation(self) -> Recipe:
        parents = {"predictor": self.predictor, "selection": self.selection, **self.explanations}
        spec = self._study.variation.model_dump(mode="json", exclude={"grid"})
        return Recipe("variation", spec, parents)

    @cached_property
    def retrained(self) -> tuple[PredictorSpec, ...]:
        """The predictors of the variation grid: the study's first, then its other seeds, then other architectures."""
        grid, own = self._study.variation.grid, self._study.predictor
        if grid is None:
            return ()
        families = [own, *(PredictorSpec(architecture=name, **params) for name, params in grid.architectures.items())]
        return tuple(
            one.model_copy(update={"seed": own.seed + training})
            for one in families
            for training in range(grid.trainings)
        )

    @cached_property
    def grid(self) -> Recipe | None:
        """The variation grid; None where the study declares none."""
        if self._study.variation.grid is None:
            return None
        parents = {f"predictor {place}": self.trained(one) for place, one in enumerate(self.retrained)}
        spec = {"grid": self._study.variation.grid.model_dump(mode="json"), "scale": GRID}
        return Recipe("grid", spec, {**parents, "selection": self.selection})

    @cached_property
    def stimuli(self) -> Recipe:
        shown = {name: spec.rendering for name, spec in self._study.explanations.items() if spec.rendering is not None}
        spec = {
            "context": self._study.spec("context"),
            "stimuli": self._study.spec("stimuli"),
            "rendering": {
                **RENDERING,
                "explanations": {name: spec.model_dump(mode="json") for name, spec in shown.items()},
            },
        }
        parents = {**self.variation.parents, "variation": self.variation}
        return Recipe("stimuli", spec, parents, format=4)

    def _data(self) -> dict[str, str]:
        """Hashes of the files and folders that the context is made from; none for those that come with Binome."""
        named = {key: str(self._study.context.params[key]) for key in DATA if key in self._study.context.params}
        if (self._folder / Path(self._study.context.name).expanduser()).exists():
            named["name"] = self._study.context.name
        if not named:
            return {}
        contents = Contents(self._folder / ".binome" / "contents.json")
        return {f"{key}_sha256": contents.hash(self._folder / Path(path).expanduser()) for key, path in named.items()}
