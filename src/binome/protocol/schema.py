"""The study file's schema: what `study.yaml` may say. `load` turns a file into a `Study`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from binome.core.stimulus import RenderingKind

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="lower-case letters, digits and underscores")]
Localised = str | dict[str, str]


class Strict(BaseModel):
    """Refuses unknown keys, and stays as it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContextSpec(BaseModel):
    """The decision task, and what each side sees of an item; any further key is a parameter of the context."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str
    params: dict[str, Any] = Field(default_factory=dict)
    operator_view: dict[str, Any] = Field(default_factory=dict)
    predictor_view: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        """Further keys are parameters, as they are of predictors and explanations."""
        if not isinstance(data, dict) or not isinstance(data.get("params", {}), dict):
            return data
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        more = {key: value for key, value in data.items() if key not in cls.model_fields}
        return {**own, "params": {**data.get("params", {}), **more}}


class PredictorSpec(BaseModel):
    """The advising model; any further key is a training parameter."""

    model_config = ConfigDict(extra="allow", frozen=True)
    architecture: str
    seed: int = 0

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class RenderingSpec(Strict):
    """How an explanation is shown."""

    kind: RenderingKind | None = Field(default=None, description="what the method's explanations are shown as")
    levels: list[Annotated[float, Field(gt=0, le=1)]] | None = Field(
        default=None, min_length=1, max_length=5, description="of `contour`: shares of the map's scale"
    )
    share: float | None = Field(default=None, gt=0, lt=1, description="of `regions`: share of the picture")
    count: int | None = Field(default=None, ge=1, description="of `regions`: at most so many connected ones")
    text: bool = Field(default=False, description="one sentence beneath, made from the numbers")


def _by_name(value: Any) -> Any:
    """A name alone is the kind."""
    return {"kind": value} if isinstance(value, str) else value


class ExplanationSpec(BaseModel):
    """One explanation; any further key is a parameter of its method."""

    model_config = ConfigDict(extra="allow", frozen=True)
    method: str
    seed: int = 0
    background: int = Field(
        default=100, ge=1, description="how many training items, drawn by the seed, a method that needs some is given"
    )
    rendering: (
        Annotated[RenderingSpec, BeforeValidator(_by_name, json_schema_input_type=RenderingKind | RenderingSpec)] | None
    ) = Field(default=None, description="how operators see it; not a parameter of the method")

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})

    @property
    def made_from(self) -> list[Any]:
        """What `of` holds: names of the study's explanations, or methods as mappings."""
        of = self.params.get("of", [])
        return of if isinstance(of, list) else [of]

    @property
    def sources(self) -> list[str]:
        """The explanations of the study that this one is made from."""
        return [name for name in self.made_from if isinstance(name, str)]


class GridMethodSpec(BaseModel):
    """A method of the variation grid; any further key is a parameter of the method, the same in all its settings."""

    model_config = ConfigDict(extra="allow", frozen=True)
    method: str
    settings: list[dict[str, Any]] = Field(
        default=[{}], min_length=1, description="the parameters that each setting changes"
    )

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class GridMetricSpec(BaseModel):
    """A metric with parameters of its own, which are the further keys."""

    model_config = ConfigDict(extra="allow", frozen=True)
    metric: str

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class GridSpec(Strict):
    """What explanations are varied over, by `binome vary`: every method, setting, seed, predictor and noise level."""

    methods: dict[Name, GridMethodSpec] = Field(min_length=1)
    items: int = Field(default=100, ge=2, description="the study's trial items first, then others of the sample")
    trainings: int = Field(default=1, ge=1, description="predictors that differ in their seed, from the study's on")
    architectures: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="beside the study's own, each with its training parameters"
    )
    seeds: int = Field(default=1, ge=1, description="of the explainers; a method that draws nothing is run once")
    noise: list[Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: [0.0], min_length=1, description="standard deviations of noise on the inputs"
    )
    fraction: int = Field(default=1, ge=1, description="one in so many cells of the full grid; a prime number")
    metrics: list[str | GridMetricSpec] = ["deletion", "insertion"]
    agreements: list[str] = Field(default_factory=lambda: ["spearman", "feature_agreement"])
    same_prediction: bool = Field(
        default=True, description="maps are compared on items that all predictors decide alike under all noise"
    )
    references: int = Field(default=8, ge=0, description="items that predictors with random weights explain too")
    resamples: int = Field(default=1000, ge=100)
    seed: int = 0


class VariationSpec(Strict):
    """What is measured on the explanations, on a random sample of test items."""

    items: int = Field(default=128, ge=2)
    metrics: list[str] = Field(default_factory=lambda: ["deletion", "insertion"])
    agreements: list[str] = Field(default_factory=lambda: ["spearman", "feature_agreement"])
    seed: int = 0
    grid: GridSpec | None = None


class ProxySpec(BaseModel):
    """A model that stands for the operator, trained on the operator's view; any further key is a training parameter."""

    model_config = ConfigDict(extra="allow", frozen=True)
    architecture: str
    seed: int = 0

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class DifficultySpec(Strict):
    """Only items between two quantiles of difficulty, for one side."""

    of: Literal["operator", "predictor"] = "predictor"
    low: float = Field(default=0, ge=0, le=1)
    high: float = Field(default=1, ge=0, le=1)


Share = Annotated[float, Field(ge=0, le=1)]


class StimuliSpec(Strict):
    """The items shown: how many, how often the advice is right among them, what is balanced."""

    items: int = Field(ge=1)
    predictor_accuracy: float | None = Field(default=None, ge=0, le=1)
    balance: list[Literal["truth"]] = Field(default_factory=list)
    difficulty: DifficultySpec | None = None
    complementarity: dict[Literal["both", "operator", "predictor", "neither"], Share] | None = Field(
        default=None, description="shares of items by the side that should be right; they add up to 1"
    )
    proxy: ProxySpec | None = Field(default=None, description="stands for the operator, for the two keys above")
    seed: int = 0


class ConditionSpec(Strict):
    """The help that an operator gets."""

    advice: Literal["none", "before", "after_initial"] = "none"
    confidence: bool = False
    explanation: str | None = None
    delegation: bool = False
    feedback: bool = False


class DesignSpec(Strict):
    """Who gets which conditions, in which order."""

    kind: Literal["within", "between"] = "within"
    order: Literal["williams", "latin", "random", "fixed"] = "williams"
    operators: int = Field(ge=1)


class OperatorsSpec(Strict):
    """Who takes part, and what frames their session."""

    languages: list[str] = Field(default_factory=lambda: ["en", "fr"], min_length=1)
    consent: str = Field(default="consent.md", description="file, in the study folder; `consent.fr.md` for French")
    instructions: str | None = Field(
        default=None, description="file, in the study folder; Binome's own text without it"
    )
    practice: int = Field(default=2, ge=0)
    attention_checks: int = Field(default=0, ge=0)
    ask_confidence: bool = True
    lease_minutes: float = Field(default=30, gt=0, description="idle time after which a slot is given again")
    completion_code: str | None = None
    completion_url: str | None = None


class QuestionnairesSpec(Strict):
    before: list[str] = Field(default_factory=list)
    after_block: list[str] = Field(default_factory=list)
    after: list[str] = Field(default_factory=list)


class PrimarySpec(Strict):
    measure: str
    contrast: Annotated[list[str], Field(min_length=2, max_length=2)]


class AnalysisSpec(Strict):
    primary: PrimarySpec | None = None
    measures: list[str] = Field(default_factory=lambda: ["accuracy"])
    resamples: int = Field(default=2000, ge=100)
    seed: int = 0


class Study(Strict):
    """A whole study file."""

    binome: Literal[1]
    study: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Localised
    context: ContextSpec
    predictor: PredictorSpec
    explanations: dict[Name, ExplanationSpec] = Field(default_factory=dict)
    variation: VariationSpec = Field(default_factory=VariationSpec)
    stimuli: StimuliSpec
    conditions: dict[Name, ConditionSpec] = Field(min_length=1)
    design: DesignSpec
    operators: OperatorsSpec = Field(default_factory=OperatorsSpec)
    questionnaires: QuestionnairesSpec = Field(default_factory=QuestionnairesSpec)
    analysis: AnalysisSpec = Field(default_factory=AnalysisSpec)

    def spec(self, part: str) -> Mapping[str, Any]:
        """A part of the study as plain JSON values, defaults filled in: what artefact keys hash."""
        value = getattr(self, part)
        dumped = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        if isinstance(dumped, dict):
            return {
                key: item.model_dump(mode="json") if isinstance(item, BaseModel) else item
                for key, item in dumped.items()
            }
        raise TypeError(f"{part} is not a mapping")


def schema_json() -> str:
    """The JSON Schema of the study file, for editors."""
    schema = Study.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Binome study"}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
