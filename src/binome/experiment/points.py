"""The points that trials brought."""

from __future__ import annotations

from collections.abc import Mapping

from binome.core.stimulus import Stimulus, Task
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


def won(
    session: Session, protocol: Protocol, items: Mapping[str, Stimulus], task: Task, block: int | None = None
) -> list[float]:
    """The points of each measured trial that has ended, of one block or of all; nothing without rewards."""
    ended = [outcome for outcome in outcomes(session) if block in (None, outcome.step.block)]
    given = [trial_points(one, items.get(one.step.item or ""), session, protocol, task) for one in ended]
    return [points for points in given if points is not None]


def session_earned(session: Session, protocol: Protocol, items: Mapping[str, Stimulus], task: Task) -> Earned | None:
    """What a session with all its answers has won so far, the points for taking part included; None without rewards."""
    rewards = protocol.study.rewards
    return None if rewards is None else earned(rewards, sum(won(session, protocol, items, task)))
