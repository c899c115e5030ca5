"""A plan: the whole sequence of steps of one operator, fixed when a slot is assigned.

A plan is data (it is stored with the session and hashed into the export). It names items, conditions
and questionnaires; the experiment turns one step at a time into what the browser may see.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from binome.core.stimulus import Answer

StepKind = Literal[
    "consent", "device", "instructions", "block", "offer", "decision", "feedback", "questionnaire", "break", "return",
    "debriefing", "done",
]  # fmt: skip
Stage = Literal["initial", "final", "single", "open", "wait", "supervised", "handled"]
"""Of a decision step. `initial` comes before the advice, `final` after it; `single` is the only decision of its trial.
`open`: the operator decides, or asks for the advice; `wait`: the item alone for a while, nothing to answer;
`supervised`: the model decides, the operator may veto; `handled`: the model decides, the operator is told."""
Purpose = Literal["screening", "comprehension"]


@dataclass(frozen=True)
class Step:
    """One screen.

    Attributes:
        condition, block: of the trial or block announcement; None outside blocks. Blocks count from 0
            and practice has block None.
        trial: counts the operator's trials from 0, practice and attention checks included, so that
            the steps of one trial (offer, initial, final, feedback) share it.
        position: of the measured trial among the operator's measured trials, from 0; None otherwise.
        item: stimulus id; None for an attention check.
        attention: the decision id, or the number, that an attention check asks for.
        questionnaire: its id; the same one may come several times (after each block).
        purpose: of a questionnaire that decides how the session goes on.
        attempt: of a comprehension questionnaire, and of instructions, from 1.
        sitting: of the `return` step, the number of the sitting that begins with it, from 2.
    """

    kind: StepKind
    condition: str | None = None
    block: int | None = None
    trial: int | None = None
    position: int | None = None
    item: str | None = None
    stage: Stage | None = None
    practice: bool = False
    attention: Answer | None = None
    questionnaire: str | None = None
    purpose: Purpose | None = None
    attempt: int | None = None
    sitting: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None and value is not False}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Step:
        return cls(**data)
