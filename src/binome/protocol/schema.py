"""The study file's schema: what `study.yaml` may say. `load` turns a file into a `Study`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from binome.core.stimulus import RenderingKind

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="lower-case letters, digits and underscores")]
Localised = str | dict[str, str]
MOST = 100_000
"""Of items, operators and blocks: more is a slip of the hand, and would take hours to check."""


class Strict(BaseModel):
    """Refuses unknown keys, and numbers that are none; stays as it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Exact(Strict):
    """Refuses values of another type too, instead of converting them: `true` for 1, a text for a number."""

    model_config = ConfigDict(strict=True)


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


class StimuliSpec(Exact):
    """The items shown: how many, how often the advice is right among them, what is balanced."""

    items: int = Field(ge=1, le=MOST)
    predictor_accuracy: float | None = Field(default=None, ge=0, le=1)
    balance: list[Literal["truth"]] = Field(default_factory=list)
    difficulty: DifficultySpec | None = None
    complementarity: dict[Literal["both", "operator", "predictor", "neither"], Share] | None = Field(
        default=None, description="shares of items by the side that should be right; they add up to 1"
    )
    proxy: ProxySpec | None = Field(default=None, description="stands for the operator, for the two keys above")
    seed: int = 0


class DelegationSpec(Exact):
    """Handing items over to the model."""

    when: Literal["before", "after", "both"] = Field(
        default="after", description="before the item is seen, after, or both"
    )
    most: int = Field(default=1, ge=1, le=100, description="how many items may be handed over at once")


def _by_default(value: Any) -> Any:
    """`true` is the default way, `false` none."""
    return {} if value is True else None if value is False else value


class SupervisionSpec(Exact):
    """The model decides; the operator sees each decision and may veto it for a while."""

    seconds: float = Field(default=5, gt=0, le=600, description="how long each decision may be vetoed")


Delegation = Annotated[
    DelegationSpec | None, BeforeValidator(_by_default, json_schema_input_type=DelegationSpec | bool | None)
]
Supervision = Annotated[
    SupervisionSpec | None, BeforeValidator(_by_default, json_schema_input_type=SupervisionSpec | bool | None)
]


class ConditionSpec(Exact):
    """The help that an operator gets."""

    advice: Literal["none", "before", "after_initial", "on_request", "delayed"] = Field(
        default="none",
        description="with the item, after an own first answer, when the operator asks for it, or after a forced delay",
    )
    delay: float | None = Field(default=None, gt=0, le=600, description="of `delayed`: seconds with the item alone")
    update: Literal["free", "reasoned"] = Field(
        default="free", description="of `after_initial`: whether another final answer needs a reason"
    )
    confidence: bool = Field(default=False, description="the model says how sure it is")
    explanation: str | None = Field(default=None, description="without advice: the model's evidence alone")
    overview: str | None = Field(
        default=None, description="file, in the study folder: the model as a whole, shown before the block"
    )
    reliability: Literal["measured"] | Share | None = Field(
        default=None, description="how often the model is said to be right; another share than the true one deceives"
    )
    delegation: Delegation = Field(default=None, description="the operator may hand items over to the model")
    handover: Share | None = Field(
        default=None, description="the model decides alone where it is at least so sure, and hands the rest over"
    )
    supervision: Supervision = Field(default=None, description="the model decides, the operator may veto")
    feedback: bool = Field(default=False, description="the right answer, after each trial")
    score: bool = Field(
        default=False, description="the points won in the block so far are shown, which is feedback on the trial before"
    )
    seconds: float | None = Field(default=None, gt=0, le=3600, description="most time for a decision")


class FactorSpec(Strict):
    """A factor of a factorial design: which conditions are at each of its levels."""

    levels: dict[Name, list[str]] = Field(min_length=2)
    between: bool = Field(default=False, description="an operator meets one of its levels only")


class ErrorsSpec(Exact):
    """Where, in an operator's block, the advice may be wrong; places count from 1."""

    none_among_first: int = Field(default=0, ge=0)
    most_in_a_row: int | None = Field(default=None, ge=1)
    at: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=list, description="places of wrong advice in each block; right everywhere else"
    )


class AssignmentSpec(Strict):
    """How operators get their conditions, where answers given before say something of them."""

    kind: Literal["stratified", "minimisation"]
    by: list[str] = Field(min_length=1, description="questions of the screening questionnaire, each with options")


class SittingsSpec(Exact):
    """Two or more sittings, days apart, by one link; blocks are shared out evenly."""

    count: int = Field(ge=2, le=10)
    days: float = Field(gt=0, description="at least so long between two sittings")
    within: float = Field(default=14, gt=0, description="days after which one who has not come back is left out")


class DesignSpec(Exact):
    """Who gets which conditions, in which order."""

    kind: Literal["within", "between", "mixed", "factorial"] = "within"
    order: Literal["williams", "latin", "complete", "random", "fixed"] = "williams"
    operators: int = Field(ge=1, le=MOST)
    groups: dict[Name, list[str]] = Field(
        default_factory=dict, description="of `mixed`: the conditions that each group of operators meets"
    )
    factors: dict[Name, FactorSpec] = Field(default_factory=dict, description="of `factorial`")
    blocks: int = Field(default=1, ge=1, le=MOST, description="of each condition; the order is gone through so often")
    items_each: int | None = Field(
        default=None, ge=1, description="items that an operator decides on; the stimuli are a pool drawn from evenly"
    )
    errors: ErrorsSpec = Field(default_factory=ErrorsSpec)
    assignment: AssignmentSpec | None = None
    sittings: SittingsSpec | None = None


class ScreeningSpec(Strict):
    """Who may take part: answers that are asked for after consent."""

    questionnaire: str
    accept: dict[str, list[str | float]] = Field(
        default_factory=dict, description="by question, the answers with which one may take part"
    )


class ComprehensionSpec(Strict):
    """Questions about the instructions, whose file says the right answers (`correct`)."""

    questionnaire: str
    attempts: int = Field(default=2, ge=1, le=5, description="instructions and questions come again so often")
    otherwise: Literal["exclude", "go_on"] = Field(default="exclude", description="after the last failed attempt")


class DeviceSpec(Exact):
    """What the operator's device must have."""

    width: int = Field(default=320, ge=200, description="least width of the window, in CSS pixels")
    height: int = Field(default=400, ge=200)
    keyboard: bool = Field(default=False, description="a physical keyboard: no phones, no tablets")


class ExclusionSpec(Strict):
    """Who is left out of the analysis; declared before the data come."""

    attention_failed: Annotated[int, Field(ge=1)] | Literal["all"] | None = Field(
        default="all", description="so many failed attention checks"
    )
    fast: float | None = Field(default=None, gt=0, description="median seconds of a decision below which one is out")
    slow_minutes: float | None = Field(default=None, gt=0, description="a session longer than this is out")


class RewardsSpec(Exact):
    """Points, which the debriefing turns into money where a rate is given."""

    correct: float = Field(default=0, description="points for a right final answer")
    wrong: float = Field(default=0, description="points for a wrong one, or none in time")
    delegation: float = Field(default=0, ge=0, description="price of an item that is handed over")
    veto: float = Field(default=0, ge=0, description="price of a veto")
    confidence: float = Field(
        default=0, ge=0, description="prize drawn by the binarised scoring rule on the final confidence"
    )
    flat: float = Field(default=0, ge=0, description="points for taking part")
    rate: float | None = Field(default=None, gt=0, description="money for a point")
    currency: str = "EUR"


class PictureSpec(Strict):
    """A picture of the study's texts."""

    file: str = Field(description="PNG, JPEG, WebP or SVG, in the study folder; `NAME.fr.png` beside it for French")
    alt: Localised = Field(description="what it shows, in each language, for those who do not see it")


class RecordSpec(Strict):
    """What is recorded of an operator beside their answers and times; the consent says so."""

    mouse: bool = Field(default=False, description="where the pointer moves and clicks on the pages of a decision")


class OperatorsSpec(Exact):
    """Who takes part, and what frames their session."""

    languages: list[str] = Field(default_factory=lambda: ["en", "fr"], min_length=1)
    consent: str = Field(default="consent.md", description="file, in the study folder; `consent.fr.md` for French")
    instructions: str | None = Field(
        default=None, description="file, in the study folder; Binome's own text without it"
    )
    pictures: dict[Name, PictureSpec] = Field(
        default_factory=dict, max_length=20, description="of the texts, which show one by a line `![name]`"
    )
    record: RecordSpec = Field(default_factory=RecordSpec)
    device: DeviceSpec | None = None
    screening: ScreeningSpec | None = None
    comprehension: ComprehensionSpec | None = None
    practice: int = Field(default=2, ge=0, le=MOST)
    attention_checks: int = Field(default=0, ge=0, le=MOST)
    breaks: float = Field(default=0, ge=0, description="seconds of rest, at least, between two blocks; 0 for no page")
    ask_confidence: bool = True
    minutes: float | None = Field(default=None, gt=0, description="how long the session is said to take")
    exclude: ExclusionSpec = Field(default_factory=ExclusionSpec)
    lease_minutes: float = Field(default=30, gt=0, description="idle time after which a slot is given again")
    debriefing: str | None = Field(default=None, description="file, in the study folder; Binome's own text without it")
    completion_code: str | None = None
    completion_url: str | None = None


class DuringSpec(Exact):
    """Questionnaires in the middle of a block."""

    show: list[str] = Field(min_length=1)
    every: int | None = Field(default=None, ge=1, description="after every so many trials of a block")
    after: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=list, description="after these trials of each block, from 1"
    )
    conditions: list[str] = Field(default_factory=list, description="only in these; in all without it")


class QuestionnairesSpec(Strict):
    before: list[str] = Field(default_factory=list)
    during: list[DuringSpec] = Field(default_factory=list)
    after_block: list[str] = Field(default_factory=list)
    after: list[str] = Field(default_factory=list)


class PrimarySpec(Strict):
    measure: str
    contrast: Annotated[list[str], Field(min_length=2, max_length=2)]


class AnalysisSpec(Strict):
    """What is computed: the primary contrast is confirmatory, all else exploratory.

    `margin` is the largest difference of the primary measure that would not matter: with it, "no difference" is tested
    too. `positive` is, of two decisions, the one that says that what is looked for is there.
    """

    primary: PrimarySpec | None = None
    measures: list[str] = Field(default_factory=lambda: ["accuracy"])
    resamples: int = Field(default=2000, ge=100)
    seed: int = 0
    interval: Literal["percentile", "bca"] = "percentile"
    draw: Literal["operators", "operators_and_items"] = "operators"
    margin: float | None = Field(default=None, gt=0)
    positive: str | None = None


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
    rewards: RewardsSpec | None = None
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
