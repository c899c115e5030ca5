"""Places in the design: who gets which, how they stay balanced, when one is given again. Parts of a job.

A place is *held* by an operator who has finished or may still be at work: idle for less than the lease, or away between
two sittings for less than the study allows. Any other place is free; who left it is `expired` once it is taken.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from binome.core import derive_seed
from binome.experiment.sessions import COMPLETED, RUNNING, Session, lock_slots
from binome.experiment.storage import sessions, slots
from binome.protocol import Place, Study, groups_of

DAY = 24 * 3600.0


@dataclass(frozen=True)
class Holder:
    """A slot that was given, and the session that it was given to.

    Attributes:
        series: stratum and group in which slots are counted, each empty where they are not counted by it.
        answers: by which operators are assigned (`stratum_of`).
        held_until: seconds since 1970.
    """

    series: tuple[str, str]
    slot: int
    session: str
    status: str
    answers: str
    held_until: float

    def is_held(self, now: float) -> bool:
        return self.status == COMPLETED or (self.status == RUNNING and self.held_until >= now)


def take_place(
    connection: Connection, session: Session, study: Study, answers: Mapping[str, Any], *, now: float
) -> Place | None:
    """A place for the session, now its own; None when all are held.

    It is the lowest free slot: of all; of the operator's stratum; or of the group that minimisation chooses. All
    servers wait for each other here, so that simultaneous arrivals are one after the other.

    Args:
        answers: to the screening questionnaire.
    """
    lock_slots(connection)
    holders = _holders(connection, simulated=session.simulated)
    held = [holder for holder in holders if holder.is_held(now)]
    places, spec = study.design.operators, study.design.assignment
    if len(held) >= places:
        return None
    stratum = stratum_of(study, answers)
    group = None
    if spec is not None and spec.kind == "minimisation":
        known = [(holder.series[1], holder.answers) for holder in held]
        # Everyone who was ever given a place counts as a draw, so that ties are not always broken alike.
        group = minimising(list(groups_of(study)), known, stratum, len(holders))
    series = (stratum if spec is not None and group is None else "", group or "")
    slot = _take_slot(connection, session, series, holders, places=places, now=now)
    return None if slot is None else Place(slot, series[0], group)


def free_places(connection: Connection, study: Study, *, simulated: bool, now: float) -> int:
    """How many more operators could get a place now, whatever they answer."""
    held = sum(holder.is_held(now) for holder in _holders(connection, simulated=simulated))
    return max(0, study.design.operators - held)


def patience(study: Study, session: Session) -> float:
    """For how many seconds a session keeps its place although nothing comes from it."""
    sittings = study.design.sittings
    if sittings is not None and session.is_away:
        return sittings.within * DAY
    return study.operators.lease_minutes * 60


def stratum_of(study: Study, answers: Mapping[str, Any]) -> str:
    """An operator's answers by which the study assigns, as `question=answer&…`; empty where it does not."""
    by = study.design.assignment.by if study.design.assignment else []
    return urlencode([(name, _written(answers.get(name))) for name in by])


def minimising(groups: Sequence[str], known: Iterable[tuple[str, str]], stratum: str, draw: int) -> str:
    """The group that an operator joins so that groups stay alike in every answer.

    For each question, the groups should have as many operators with the new one's answer; the group is chosen with
    which the sum, over questions, of the variances of these numbers would be least. Of several, it is the one with the
    fewest operators in all; what is still a tie is drawn.

    Pocock & Simon (1975), Sequential treatment assignment with balancing for prognostic factors in the controlled
    clinical trial, Biometrics 31, 103-115; with the variance as measure of imbalance and probability 1.

    Args:
        known: group and answers (`stratum_of`) of those who are in already.
        draw: the number of this draw.
    """
    alike: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for group, other in known:
        alike[group] += len(_pairs(stratum) & _pairs(other))
        size[group] += 1
    # One more in a group of c adds 2c + 1 to the sum of squares: the variances grow least where the c are least.
    fewest = min((alike[group], size[group]) for group in groups)
    tied = [group for group in groups if (alike[group], size[group]) == fewest]
    return random.Random(derive_seed(0, "minimisation", stratum, draw)).choice(tied)


def _holders(connection: Connection, *, simulated: bool) -> list[Holder]:
    """All slots of a cohort that were given to anyone."""
    query = (
        sa.select(slots, sessions.c.status, sessions.c.stratum.label("answers"), sessions.c.held_until)
        .join(sessions, sessions.c.id == slots.c.session)
        .where(slots.c.simulated == simulated)
    )
    return [
        Holder((row.stratum, row.group), row.slot, row.session, row.status, row.answers, row.held_until or 0)
        for row in connection.execute(query)
    ]


def _take_slot(
    connection: Connection,
    session: Session,
    series: tuple[str, str],
    holders: Sequence[Holder],
    *,
    places: int,
    now: float,
) -> int | None:
    """The lowest free slot of a series, now the session's; None where those who left it came back meanwhile."""
    own = {holder.slot: holder for holder in holders if holder.series == series}
    for slot in range(places):
        holder = own.get(slot)
        if holder is not None and (holder.is_held(now) or not _dismiss(connection, holder, now)):
            continue
        if holder is None and len(holders) >= places:
            # Slots of other series were left: one of them is given up for this one, the longest left first.
            left = sorted((one for one in holders if not one.is_held(now)), key=lambda one: one.held_until)
            if not any(_dismiss(connection, one, now) for one in left):
                return None
        values = {"stratum": series[0], "group": series[1], "slot": slot, "session": session.id}
        connection.execute(slots.insert().values(simulated=session.simulated, **values))
        return slot
    return None


def _dismiss(connection: Connection, holder: Holder, now: float) -> bool:
    """Take a slot from who left it; False when that operator comes back at this very moment."""
    if holder.status == RUNNING:
        # Asked again by the update itself.
        left = (sessions.c.id == holder.session) & (sessions.c.status == RUNNING) & (sessions.c.held_until < now)
        if connection.execute(sessions.update().where(left).values(status="expired")).rowcount == 0:
            return False
    connection.execute(slots.delete().where(slots.c.session == holder.session))
    return True


def _pairs(stratum: str) -> set[tuple[str, str]]:
    """Questions with their answers."""
    return set(parse_qsl(stratum, keep_blank_values=True))


def _written(answer: Any) -> str:
    """An answer as part of a name: numbers the same however the browser wrote them."""
    if answer is None:
        return ""
    return f"{answer:g}" if isinstance(answer, int | float) else str(answer)
