"""A study's explanations: made by their methods, kept as artefacts, and handed on to be scored and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from binome.core import StudyError, derive_seed
from binome.core.stimulus import Answer, ExplanationCard
from binome.protocol import ExplanationSpec, Protocol, rendering_of, rendering_problems

if TYPE_CHECKING:
    import torch

    from binome.contexts import Context
    from binome.models import Predictor
    from binome.variation import Source

MAPS, EXAMPLES, COUNTERFACTUALS = "maps.npy", "examples.json", "counterfactuals.json"


class Explaining:
    """The declared explanations, by name.

    Args:
        protocol: the checked study.
        made: the folder of an explanation's artefact.
    """

    def __init__(self, protocol: Protocol, made: Callable[[str], Path]) -> None:
        self.protocol, self.study, self.made = protocol, protocol.study, made

    def gives(self, name: str) -> str:
        """What an explanation explains by."""
        from binome import explain

        return explain.gives(self.study.explanations[name].method)

    def giving(self, what: str) -> list[str]:
        """The names of those that explain by it, in the order of the file."""
        return [name for name in self.study.explanations if self.gives(name) == what]

    def maps(self, name: str) -> torch.Tensor:
        """An explanation's maps, of all explained items."""
        import numpy as np
        import torch

        return torch.from_numpy(np.load(self.made(name) / MAPS))

    def sources(self, context: Context) -> dict[str, Source]:
        """How the explanations that give maps were made, for the metrics that make them again; what was made from other
        explanations' maps cannot be."""
        from binome.variation import Source

        chosen = {name: self.study.explanations[name] for name in self.giving("maps")}
        return {
            name: Source(spec.method, spec.params, spec.seed, background(spec, context))
            for name, spec in chosen.items()
            if "of" not in spec.params
        }

    def make(
        self,
        name: str,
        folder: Path,
        context: Context,
        predictor: Predictor,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        advice: Sequence[Answer],
        memory: str | None,
    ) -> Mapping[str, Any]:
        """Write an explanation of all explained items into a folder.

        Args:
            inputs, targets: of the items; `advice` is the targets in the task's words.
            memory: what the tensors may take together.
        """
        import numpy as np

        from binome import explain
        from binome.pipeline.by_example import case_base, write_counterfactuals, write_examples

        spec, gives = self.study.explanations[name], self.gives(name)
        options: dict[str, Any] = {
            "method": spec.method, "seed": spec.seed, "memory": memory, "progress": name, **spec.params,
        }  # fmt: skip
        if gives != "maps":
            listed = explain.by_example(predictor, inputs, targets, case_base(context), **options)
            if gives == "examples":
                return write_examples(folder / EXAMPLES, listed, context)
            return write_counterfactuals(folder / COUNTERFACTUALS, listed, context, predictor, advice)
        options |= self._sources(spec)
        found = explain.examine(predictor, inputs, targets, background=background(spec, context), **options)
        np.save(folder / MAPS, found.maps.numpy().astype(np.float32))
        for detail, values in found.details.items():
            np.save(folder / f"{detail}.npy", values.numpy().astype(np.float32))
        return {"items": len(inputs), "details": sorted(found.details)}

    def shown(self, take: Sequence[int], context: Context) -> dict[str, Any]:
        """What `stimuli.build` wants of the explanations.

        Args:
            take: the places of the shown items among the explained ones.
        """
        from binome.explain import reduce
        from binome.pipeline.by_example import read_counterfactuals, read_examples

        maps = {name: self.maps(name)[list(take)] for name in self.giving("maps")}
        cases = has_cases(context)
        return {
            "maps": {} if cases else {name: reduce(one, channels="sum", sign="absolute") for name, one in maps.items()},
            "contributions": {name: one.numpy() for name, one in maps.items()} if cases else {},
            "examples": {name: read_examples(self.made(name) / EXAMPLES, take) for name in self.giving("examples")},
            "counterfactuals": {
                name: read_counterfactuals(self.made(name) / COUNTERFACTUALS, take, context)
                for name in self.giving("counterfactuals")
            },
            "explanations": self.cards(context),
        }

    def cards(self, context: Context) -> list[ExplanationCard]:
        """How each explanation was made and is shown."""
        from binome import explain

        cards = []
        for name, spec in self.study.explanations.items():
            declared = explain.find(spec.method).declared
            cards.append(
                ExplanationCard(
                    name=name,
                    method=spec.method,
                    family=declared.get("family", "other"),
                    control=bool(declared.get("control")),
                    params={**spec.params, "seed": spec.seed},
                    rendering=rendering_of(self.study, name, self.gives(name), has_cases(context)),
                )
            )
        return cards

    def check_renderings(self, context: Context) -> None:
        """Refuse what no operator could be shown, before the explanations take their time.

        Raises:
            StudyError: with each rendering that does not fit its method or the study's items.
        """
        gives = {spec.method: self.gives(name) for name, spec in self.study.explanations.items()}
        problems = rendering_problems(self.protocol.lines, self.study, gives, has_cases(context))
        if problems:
            raise StudyError(problems)

    def _sources(self, explanation: ExplanationSpec) -> dict[str, Any]:
        """The parameters that say what an explanation is made from: maps of the study's explanations, or methods.

        One that runs the method itself is told the method of the explanation, with its parameters; maps of one method
        that differ by their seed alone stand in one list.
        """
        from binome import explain

        of, known = explanation.params.get("of"), self.study.explanations
        if isinstance(of, dict):
            return {"of": of["method"], "of_params": {key: value for key, value in of.items() if key != "method"}}
        if isinstance(of, str):
            if explain.find(explanation.method).declared.get("remakes"):
                return {"of": known[of].method, "of_params": known[of].params}
            return {"of": self.maps(of)}
        if of is None:
            return {}
        groups: dict[str, list[Any]] = {}
        for place, source in enumerate(of):
            ours = isinstance(source, str)
            made = known[source].model_dump_json(exclude={"seed", "rendering"}) if ours else str(place)
            groups.setdefault(made, []).append(self.maps(source) if ours else source)
        return {"of": [group if len(group) > 1 else group[0] for group in groups.values()]}


def background(spec: ExplanationSpec, context: Context) -> torch.Tensor:
    """Some training items' inputs, drawn by the explanation's seed."""
    import torch

    train = context.split("train").inputs
    generator = torch.Generator().manual_seed(derive_seed(spec.seed, "background"))
    return train[torch.randperm(len(train), generator=generator)[: spec.background]]


def has_cases(context: Context) -> bool:
    """Whether items are case files."""
    return bool(context.categories)
