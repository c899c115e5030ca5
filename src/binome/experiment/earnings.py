"""What an operator has won so far: the running score of a block, and the whole at the end."""

from __future__ import annotations

from binome.experiment.api import Score
from binome.experiment.points import session_earned, won
from binome.experiment.stage import Scene
from binome.protocol import Earned


def score(scene: Scene) -> Score | None:
    """Points of the block's measured trials so far; None where the condition does not show them.

    Of this block alone: what was won in one without score or feedback would tell how often its answers were right.
    """
    step = scene.step
    if scene.study.rewards is None or not scene.condition.score or step.block is None:
        return None
    points = won(scene.session, scene.stage.protocol, scene.stage.items, scene.task, step.block)
    return Score(points=sum(points), last=points[-1] if points else None)


def earned_by(scene: Scene) -> Earned | None:
    """What the session has won in all; None in a study without rewards. Needs all of the session's answers."""
    return session_earned(scene.session, scene.stage.protocol, scene.stage.items, scene.task)
