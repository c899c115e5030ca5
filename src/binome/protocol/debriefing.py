"""The debriefing: what a study was about, what was arranged in it, what was won."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from binome.core.stimulus import StimulusSet
from binome.protocol.answers import advised_rightly, say_tolerance
from binome.protocol.catalogue import number, text
from binome.protocol.document import Block
from binome.protocol.plan import Step
from binome.protocol.protocol import Protocol
from binome.protocol.rewards import Earned
from binome.protocol.schema import ErrorsSpec, Study
from binome.protocol.texts import has_machine, measured_reliability, say_earned, shown_as, suffix

ENDINGS = {"map": "", "map_case": "_case"}
"""Of the text that tells of a placebo, by how that was shown."""
SAME = 0.005
"""A stated reliability that is no further from the true one rounds to the same percentage, and deceives nobody."""


def debriefing(
    protocol: Protocol, stimuli: StimulusSet, steps: Sequence[Step], language: str, earned: Earned | None = None
) -> list[Block]:
    """The study's own debriefing, or Binome's: what it was about, and what was arranged. Then what was won."""
    won = [] if earned is None else [say_earned(earned, language)]
    if language in protocol.debriefing:
        return [*protocol.debriefing[language].blocks, *won]
    study = protocol.study
    met = list(dict.fromkeys(step.condition for step in steps if step.block is not None and step.condition))
    page = [_say("debriefing_purpose", language)]
    if len(met) > 1:
        page.append(_say("debriefing_conditions", language))
    if any(has_machine(study.conditions[name]) for name in met):
        page += _machine(study, stimuli, steps, met, language)
    return [*page, *_placebos(study, stimuli, met, language), *won, _say("debriefing_data", language)]


def _machine(
    study: Study, stimuli: StimulusSet, steps: Sequence[Step], met: Sequence[str], language: str
) -> Iterator[Block]:
    """How often the machine was right, how that came about, and what was said of it."""
    items = [stimuli.item(name) for name in {step.item for step in steps if step.position is not None and step.item}]
    right = sum(advised_rightly(stimuli.task, item) for item in items) / len(items)
    key = ("debriefing_accuracy" if _is_arranged(study) else "debriefing_accuracy_drawn") + suffix(stimuli)
    natural = number(100 * stimuli.predictor.accuracy, language)
    yield _say(key, language, percent=number(100 * right, language), natural=natural)
    if stimuli.task.number is not None:
        yield _say("debriefing_tolerance", language, tolerance=say_tolerance(stimuli.task.number, language))
    true = measured_reliability(stimuli)
    stated = [study.conditions[name].reliability for name in met]
    for share in sorted({share for share in stated if isinstance(share, float | int)}):
        if abs(share - true) > SAME:
            told, percent = number(100 * share, language), number(100 * true, language)
            yield _say("debriefing_reliability", language, stated=told, percent=percent)
    if study.design.errors != ErrorsSpec():
        yield _say("debriefing_errors", language)


def _is_arranged(study: Study) -> bool:
    """Whether items were chosen by what the predictor makes of them."""
    spec = study.stimuli
    hard = spec.difficulty is not None and spec.difficulty.of == "predictor"
    return spec.predictor_accuracy is not None or spec.complementarity is not None or hard


def _placebos(study: Study, stimuli: StimulusSet, met: Sequence[str], language: str) -> list[Block]:
    controls = {card.name for card in stimuli.explanations if card.control}
    placebos = controls & {study.conditions[name].explanation for name in met}
    endings = {ENDINGS.get(shown_as(stimuli, name), "_other") for name in placebos}
    return [_say(f"debriefing_placebo{ending}", language) for ending in sorted(endings)]


def _say(key: str, language: str, **values: object) -> Block:
    return Block("paragraph", text(key, language, **values))
