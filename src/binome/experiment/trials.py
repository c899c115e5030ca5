"""Trials, derived from the events: one row a decision (docs/reference/trials.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from binome.core.stimulus import Answer, Stimulus, StimulusSet, Task
from binome.core.text import say
from binome.experiment.columns import covariates, table_columns
from binome.experiment.exclusion import exclusion
from binome.experiment.outcome import Outcome, outcomes
from binome.experiment.points import trial_points
from binome.experiment.records import Row, consenting, own_group, reading
from binome.experiment.sessions import Session
from binome.protocol import ConditionSpec, Protocol, Study, measured_reliability
from binome.protocol.debriefing import SAME


def read_trials(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row a decision, of every operator who consented; `table_columns`, None where not applicable."""
    with reading(database) as connection:
        return [row for session in consenting(connection) for row in session_trials(session, protocol, stimuli)]


def session_trials(session: Session, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """The trials of one operator that were decided, by the operator or the model, or whose time ran out."""
    study, items = protocol.study, {item.id: item for item in stimuli.items}
    columns = table_columns(stimuli, protocol)["trials"]
    reason = exclusion(session, protocol)
    everywhere = {
        "study": study.study, "operator": session.pseudonym, "simulated": session.simulated,
        "language": session.language, "group": own_group(session, protocol),
        "tolerance": float(stimuli.task.number.tolerance) if stimuli.task.number else None,
        "excluded": reason is not None, "exclusion_reason": reason,
        **{f"{side}_view": _json(stimuli.views.get(side, {})) for side in ("operator", "predictor")},
    }  # fmt: skip
    rows = []
    for outcome in outcomes(session):
        item, name = items.get(outcome.step.item or ""), outcome.step.condition or ""
        condition = study.conditions[name]
        row = {
            **everywhere,
            **_place(outcome),
            **_decisions(outcome, item, condition, stimuli.task),
            **_help(outcome, condition, stimuli),
            **_conduct(outcome),
            "points": trial_points(outcome, item, session, protocol, stimuli.task),
            "note": say(item.note, session.language) if item and item.note is not None else None,
            **_levels(study, name),
            **_known(item, stimuli),
        }
        rows.append({column: row[column] for column in columns})
    return rows


def _levels(study: Study, condition: str) -> Row:
    """The condition's level of each factor of the design, one column a factor."""
    return {
        f"factor_{name}": next((level for level, held in factor.levels.items() if condition in held), None)
        for name, factor in study.design.factors.items()
    }


def _place(outcome: Outcome) -> Row:
    step = outcome.step
    return {
        "sitting": outcome.sitting, "condition": step.condition, "block": step.block, "trial": step.trial,
        "position": step.position, "item": step.item, "attention_check": step.attention is not None,
        "practice": step.practice,
    }  # fmt: skip


def _decisions(outcome: Outcome, item: Stimulus | None, condition: ConditionSpec, task: Task) -> Row:
    """What is right, what the model said, what the operator decided, and who decided."""
    first, shown = outcome.initial, outcome.saw_advice(condition)
    advice = _number(item.advice if item else None, task)
    final = _number(outcome.decision(item), task)
    return {
        "truth": _number(item.truth if item else outcome.step.attention, task),
        "advice": advice,
        "advice_confidence": item.advice_confidence if item else None,
        "initial": _number(first["decision"], task) if first else None,
        "initial_confidence": first.get("confidence") if first else None,
        "final": final,
        "final_confidence": outcome.data.get("confidence"),
        "decided_by": outcome.decided_by,
        "delegated": outcome.delegated,
        "overridden": final != advice if shown and final is not None else None,
        "vetoed": outcome.vetoed,
        "timed_out": outcome.timed_out,
        "feedback": outcome.told,
        "reason": outcome.data.get("reason"),
    }


def _help(outcome: Outcome, condition: ConditionSpec, stimuli: StimulusSet) -> Row:
    """What help the operator had in this trial, and what use was made of it."""
    explained = outcome.saw_explanation(condition)
    given = outcome.data if explained else {}
    return {
        "advice_requested": outcome.requested,
        "advice_shown": outcome.saw_advice(condition),
        **_reliability(condition, stimuli),
        "explanation": condition.explanation if explained else None,
        "explanation_seconds": given.get("explanation_seconds"),
        "explanation_opened": given.get("explanation_opened"),
        "explanation_opacity": given.get("opacity"),
        "offered": outcome.offer is not None,
        "seen": outcome.stage is not None,
    }


def _reliability(condition: ConditionSpec, stimuli: StimulusSet) -> Row:
    """How often the model was said to be right, and whether that is untrue."""
    stated = condition.reliability
    if stated is None:
        return {"reliability_stated": None, "reliability_manipulated": None}
    measured = measured_reliability(stimuli)
    said = measured if stated == "measured" else stated
    return {"reliability_stated": said, "reliability_manipulated": abs(said - measured) > SAME}


def _conduct(outcome: Outcome) -> Row:
    """Times, and what the hand did meanwhile."""
    data, hover = outcome.data, outcome.data.get("hover")
    return {
        "offer_seconds": outcome.offer["seconds"] if outcome.offer else None,
        "initial_seconds": outcome.initial["seconds"] if outcome.initial else None,
        "alone_seconds": outcome.alone_seconds,
        "final_seconds": outcome.seconds,
        "veto_seconds": outcome.seconds if outcome.vetoed else None,
        "changes": data.get("changes"),
        "onset": data.get("onset"),
        "hover": _json(hover) if hover else None,
    }


def _number(answer: Answer | None, task: Task) -> Answer | None:
    """An estimate as a float, whether JSON brought 40 or 40.0; a decision's id as it is."""
    return answer if task.number is None or answer is None else float(answer)


def _known(item: Stimulus | None, stimuli: StimulusSet) -> Row:
    """What is known of the item, one column a covariate of the study."""
    given = item.covariates if item else {}
    return {f"item_{name}": given.get(name) for name in covariates(stimuli)}


def _json(value: Mapping[str, Any]) -> str:
    """Compact JSON, keys sorted."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
