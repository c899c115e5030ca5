"""How each trial of a session ended, from the plan and the answers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from binome.core.stimulus import Answer, Stimulus
from binome.experiment.disclosure import shows_advice, shows_explanation
from binome.experiment.sessions import Session
from binome.protocol import ConditionSpec, Step, handed_over
from binome.protocol.plan import Stage

DecidedBy = Literal["operator", "model"]
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """A trial that was decided, or whose time ran out.

    Attributes:
        step: the trial's last decision step, for its condition, block, position and item.
        stage: of the page on which the trial ended; None where no page of it was seen.
        sitting: from 1.
        data: what that page was completed with; empty where no page of it was seen.
        initial: what the page before the advice was completed with; None where there was none.
        offer: what the offer was completed with; None where none was made.
        alone_seconds: with the item alone, until the advice was asked for or the forced wait was over.
        requested: whether the advice was asked for; None where it could not be.
        delegated: whether the operator handed the item over, alone or with others.
        decided_by: None where time ran out.
        told: whether the operator was shown the right answer afterwards.
    """

    step: Step
    stage: Stage | None
    sitting: int
    data: Data
    initial: Data | None
    offer: Data | None
    alone_seconds: float | None
    requested: bool | None
    delegated: bool
    decided_by: DecidedBy | None
    told: bool

    def decision(self, item: Stimulus | None) -> Answer | None:
        """The decision that counts: the advice, where the model decided."""
        if self.decided_by == "model":
            return item.advice if item else None
        decision: Answer | None = self.data.get("decision")
        return decision

    @property
    def timed_out(self) -> bool:
        return self.decided_by is None

    @property
    def vetoed(self) -> bool | None:
        """None where there was nothing to veto."""
        return bool(self.data.get("vetoed")) if self.stage == "supervised" else None

    @property
    def seconds(self) -> float | None:
        """Seconds to what the operator did on the last page; None where that was nothing."""
        if self.stage in (None, "handled") or self.timed_out or self.vetoed is False:
            return None
        seconds: float = self.data["seconds"]
        return seconds

    @property
    def own_seconds(self) -> float | None:
        """Seconds that the operator's own decision took over all its pages, a forced wait apart; None without one."""
        if self.decided_by != "operator" or self.seconds is None:
            return None
        before = self.alone_seconds if self.requested else None
        return self.seconds + (before or 0.0) + (self.initial["seconds"] if self.initial else 0.0)

    def saw_advice(self, condition: ConditionSpec) -> bool:
        """Whether the advice was on the page when the operator could still decide."""
        return self.stage != "handled" and shows_advice(condition, self._page)

    def saw_explanation(self, condition: ConditionSpec) -> bool:
        """Whether the explanation was on the page: with the advice, or alone where the condition gives no advice."""
        return shows_explanation(condition, self._page)

    @property
    def _page(self) -> Step:
        """The page on which the trial ended, which need not be its last."""
        return replace(self.step, stage=self.stage)


def outcomes(session: Session) -> list[Outcome]:
    """The trials of a session that ended, in the order of its plan."""
    given = _given(session)
    sittings = _sittings(session.plan)
    ended = []
    for trial, pages in _pages(session.plan).items():
        outcome = _outcome(session, pages, given.get(trial), sittings[trial])
        if outcome is not None:
            ended.append(outcome)
    return ended


@dataclass
class _Pages:
    """The steps of one trial with their indices."""

    offer: int | None = None
    feedback: int | None = None
    decisions: list[tuple[int, Step]] = field(default_factory=list)


def _pages(plan: Sequence[Step]) -> dict[int, _Pages]:
    pages: dict[int, _Pages] = {}
    for index, step in enumerate(plan):
        if step.trial is None:
            continue
        mine = pages.setdefault(step.trial, _Pages())
        if step.kind == "offer":
            mine.offer = index
        elif step.kind == "feedback":
            mine.feedback = index
        elif step.kind == "decision":
            mine.decisions.append((index, step))
    return pages


def _sittings(plan: Sequence[Step]) -> dict[int, int]:
    sitting, found = 1, {}
    for step in plan:
        if step.kind == "return":
            sitting = step.sitting or sitting + 1
        elif step.trial is not None:
            found[step.trial] = sitting
    return found


def _given(session: Session) -> dict[int, bool]:
    """The trials that were passed over unseen or ended by handing over; the value tells whether the operator did it.

    Between items that were handed over, those that the model decides anyway are passed over too.
    """
    given: dict[int, bool] = {}
    for index, data in session.answers.items():
        if not data.get("delegated"):
            continue
        covered = handed_over(session.plan, index, int(data.get("count", 1)))
        given |= dict.fromkeys(covered, True)
        for step in session.plan[index:]:
            if step.trial == covered[-1]:
                break
            if step.stage == "handled" and step.trial is not None:
                given[step.trial] = False
    return given


def _outcome(session: Session, pages: _Pages, given: bool | None, sitting: int) -> Outcome | None:
    seen = {step.stage: session.answers[index] for index, step in pages.decisions if index in session.answers}
    stage = next((stage for stage in reversed(seen) if stage is not None and _ends(stage, seen[stage])), None)
    if given is None and stage is None:
        return None
    data = seen[stage] if stage else {}
    opened, waited, first = seen.get("open"), seen.get("wait"), seen.get("initial", {})
    requested = None if opened is None else bool(opened.get("requested"))
    alone = opened if requested else waited
    decided_by: DecidedBy | None = None if data.get("timed_out") else "operator"
    if given is not None or stage == "handled" or (stage == "supervised" and not data.get("vetoed")):
        decided_by = "model"
    return Outcome(
        step=pages.decisions[-1][1],
        stage=stage,
        sitting=sitting,
        data=data,
        initial=first if first.get("decision") is not None else None,
        offer=None if pages.offer is None else session.answers.get(pages.offer),
        alone_seconds=alone["seconds"] if alone else None,
        requested=requested,
        delegated=bool(given),
        decided_by=decided_by,
        told=pages.feedback in session.answers,
    )


def _ends(stage: Stage, data: Data) -> bool:
    """Whether the answer to a page is the last of its trial."""
    if stage in ("initial", "wait"):
        return bool(data.get("delegated"))
    return not data.get("requested")
