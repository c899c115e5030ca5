"""What an operator has won so far: the running score of a block, and the whole at the end."""

from __future__ import annotations

from binome.experiment.api import Score
from binome.experiment.outcome import outcomes
from binome.experiment.points import trial_points
from binome.experiment.stage import Scene
from binome.protocol import Earned, earned


def score(scene: Scene) -> Score | None:
    """Points of the block's measured trials so far; None where the condition does not show them.

    Of this block alone: what was won in one without score or feedback would tell how often its answers were right.
    """
    step = scene.step
    if scene.study.rewards is None or not scene.condition.score or step.block is None:
        return None
    won = _won(scene, step.block)
    return Score(points=sum(won), last=won[-1] if won else None)


def earned_by(scene: Scene) -> Earned | None:
    """What the session has won in all; None in a study without rewards. Needs all of the session's answers."""
    rewards = scene.study.rewards
    return None if rewards is None else earned(rewards, sum(_won(scene)))


def _won(scene: Scene, block: int | None = None) -> list[float]:
    """The points of each measured trial that has ended, of one block or of all."""
    session, protocol, items = scene.session, scene.stage.protocol, scene.stage.items
    ended = [outcome for outcome in outcomes(session) if block in (None, outcome.step.block)]
    given = [trial_points(one, items.get(one.step.item or ""), session, protocol, scene.task) for one in ended]
    return [points for points in given if points is not None]
