"""Designs that cannot be filled, and those that can but do not come out even."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations, pairwise, product
from math import ceil, floor, lcm

from binome.core import Problem, did_you_mean
from binome.protocol.arrangement import groups_of
from binome.protocol.designs import MOST_COMPLETE, orders
from binome.protocol.error_places import shortage
from binome.protocol.reading import Path_, Source
from binome.protocol.schema import DesignSpec, Study

SLACK = 1e-9


def design_problems(source: Source, study: Study) -> list[Problem]:
    """Groups and factors that fit no design, too few operators or items, orders and errors that cannot be had."""
    shape = [*_keys(source, study.design), *_groups(source, study), *_factors(source, study)]
    if shape:
        # Nothing can be counted in a design that is none.
        return [*shape, *_assignment(source, study)]
    return [
        *_operators(source, study),
        *_items(source, study),
        *_sittings(source, study),
        *_errors(source, study),
        *_assignment(source, study),
    ]


def design_warnings(source: Source, study: Study) -> list[Problem]:
    """Numbers that do not come out even, cells that stay empty, wrong advices that nobody has counted yet."""
    return [*_uneven_operators(source, study), *_uneven_items(source, study), *_unknown_supply(source, study)]


def items_each(study: Study) -> tuple[int, Path_]:
    """How many items an operator decides on, and where the study file says so."""
    own = study.design.items_each
    return (study.stimuli.items, ("stimuli", "items")) if own is None else (own, ("design", "items_each"))


def _keys(source: Source, design: DesignSpec) -> Iterator[Problem]:
    """Keys of a design of another kind, and those that a kind cannot do without."""
    for key, kind, example in (
        ("groups", "mixed", "{novices: [a, b], experts: [a, c]}"),
        ("factors", "factorial", "{help: {levels: {little: [a], much: [b]}}}"),
    ):
        given = getattr(design, key)
        if given and design.kind != kind:
            yield source.problem(("design", key), f"{key} in a {design.kind} design", f"none, or `kind: {kind}`")
        elif not given and design.kind == kind:
            yield source.problem(("design", key), "nothing", f"the {key} of a {kind} design: {example}")


def _groups(source: Source, study: Study) -> Iterator[Problem]:
    if study.design.kind != "mixed" or not study.design.groups:
        return
    for group, names in study.design.groups.items():
        path: Path_ = ("design", "groups", group)
        if not names:
            yield source.problem(path, "no condition", "at least one condition")
        yield from _conditions(source, study, path, names)
    met = {name for names in study.design.groups.values() for name in names}
    yield from _left_out(source, study, ("design", "groups"), met, "in no group")


def _factors(source: Source, study: Study) -> Iterator[Problem]:
    """Each condition has one level of each factor, and each combination of levels is one condition."""
    factors = study.design.factors
    if study.design.kind != "factorial" or not factors:
        return
    faults: list[Problem] = []
    for factor, spec in factors.items():
        path: Path_ = ("design", "factors", factor, "levels")
        for level, names in spec.levels.items():
            faults += _conditions(source, study, (*path, level), names)
        for one, other in combinations(spec.levels, 2):
            for name in sorted(set(spec.levels[one]) & set(spec.levels[other])):
                faults.append(source.problem(path, f"{name!r} at {one} and at {other}", "each condition at one level"))
        met = {name for names in spec.levels.values() for name in names}
        faults += _left_out(source, study, path, met, f"at no level of {factor}")
    yield from faults
    if faults:
        return
    for cell in product(*(spec.levels for spec in factors.values())):
        levels = zip(factors.values(), cell, strict=True)
        held = set.intersection(*(set(spec.levels[level]) for spec, level in levels))
        if len(held) != 1:
            where = " and ".join(f"{factor}: {level}" for factor, level in zip(factors, cell, strict=True))
            found = f"{' and '.join(map(repr, sorted(held))) or 'no condition'} at {where}"
            yield source.problem(("design", "factors"), found, "one condition for each combination of levels")


def _conditions(source: Source, study: Study, path: Path_, names: list[str]) -> Iterator[Problem]:
    """Names of no condition, and conditions that are named twice."""
    known = list(study.conditions)
    for i, name in enumerate(names):
        if name not in known:
            hint = did_you_mean(name, known)
            yield source.problem((*path, i), repr(name), f"one of {', '.join(sorted(known))}", hint)
        elif name in names[:i]:
            yield source.problem((*path, i), f"{name!r} twice", "each condition once; `design.blocks` repeats them")


def _left_out(source: Source, study: Study, path: Path_, met: Collection[str], where: str) -> Iterator[Problem]:
    for name in study.conditions:
        if name not in met:
            yield source.problem(path, f"{name!r} {where}", "every condition, or it is reached by nobody")


def _operators(source: Source, study: Study) -> Iterator[Problem]:
    design, groups = study.design, groups_of(study)
    if design.operators < len(groups):
        expected = f"at least {len(groups)}, or a condition is reached by nobody"
        yield source.problem(("design", "operators"), str(design.operators), expected)
    most = max(map(len, groups.values()))
    if design.order == "complete" and most > MOST_COMPLETE:
        expected = f"at most {MOST_COMPLETE} conditions with it, or williams"
        yield source.problem(("design", "order"), f"complete, of {most} conditions", expected)


def _items(source: Source, study: Study) -> Iterator[Problem]:
    each, path = items_each(study)
    blocks = max(_blocks(study))
    if each > study.stimuli.items:
        yield source.problem(path, str(each), f"at most {study.stimuli.items}, which stimuli.items gives")
    if each < blocks:
        what = "block" if study.design.blocks > 1 else "condition"
        yield source.problem(path, str(each), f"at least {blocks}, one for each {what}")
    places = each - blocks
    if study.operators.attention_checks > places >= 0:
        expected = f"at most {places}: one before any item but the first of each block"
        found = str(study.operators.attention_checks)
        yield source.problem(("operators", "attention_checks"), found, expected)


def _sittings(source: Source, study: Study) -> Iterator[Problem]:
    spec, blocks = study.design.sittings, min(_blocks(study))
    if spec is None:
        return
    if spec.count > blocks:
        expected = f"at most {blocks}, one for each block of an operator"
        hint = "`design.blocks` makes more of them"
        yield source.problem(("design", "sittings", "count"), str(spec.count), expected, hint)
    if spec.within <= spec.days:
        expected = f"more than {spec.days:g}, the days that must pass, or nobody can come back in time"
        yield source.problem(("design", "sittings", "within"), f"{spec.within:g}", expected)


def _errors(source: Source, study: Study) -> Iterator[Problem]:
    """Places of wrong advice that no block has, that contradict each other, or that the items cannot fill."""
    errors, lengths = study.design.errors, _lengths(study)
    path: Path_ = ("design", "errors")
    faults = []
    for i, place in enumerate(errors.at):
        here: Path_ = (*path, "at", i)
        if place in errors.at[:i]:
            faults.append(source.problem(here, f"{place} twice", "each place once"))
        if place > min(lengths):
            faults.append(source.problem(here, str(place), f"at most {min(lengths)}, the trials of the shortest block"))
        if place <= errors.none_among_first:
            faults.append(source.problem(here, str(place), f"more than {errors.none_among_first}: none_among_first"))
    run = _longest_run(errors.at)
    if errors.most_in_a_row is not None and run > errors.most_in_a_row:
        expected = f"at most {errors.most_in_a_row}: most_in_a_row"
        faults.append(source.problem((*path, "at"), f"{run} places in a row", expected))
    if errors.none_among_first > min(lengths):
        expected = f"at most {min(lengths)}, the trials of the shortest block"
        faults.append(source.problem((*path, "none_among_first"), str(errors.none_among_first), expected))
    yield from faults
    wrong = _wrong(study)
    if faults or wrong is None or max(_blocks(study)) > items_each(study)[0]:
        return
    if errors.at:
        yield from _schedule_supply(source, study, wrong)
        return
    for length in sorted(lengths):
        expected_wrong = length * wrong / study.stimuli.items
        for count in sorted({floor(expected_wrong + SLACK), ceil(expected_wrong - SLACK)}):
            if shortage(length, count, errors) is not None:
                found = f"{_rule(study)}, where blocks of {length} trials have {count} wrong advices"
                expected = "a rule that so many can follow, or items with fewer wrong advices (predictor_accuracy)"
                yield source.problem(path, found, expected)
                return


def _schedule_supply(source: Source, study: Study, wrong: int) -> Iterator[Problem]:
    """Where the share of right advice is declared as such, the conditions' checks tell."""
    each, places = items_each(study)[0], len(study.design.errors.at)
    if study.stimuli.predictor_accuracy is not None:
        return
    for blocks in _blocks(study):
        wanted = blocks * places
        if wanted > wrong or each - wanted > study.stimuli.items - wrong:
            found = f"{wanted} wrong advices among the {each} items of an operator"
            expected = f"what the stimuli can give, {wrong} wrong ones of {study.stimuli.items}"
            yield source.problem(("design", "errors", "at"), found, expected, "see stimuli.complementarity")
            return


def _rule(study: Study) -> str:
    errors = study.design.errors
    rule = [f"none among the first {errors.none_among_first}"] if errors.none_among_first else []
    rule += [f"at most {errors.most_in_a_row} in a row"] if errors.most_in_a_row else []
    return " and ".join(rule)


def _longest_run(places: Collection[int]) -> int:
    longest = run = int(bool(places))
    for before, after in pairwise(sorted(places)):
        run = run + 1 if after == before + 1 else 1
        longest = max(longest, run)
    return longest


def _assignment(source: Source, study: Study) -> Iterator[Problem]:
    """The screening questionnaire's own questions are checked where it is read."""
    spec = study.design.assignment
    if spec is None:
        return
    if study.operators.screening is None:
        found = f"{', '.join(spec.by)}, and no screening questionnaire"
        expected = "operators: {screening: {questionnaire: …}}, which asks for it"
        yield source.problem(("design", "assignment", "by"), found, expected)
    for i, name in enumerate(spec.by):
        if name in spec.by[:i]:
            yield source.problem(("design", "assignment", "by", i), f"{name!r} twice", "each question once")
    one_group = study.design.kind == "within" or (
        study.design.kind == "factorial" and not any(factor.between for factor in study.design.factors.values())
    )
    if spec.kind == "minimisation" and one_group:
        found = "minimisation, where all operators meet the same conditions"
        yield source.problem(("design", "assignment", "kind"), found, "stratified, or a design with groups to choose")


def _uneven_operators(source: Source, study: Study) -> Iterator[Problem]:
    design, groups = study.design, groups_of(study)
    if design.assignment is not None:
        # How many there will be in each stratum, or each group, is not known.
        return
    rows = lcm(*(len(orders(design.order, len(names))) for names in groups.values()))
    each, _ = items_each(study)
    most = max(map(len, groups.values()))
    whole = len(groups) * ceil(most * study.stimuli.items / each)
    if design.operators % (len(groups) * rows):
        multiple = len(groups) * rows
        if rows == 1:
            what = "conditions have" if design.kind == "between" else "groups have"
            expected = f"a multiple of {multiple}, so that all {what} as many operators"
        else:
            inside = "" if len(groups) == 1 else " of each group"
            expected = f"a multiple of {multiple}, so that every order of conditions{inside} has as many operators"
        hint = f"the next is {multiple * ceil(design.operators / multiple)}"
        yield source.problem(("design", "operators"), str(design.operators), expected, hint)
    elif design.operators < whole:
        expected = f"at least {whole}, so that every item is met in every condition"
        yield source.problem(("design", "operators"), str(design.operators), expected)


def _uneven_items(source: Source, study: Study) -> Iterator[Problem]:
    each, path = items_each(study)
    multiple = lcm(*_blocks(study))
    if each % multiple:
        what = "blocks" if study.design.blocks > 1 else "conditions"
        hint = f"the next is {multiple * ceil(each / multiple)}"
        expected = f"a multiple of {multiple}, so that all {what} have as many items"
        yield source.problem(path, str(each), expected, hint)


def _unknown_supply(source: Source, study: Study) -> Iterator[Problem]:
    errors = study.design.errors
    if (errors.at or _rule(study)) and _wrong(study) is None:
        found = "a rule for wrong advices, of which it is not known how many there will be"
        expected = "stimuli: {predictor_accuracy: …}, which says how many"
        yield source.problem(("design", "errors"), found, expected)


def _blocks(study: Study) -> set[int]:
    """How many blocks the operators of each group go through."""
    return {len(names) * study.design.blocks for names in groups_of(study).values()}


def _lengths(study: Study) -> set[int]:
    """How many items a block may have."""
    each, _ = items_each(study)
    return {length for blocks in _blocks(study) for length in (each // blocks, ceil(each / blocks))}


def _wrong(study: Study) -> int | None:
    """Wrong advices among the trial items; None where the study leaves it to chance."""
    share = study.stimuli.predictor_accuracy
    if share is None and study.stimuli.complementarity is not None:
        share = sum(study.stimuli.complementarity.get(side, 0) for side in ("both", "predictor"))
    return None if share is None else study.stimuli.items - round(study.stimuli.items * share)
