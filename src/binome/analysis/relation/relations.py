"""`relations`: from trials to profiles, shares, classes and flow of the four relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from binome.analysis.conform import conform
from binome.analysis.relation.classes import latent_classes
from binome.analysis.relation.coding import Thresholds, code
from binome.analysis.relation.flow import flow
from binome.analysis.relation.profile import draw, evidence, profiles, shares, tally
from binome.analysis.resampling import grouped, with_condition
from binome.core import BinomeError

OPTIONAL = ("advice", "initial", "final")


@dataclass(frozen=True)
class Relations:
    """How operators and model worked together, by the groups of one column (here `condition`).

    Attributes:
        profiles: `operator, condition, n, undefined, autonomy, mediation, delegation, substitution`: shares of the
            operator's n trials that could be coded; null where none could.
        shares: `condition, relation, value, low, high, n, undefined, operators`: of all trials of the condition.
        evidence: `condition, evidence, relation, n`: what trials were coded from; no relation: why they were not.
        classes: `classes, log_likelihood, parameters, bic, p`: one row a number of classes; p of the bootstrap test
            against one class fewer, made for the chosen number and for one more.
        chosen: the number of classes with the least BIC; 0 where there is no profile.
        members: `class, share, low, high, autonomy, …`: the chosen classes, from the one that leaves least to the
            model to the one that leaves most.
        assigned: `operator, condition, class, probability`: one row a profile and class.
        flow: `condition, step, unit, first, second, operators, of, share, low, high`: operators by their dominant
            relation in one part and in the next (`unit`: block or half), as a share of all `of` who have one in both.
        drift: `condition, first, second, moved, back, operators, value, low, high, p`: from the first part to the last,
            the share who moved from the first relation to the second less the share who moved back.
        between: `condition_first, condition_second, first, second, operators, of, share, low, high`: as `flow`,
            from one condition to another, of operators who met both.
        reasons: part (`adoption`, `time`, `explanation`, `confidence`: what the coding could not use; `profiles`,
            `classes`, `flow`, `between`: what could not be computed) -> code.
    """

    profiles: pl.DataFrame
    shares: pl.DataFrame
    evidence: pl.DataFrame
    classes: pl.DataFrame
    chosen: int
    members: pl.DataFrame
    assigned: pl.DataFrame
    flow: pl.DataFrame
    drift: pl.DataFrame
    between: pl.DataFrame
    reasons: Mapping[str, str]


def relations(
    trials: pl.DataFrame,
    *,
    by: str = "condition",
    resamples: int = 2000,
    seed: int = 0,
    thresholds: Thresholds | None = None,
    most: int = 5,
    tests: int = 99,
    refits: int = 200,
) -> Relations:
    """Code each trial as evidence for autonomy, mediation, delegation or substitution; profiles, classes, flow.

    After Baird & Maruping 2021 and Raisch & Krakowski 2021; the coding is in docs/reference/relations.md.

    Args:
        trials: as `read_trials` gives them.
        by: the column whose groups are kept apart; trials without a condition are one group, "all".
        resamples, seed: of the participant-cluster bootstrap; 0 for no intervals.
        thresholds: of the coding; `Thresholds()` by default.
        most: classes at most.
        tests: samples simulated for each test of k classes against k − 1; 0 for none.
        refits: resamples, at most, in which the classes are fitted again for the intervals of their shares.

    Raises:
        BinomeError: naming a missing column; when no trial is left, or a number is out of bounds.
        TrialsError: naming row and column of a value that cannot be used.
    """
    for name, number, least in (
        ("resamples", resamples, 0),
        ("most", most, 1),
        ("tests", tests, 0),
        ("refits", refits, 0),
    ):
        if number < least:
            raise BinomeError(f"{name} must be {least} or more, found {number}")
    lacking = [name for name in OPTIONAL if name not in trials.columns]
    trials = with_condition(trials, by)
    data = grouped(conform(trials).with_columns(pl.lit(None).alias(name) for name in lacking), [by])
    if not data.size:
        raise BinomeError("no trial is left after practice, attention checks and exclusions; no relation can be told")
    coded = code(data, thresholds or Thresholds())
    counts, draws = tally(coded, data.layout), draw(len(data.operators), resamples, seed)
    classes = latent_classes(counts, data, draws, most=most, tests=tests, refits=refits, seed=seed)
    moved = flow(coded, counts, data, draws)
    reasons = dict(coded.reasons)
    if not counts.coded.any():
        reasons["profiles"] = "nothing_coded"
    return Relations(
        profiles=profiles(counts, data),
        shares=shares(counts, data, draws),
        evidence=evidence(coded, data),
        classes=classes.classes,
        chosen=classes.chosen,
        members=classes.members,
        assigned=classes.assigned,
        flow=moved.flow,
        drift=moved.drift,
        between=moved.between,
        reasons={**reasons, **classes.reasons, **moved.reasons},
    )
