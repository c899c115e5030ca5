"""The points that trials brought."""

from __future__ import annotations

from binome.core.stimulus import Stimulus, StimulusSet, Task
from binome.experiment.outcome import Outcome, outcomes
from binome.experiment.sessions import Session
from binome.protocol import Earned, Protocol, Settled, earned, points


def trial_points(
    outcome: Outcome, item: Stimulus | None, session: Session, protocol: Protocol, task: Task
) -> float | None:
    """The points of a measured trial; None in practice, for attention checks and without rewards."""
    rewards, step = protocol.study.rewards, outcome.step
    if rewards is None or item is None or step.position is None or step.trial is None:
        return None
    own = outcome.decided_by == "operator"
    settled = Settled(
        answer=outcome.decision(item),
        truth=item.truth,
        confidence=outcome.data.get("confidence") if own else None,
        delegated=outcome.delegated,
        vetoed=bool(outcome.vetoed),
    )
    return points(rewards, task, settled, operator=session.pseudonym, trial=step.trial)


def session_earned(session: Session, protocol: Protocol, stimuli: StimulusSet) -> Earned | None:
    """What a session with all its answers has won so far, the points for taking part included; None without rewards."""
    rewards, items = protocol.study.rewards, {item.id: item for item in stimuli.items}
    if rewards is None:
        return None
    given = [
        trial_points(outcome, items.get(outcome.step.item or ""), session, protocol, stimuli.task)
        for outcome in outcomes(session)
    ]
    return earned(rewards, sum(point for point in given if point is not None))
