"""The library: every study loads, plans for all its places, and keeps the balance that it declares."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby, product
from pathlib import Path

import pytest

from binome import protocol
from binome.core.stimulus import Decision, ExplanationCard, Legend, PredictorCard, Stimulus, StimulusSet, Task
from binome.protocol import Place, Protocol, Step

STUDIES = Path(__file__).parents[2] / "studies"
LIBRARY = (
    "judge-advisor", "cognitive-forcing", "confidence-explanation", "attribution-controls", "examples-features",
    "delegation", "supervision", "game-advice",
)  # fmt: skip
CONTROLS = ("edges", "shuffled")
STAGES = {
    "judge-advisor": {"ai": "initial final", "xai": "initial final"},
    "cognitive-forcing": {
        "alone": "single", "explained": "single", "uncertain": "single", "on_demand": "open final",
        "wait": "wait final", "update": "initial final",
    },
    "confidence-explanation": dict.fromkeys(("plain", "confident", "explained", "both"), "initial final"),
    "attribution-controls": dict.fromkeys(
        ("confidence", "attribution", "salient", "placebo", "neighbours"), "single"
    ),
    "examples-features": dict.fromkeys(("advised", "features", "examples"), "initial final"),
    "delegation": {"alone": "single", "delegation": "single", "inversion": "single|handled"},
    "supervision": {"manual": "single", "automated": "supervised"},
    "game-advice": dict.fromkeys(("alone", "hint", "rationale"), "single"),
}  # fmt: skip

pytestmark = pytest.mark.parametrize("name", LIBRARY)


def stimuli_of(loaded: Protocol) -> StimulusSet:
    """As many items as the study declares, of two classes, the declared share of them with right advice."""
    study = loaded.study
    trials, practice = study.stimuli.items, study.operators.practice
    share = study.stimuli.predictor_accuracy
    right = round(trials * (0.75 if share is None else share))
    items = []
    for i in range(trials + practice):
        truth, advised_rightly = "ab"[i % 2], i < right or i >= trials
        items.append(
            Stimulus(
                id=f"s{i:03}",
                source=str(i),
                role="trial" if i < trials else "practice",
                truth=truth,
                advice=truth if advised_rightly else "ba"[i % 2],
                advice_confidence=0.95 if i % 3 else 0.6,
                image=f"{i}.png",
            )
        )
    cards = [
        ExplanationCard(key, spec.method, "", spec.method in CONTROLS, {}) for key, spec in study.explanations.items()
    ]
    return StimulusSet(
        folder=Path("nowhere"),
        task=Task("any", "Any", "Which?", (Decision("a", "A"), Decision("b", "B"))),
        predictor=PredictorCard("any", 0.9, 0.88, 0.92, 500, 0.02),
        explanations=tuple(cards),
        legend=Legend("cividis", ("#000000", "#ffffff"), "low", "high"),
        items=tuple(items),
    )


def strata(loaded: Protocol) -> list[str]:
    """The strata that places are counted in; one without a name where there is no such assignment."""
    study = loaded.study
    if study.design.assignment is None or study.operators.screening is None:
        return [""]
    questions = {q.id: q for q in loaded.questionnaires[study.operators.screening.questionnaire].questions}
    return [
        "/".join(ids) for ids in product(*([o.id for o in questions[by].options] for by in study.design.assignment.by))
    ]


def plans(loaded: Protocol) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The plan of every declared place, with its stratum; operators are as many in each stratum."""
    stimuli, names = stimuli_of(loaded), strata(loaded)
    for stratum in names:
        for slot in range(loaded.study.design.operators // len(names)):
            yield stratum, protocol.plan(loaded, stimuli, Place(slot, stratum), seed=1)


def measured(steps: tuple[Step, ...]) -> list[Step]:
    """The first decision step of each measured trial."""
    first: dict[int, Step] = {}
    for step in steps:
        if step.kind == "decision" and step.position is not None:
            first.setdefault(step.position, step)
    return [first[position] for position in sorted(first)]


def test_it_loads_without_a_warning(name: str) -> None:
    loaded = protocol.load(STUDIES / name)
    assert loaded.warnings == ()
    assert loaded.study.study == name
    assert loaded.study.operators.languages == ["en", "fr"]
    assert loaded.consent["en"].version != loaded.consent["fr"].version
    assert loaded.study.analysis.primary is not None


def test_its_first_line_and_its_readme_name_the_paper(name: str) -> None:
    first = (STUDIES / name / "study.yaml").read_text("utf-8").partition("\n")[0]
    assert first.startswith("# ")
    assert first.endswith(").")
    readme = (STUDIES / name / "README.md").read_text("utf-8")
    for heading in ("## The paper", "## What is kept", "## What differs", "## Running it"):
        assert heading in readme
    assert "doi 10." in readme or "arXiv" in readme


def test_every_place_has_a_whole_plan(name: str) -> None:
    loaded = protocol.load(STUDIES / name)
    study = loaded.study
    wanted = study.design.items_each or study.stimuli.items
    for _, steps in plans(loaded):
        assert steps[: len(protocol.opening(loaded))] == protocol.opening(loaded)
        assert [step.kind for step in steps[-2:]] == ["debriefing", "done"]
        items = [step.item for step in measured(steps)]
        assert len(items) == len(set(items)) == wanted
        assert sum(step.attention is not None for step in steps) == study.operators.attention_checks
        returns = [step.sitting for step in steps if step.kind == "return"]
        assert returns == list(range(2, (study.design.sittings.count if study.design.sittings else 1) + 1))


def test_groups_are_of_one_size_and_cells_fill_evenly(name: str) -> None:
    loaded = protocol.load(STUDIES / name)
    groups: Counter[tuple[str, frozenset[str]]] = Counter()
    cells: Counter[tuple[frozenset[str], str, str]] = Counter()
    for stratum, steps in plans(loaded):
        met = frozenset(str(step.condition) for step in measured(steps))
        groups[stratum, met] += 1
        cells.update((met, str(step.condition), str(step.item)) for step in measured(steps))
    declared = {frozenset(names) for names in protocol.groups_of(loaded.study).values()}
    assert {met for _, met in groups} == declared
    assert len(set(groups.values())) == 1
    by_condition: dict[tuple[frozenset[str], str], set[int]] = defaultdict(set)
    for (met, condition, _), count in cells.items():
        by_condition[met, condition].add(count)
    assert len(cells) == sum(len(names) for names in declared) * loaded.study.stimuli.items
    assert all(len(counts) == 1 for counts in by_condition.values())


def test_trials_have_the_stages_of_their_condition(name: str) -> None:
    loaded = protocol.load(STUDIES / name)
    found: dict[str, set[str]] = defaultdict(set)
    for _, steps in plans(loaded):
        decisions = [step for step in steps if step.kind == "decision" and step.position is not None]
        for _, trial in groupby(decisions, key=lambda step: step.position):
            parts = list(trial)
            found[str(parts[0].condition)].add(" ".join(str(part.stage) for part in parts))
    assert found == {condition: set(stages.split("|")) for condition, stages in STAGES[name].items()}


def test_wrong_advice_comes_where_it_may(name: str) -> None:
    loaded = protocol.load(STUDIES / name)
    errors, stimuli = loaded.study.design.errors, stimuli_of(loaded)
    for _, steps in plans(loaded):
        for _, block in groupby(measured(steps), key=lambda step: step.block):
            items = [stimuli.item(str(step.item)) for step in block]
            wrong = [item.truth != item.advice for item in items]
            assert not any(wrong[: errors.none_among_first])
            runs = [len(list(run)) for value, run in groupby(wrong) if value]
            if errors.most_in_a_row is not None:
                assert max(runs, default=0) <= errors.most_in_a_row


def test_orders_of_conditions_come_equally_often(name: str) -> None:
    loaded = protocol.load(STUDIES / name)
    orders: Counter[tuple[str, ...]] = Counter()
    for _, steps in plans(loaded):
        orders[tuple(str(step.condition) for step in steps if step.kind == "block" and step.block is not None)] += 1
    assert len(set(orders.values())) == 1
    blocks = loaded.study.design.blocks
    assert {len(order) for order in orders} == {
        blocks * len(names) for names in protocol.groups_of(loaded.study).values()
    }
