"""Where pointers went, derived from the events: one row a page of a decision (docs/reference/trials.md)."""

from __future__ import annotations

from binome.core.stimulus import StimulusSet
from binome.experiment.records import Row, consenting, reading
from binome.experiment.sessions import Session
from binome.protocol import Protocol


def read_mouse(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row a page on which the pointer was followed, in the order of each operator's plan."""
    with reading(database) as connection:
        return [row for session in consenting(connection) for row in session_mouse(session, protocol)]


def session_mouse(session: Session, protocol: Protocol) -> list[Row]:
    """The pages of one operator; those of keyboards and fingers alone may have no sample."""
    return [
        {
            "study": protocol.study.study, "operator": session.pseudonym, "simulated": session.simulated,
            "condition": step.condition, "trial": step.trial, "stage": step.stage or "single",
            "practice": step.practice, "attention_check": step.attention is not None,
            **{name: mouse[name] for name in ("width", "height", "samples", "targets")},
        }
        for index, step in enumerate(session.plan)
        if step.kind == "decision" and (mouse := session.answers.get(index, {}).get("mouse"))
    ]  # fmt: skip
