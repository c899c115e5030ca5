"""What a study file may not say although each of its values is well-formed."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from binome.core import BinomeError, Problem, did_you_mean
from binome.protocol.catalogue import languages
from binome.protocol.condition_checks import condition_problems, condition_warnings, evidence_problems
from binome.protocol.design_checks import design_problems, design_warnings
from binome.protocol.reading import Path_, Source
from binome.protocol.rendering import declared, faults
from binome.protocol.schema import ExplanationSpec, GridMethodSpec, Study

SLACK = 1e-6


@dataclass(frozen=True)
class Known:
    """Names that exist outside this package, for checking a study against; None where not looked up.

    Attributes:
        gives: what each method gives, `maps` for most.
        parameters: of a method, the names that it takes, None for any; raises BinomeError when there is no such method.
    """

    contexts: Collection[str] | None = None
    methods: Collection[str] | None = None
    metrics: Collection[str] | None = None
    agreements: Collection[str] | None = None
    measures: Collection[str] | None = None
    architectures: Collection[str] | None = None
    gives: Mapping[str, str] = field(default_factory=dict)
    parameters: Callable[[str], Collection[str] | None] | None = None


def find_problems(source: Source, study: Study, known: Known) -> list[Problem]:
    """Names that do not exist, conditions that cannot be, designs that cannot be filled."""
    return [
        *_names(source, study, known),
        *_methods(source, study, known),
        *_grid(source, study, known),
        *_explanations(source, study, known),
        *rendering_problems(source, study, known.gives),
        *condition_problems(source, study),
        *_stimuli(source, study),
        *design_problems(source, study),
        *_way_back(source, study),
    ]


def find_warnings(source: Source, study: Study) -> list[Problem]:
    """What can be run but is probably not meant: designs that do not come out even, texts in one language."""
    warnings = design_warnings(source, study)
    if isinstance(study.title, dict):
        missing = [code for code in study.operators.languages if code not in study.title]
        warnings += [source.problem(("title",), f"no title in {code!r}", f"{code}: …") for code in missing]
    wanted, checks = study.operators.exclude.attention_failed, study.operators.attention_checks
    if isinstance(wanted, int) and wanted > checks:
        found = f"{wanted}, where each operator has {checks} attention checks: nobody is left out by it"
        path: Path_ = ("operators", "exclude", "attention_failed")
        warnings.append(source.problem(path, found, f"at most {checks}, or more operators.attention_checks"))
    return [*warnings, *condition_warnings(source, study)]


def _way_back(source: Source, study: Study) -> list[Problem]:
    """An address at the end of the session that no browser would open."""
    address = study.operators.completion_url
    if address is None or re.match(r"https?://[^/\s]+", address):
        return []
    return [source.problem(("operators", "completion_url"), repr(address), "an address that begins with https://")]


LISTED = 100
"""Most names that an error lists."""


def unknown_name(source: Source, path: Path_, name: str, known: Collection[str]) -> Problem:
    listing = ", ".join(sorted(known)) or "none is declared"
    if len(known) > LISTED:
        near = difflib.get_close_matches(name, list(known), n=5) or sorted(known)[:5]
        listing = f"{len(known):,} names such as {', '.join(near)}"
    return source.problem(path, repr(name), f"one of {listing}", did_you_mean(name, known))


def _names(source: Source, study: Study, known: Known) -> list[Problem]:
    named: list[tuple[Path_, str, Collection[str] | None]] = [
        (("predictor", "architecture"), study.predictor.architecture, known.architectures),
    ]
    if known.contexts is not None and not _is_data(source, study.context.name, known.contexts):
        named.append((("context", "name"), study.context.name, known.contexts))
    named += [
        (("explanations", key, "method"), spec.method, known.methods)
        for key, spec in study.explanations.items()
        if not is_imported(spec.method)
    ]
    named += [(("variation", "metrics", i), name, known.metrics) for i, name in enumerate(study.variation.metrics)]
    agreements = study.variation.agreements
    named += [(("variation", "agreements", i), name, known.agreements) for i, name in enumerate(agreements)]
    named += [(("analysis", "measures", i), name, known.measures) for i, name in enumerate(study.analysis.measures)]
    primary, path = study.analysis.primary, ("analysis", "primary")
    if primary:
        named.append(((*path, "measure"), primary.measure, known.measures))
        named += [((*path, "contrast", i), name, list(study.conditions)) for i, name in enumerate(primary.contrast)]
    problems = [
        unknown_name(source, path, name, names)
        for path, name, names in named
        if names is not None and name not in names
    ]
    problems += [
        source.problem(
            ("operators", "languages", i),
            repr(code),
            f"one of {', '.join(sorted(languages()))}, or its words in languages/{code}.yaml of the study folder",
            did_you_mean(code, languages()),
        )
        for i, code in enumerate(study.operators.languages)
        if code not in languages()
    ]
    if primary and primary.contrast[0] == primary.contrast[1]:
        problems.append(source.problem((*path, "contrast"), f"{primary.contrast[0]!r} twice", "two conditions"))
    if study.analysis.interval == "bca" and study.analysis.draw == "operators_and_items":
        found = "bca, where items are drawn anew too"
        problems.append(source.problem(("analysis", "interval"), found, "percentile, or `draw: operators`"))
    return problems


def _is_data(source: Source, name: str, contexts: Collection[str]) -> bool:
    """Whether a context's name is a data set of a known source, or a file or folder beside the study."""
    origin, colon, _ = name.partition(":")
    return bool(colon and origin in contexts) or (Path(source.file).parent / Path(name).expanduser()).exists()


def is_imported(method: str) -> bool:
    """Whether a method is named by where it can be imported from, not by its name here."""
    return ":" in method


def _methods(source: Source, study: Study, known: Known) -> list[Problem]:
    """Methods that cannot be imported, and parameters that a method does not take."""
    problems: list[Problem] = []
    if known.parameters is None:
        return problems
    for path, spec, given in _with_parameters(study):
        if known.methods is not None and spec.method not in known.methods and not is_imported(spec.method):
            continue  # told already
        try:
            taken = known.parameters(spec.method)
        except BinomeError as error:
            problems.append(source.problem((*path, "method"), repr(spec.method), str(error)))
            continue
        if taken is not None:
            may = [*taken, *type(spec).model_fields]
            wrong = [place for place in given if place[-1] not in taken]
            problems += [unknown_name(source, (*path, *place), str(place[-1]), may) for place in wrong]
    return problems


def _with_parameters(study: Study) -> Iterator[tuple[Path_, ExplanationSpec | GridMethodSpec, list[Path_]]]:
    """Everything in the file that names a method: where it stands, and where below it each parameter stands."""
    for name, spec in study.explanations.items():
        yield ("explanations", name), spec, [(param,) for param in spec.params]
    grid = study.variation.grid
    for name, method in grid.methods.items() if grid else ():
        places: list[Path_] = [(param,) for param in method.params]
        places += [("settings", i, param) for i, changed in enumerate(method.settings) for param in changed]
        yield ("variation", "grid", "methods", name), method, places


def _grid(source: Source, study: Study, known: Known) -> list[Problem]:
    """Names in the variation grid that do not exist, and levels that are no levels."""
    grid, head = study.variation.grid, ("variation", "grid")
    if grid is None:
        return []
    named: list[tuple[Path_, str, Collection[str] | None]] = [
        ((*head, "methods", name, "method"), one.method, known.methods)
        for name, one in grid.methods.items()
        if not is_imported(one.method)
    ]
    metrics = [one if isinstance(one, str) else one.metric for one in grid.metrics]
    named += [((*head, "metrics", i), name, known.metrics) for i, name in enumerate(metrics)]
    named += [((*head, "agreements", i), name, known.agreements) for i, name in enumerate(grid.agreements)]
    named += [((*head, "architectures", name), name, known.architectures) for name in grid.architectures]
    problems = [
        unknown_name(source, path, name, names)
        for path, name, names in named
        if names is not None and name not in names
    ]
    path: Path_
    for name, one in grid.methods.items():
        if (given := known.gives.get(one.method, "maps")) != "maps":
            expected = "a method that gives maps"
            problems.append(source.problem((*head, "methods", name), f"{one.method!r}, which gives {given}", expected))
        if len(one.settings) > len({repr(sorted(changed.items())) for changed in one.settings}):
            path = (*head, "methods", name, "settings")
            problems.append(source.problem(path, "the same setting twice", "each setting once"))
    if any(grid.fraction % divisor == 0 for divisor in range(2, math.isqrt(grid.fraction) + 1)):
        expected = "1 for the full grid, or a prime number such as 2, 3 or 5"
        problems.append(source.problem((*head, "fraction"), str(grid.fraction), expected))
    if len(set(grid.noise)) < len(grid.noise):
        problems.append(source.problem((*head, "noise"), str(grid.noise), "each noise level once"))
    if study.predictor.architecture in grid.architectures:
        path = (*head, "architectures", study.predictor.architecture)
        problems.append(
            source.problem(path, "the study's own architecture", "other ones: the study's own is always there")
        )
    return problems


def _explanations(source: Source, study: Study, known: Known) -> list[Problem]:
    """What is made from something that does not exist, that has no maps, or from itself."""
    problems = []
    made_from = {name: spec.sources for name, spec in study.explanations.items()}
    for name, spec in study.explanations.items():
        path: Path_ = ("explanations", name, "of")
        for of in spec.made_from:
            method = of.get("method") if isinstance(of, dict) else of
            if not isinstance(method, str):
                problems.append(source.problem(path, repr(of)[:60], "an explanation's name, or {method: …}"))
            elif isinstance(of, dict):
                if known.methods is not None and method not in known.methods:
                    problems.append(unknown_name(source, path, method, known.methods))
            elif of not in study.explanations:
                problems.append(unknown_name(source, path, of, list(study.explanations)))
            elif (given := known.gives.get(study.explanations[of].method, "maps")) != "maps":
                problems.append(source.problem(path, f"{of!r}, which gives {given}", "an explanation that gives maps"))
        if name in _ancestors(name, made_from):
            found = "itself, or what is made from it"
            problems.append(source.problem(path, found, "an explanation that is not made from this one"))
    return problems


def _ancestors(name: str, made_from: Mapping[str, list[str]]) -> set[str]:
    """All that an explanation is made from, over any number of steps."""
    found: set[str] = set()
    waiting = list(made_from[name])
    while waiting:
        of = waiting.pop()
        if of not in found:
            found.add(of)
            waiting += made_from.get(of, [])
    return found


def rendering_problems(
    source: Source, study: Study, gives: Mapping[str, str], cases: bool | None = None
) -> list[Problem]:
    """Renderings that do not fit, or that would give the advice away in a condition without it.

    Args:
        gives: by method, what it gives; methods that are not among them are not judged by it.
        cases: whether the study's items are case files; None where that is not known yet.
    """
    misfits = [
        source.problem(("explanations", name, "rendering", *filter(None, [key])), found, expected)
        for name, spec in study.explanations.items()
        for key, found, expected in faults(declared(study, name), gives.get(spec.method), cases)
    ]
    return [*misfits, *evidence_problems(source, study, gives, cases)]


def _stimuli(source: Source, study: Study) -> list[Problem]:
    """Shares that do not add up, and wishes that need an operator's proxy without one."""
    spec, problems = study.stimuli, []
    path: Path_ = ("stimuli", "complementarity")
    shares = spec.complementarity
    if shares is not None:
        total = sum(shares.values())
        if abs(total - 1) > SLACK:
            problems.append(source.problem(path, f"shares that add up to {total:g}", "shares that add up to 1"))
        right = shares.get("both", 0) + shares.get("predictor", 0)
        if spec.predictor_accuracy is not None and abs(right - spec.predictor_accuracy) > SLACK:
            found = f"{spec.predictor_accuracy:g}, where `both` and `predictor` add up to {right:g}"
            problems.append(source.problem(("stimuli", "predictor_accuracy"), found, f"{right:g}, or leave it out"))
        if spec.balance:
            found = "balance and complementarity at once"
            problems.append(source.problem(("stimuli", "balance"), found, "one of the two"))
    wants_proxy = shares is not None or (spec.difficulty is not None and spec.difficulty.of == "operator")
    if wants_proxy and spec.proxy is None:
        hint = "`proxy: {architecture: …}` stands for the operator"
        problems.append(source.problem(("stimuli", "proxy"), "nothing", "a model that stands for the operator", hint))
    if spec.difficulty is not None and spec.difficulty.low >= spec.difficulty.high:
        found = f"low {spec.difficulty.low:g} and high {spec.difficulty.high:g}"
        problems.append(source.problem(("stimuli", "difficulty"), found, "low below high"))
    return problems
