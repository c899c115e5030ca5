"""Who is left out of the analysis, by the rules that the study declared before its data came."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from binome.experiment.outcome import outcomes
from binome.experiment.sessions import Session
from binome.protocol import Protocol


def exclusion(session: Session, protocol: Protocol) -> str | None:
    """The first rule that leaves an operator out: screening, comprehension, incomplete, attention, fast or slow.

    None for operators who count.
    """
    if session.status == "excluded":
        return session.plan[session.cursor].purpose or "incomplete"
    if session.status != "completed":
        return "incomplete"
    return next(_broken(session, protocol), None)


def checks(session: Session) -> list[bool]:
    """Whether each attention check that came was passed, in their order."""
    return [
        session.answers[index].get("decision") == step.attention
        for index, step in enumerate(session.plan)
        if step.attention is not None and index in session.answers
    ]


def median_seconds(session: Session) -> float | None:
    """Median time of the operator's own measured decisions over all their pages, a forced wait apart."""
    own = [outcome.own_seconds for outcome in outcomes(session) if outcome.step.position is not None]
    known = [seconds for seconds in own if seconds is not None]
    return statistics.median(known) if known else None


def duration(session: Session) -> float | None:
    """Seconds from opening to the last page, the days between sittings apart; None before the last page."""
    if session.completed is None:
        return None
    return session.completed - session.created - sum(_pauses(session))


def _pauses(session: Session) -> Iterator[float]:
    """Seconds between sittings: from the last page of one to the opening page of the next."""
    before = session.created
    for index, moment in sorted(session.times.items()):
        if session.plan[index].kind == "return":
            yield moment - before
        before = moment


def _broken(session: Session, protocol: Protocol) -> Iterator[str]:
    """The rules that a completed session breaks."""
    rules = protocol.study.operators.exclude
    passed = checks(session)
    failed = passed.count(False)
    most = len(passed) if rules.attention_failed == "all" else rules.attention_failed
    if most is not None and failed and failed >= most:
        yield "attention"
    median, seconds = median_seconds(session), duration(session)
    if rules.fast is not None and median is not None and median < rules.fast:
        yield "fast"
    if rules.slow_minutes is not None and seconds is not None and seconds > rules.slow_minutes * 60:
        yield "slow"
