"""`binome analyse`: a study's trials, or anybody's file of trials, to findings and their page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from binome.core import BinomeError

if TYPE_CHECKING:
    import polars as pl

    from binome.analysis import Findings
    from binome.core.stimulus import StimulusSet
    from binome.pipeline.run import Cohort, Experiment
    from binome.protocol.questionnaire import Questionnaire

TABLES = {".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson"}
"""What a file of trials may be called; anything else is a study."""
GRID_TABLES = ("scores", "configurations", "item_dependability")
Confirm = Callable[[Mapping[str, str]], bool]
"""Asked whether columns, ours by theirs, were guessed rightly."""


def is_table(source: Path) -> bool:
    """Whether that is a file of trials, not a study; so are files of a kind that reading refuses by name."""
    from binome.analysis.reading import FOREIGN

    return source.suffix.lower() in TABLES | FOREIGN


def analyse_file(
    path: Path, asked: Mapping[str, Any], *, mapping: Path | None = None, skip_bad: bool = False, confirm: Confirm
) -> Findings:
    """Analyse trials of any origin.

    Args:
        asked: options of `analysis.find`: by, measures, resamples, …
        mapping: a YAML file that says what the table calls our columns (docs/reference/measures.md). Without one,
            common names are guessed, and used if `confirm` says so.
        skip_bad: leave out rows that cannot be used, and list them in the findings.

    Raises:
        TrialsError: naming row and column of every value that cannot be used, unless they are left out.
        BinomeError: when the file cannot be read, columns are not found, or nothing is left.
    """
    from binome import analysis

    given: Any = mapping if mapping is not None else _guessed(path, confirm)
    rejected = None
    if skip_bad:
        sifted = analysis.sift_trials(path, given)
        trials, rejected = sifted.trials, sifted.rejected if sifted.rejected.height else None
        if rejected is not None and trials.is_empty():
            first = "\n".join(describe(rejected, most=3)[:3])
            raise BinomeError(f"{path.name}: no row can be used; {rejected.height} reasons, the first:\n{first}")
    else:
        trials = analysis.read_trials(path, given)
    return analysis.find(trials, title=path.name, source=str(path), rejected=rejected, **asked)


def analyse_study(experiment: Experiment, asked: Mapping[str, Any], cohort: Cohort | None = None) -> Findings:
    """Analyse a study as it declares.

    Args:
        asked: options of `analysis.find` in the place of declared ones.

    Raises:
        BinomeError: when it has no trial of the cohort.
    """
    import polars as pl

    from binome import analysis
    from binome import experiment as server

    trials, declared = experiment.declared(cohort)
    simulated = bool(trials["simulated"][0])
    source = (experiment.database, experiment.protocol, experiment.stimuli)

    def of_cohort(rows: list[dict[str, Any]]) -> pl.DataFrame:
        # Answers are numbers or words: they are read as text, as the export writes them.
        mine = [{**row, "value": _text(row.get("value"))} for row in rows if row["simulated"] == simulated]
        return pl.DataFrame(mine, infer_schema_length=None)

    sessions = of_cohort(server.read_operators(*source))
    scores = explanation_scores(experiment)
    return analysis.find(
        trials,
        title=experiment.protocol.study.title,
        source=str(experiment.folder),
        margin=experiment.protocol.study.analysis.margin,
        sessions=sessions.select("operator", "status", "exclusion_reason"),
        answers=of_cohort(server.read_answers(*source)),
        scales=trust_scales(experiment.protocol.questionnaires),
        scores=scores,
        better=better_of(scores["metric"].unique().to_list()),
        placebo=[card.name for card in experiment.stimuli.explanations if card.control],
        **{**declared, **asked},
    )


def explanation_scores(experiment: Experiment) -> pl.DataFrame:
    """What is known of the explanations as they were shown, and of the grid's methods of the same names."""
    import polars as pl

    store, recipes = experiment.pipeline.store, experiment.pipeline.recipes
    agreements = pl.read_parquet(store.path(recipes.variation) / "agreements.parquet")
    grid = None
    if recipes.grid is not None and store.has(recipes.grid):
        folder = store.path(recipes.grid)
        grid = {name: pl.read_parquet(folder / f"{name}.parquet") for name in GRID_TABLES}
    return item_scores(experiment.stimuli, agreements, grid)


def better_of(metrics: Sequence[str]) -> dict[str, str]:
    """Which way each metric is better, `lower` or `higher`; agreement and dependability, which are no metrics, higher.

    Args:
        metrics: as scores name them: `deletion`, or with its parameters `deletion (zero)`.
    """
    from binome.report.wording import directions

    names = {metric: metric.partition(" (")[0] for metric in metrics}
    found = directions(names.values())
    lacking = [name for name in names.values() if name not in found and ":" not in name and name != "dependability"]
    if lacking:
        # The registry brings PyTorch with it: only for metrics that the report's words do not know.
        from binome.variation.metric import registry

        found |= {name: str(registry.get(name).declared["better"]) for name in lacking}
    return {metric: found.get(name, "higher") for metric, name in names.items()}


def item_scores(
    stimuli: StimulusSet, agreements: pl.DataFrame, grid: Mapping[str, pl.DataFrame] | None = None
) -> pl.DataFrame:
    """How good, how agreed upon and how dependable the explanation of each item is, under the trials' ids of items.

    Args:
        agreements: `a, b, measure, item, value`, of the explanations as they are shown.
        grid: the variation grid's tables `scores`, `configurations` and `item_dependability`, where it was run. Of its
            methods those count that are called as an explanation is; of its metrics, those that are not known already.

    Returns:
        `item, explanation, metric, value`.
    """
    import polars as pl

    from binome import analysis

    ids = {item.source: item.id for item in stimuli.by_role("trial")}
    shown = [analysis.stimulus_scores(stimuli), analysis.renamed(analysis.agreement_scores(agreements), ids)]
    if grid is not None:
        dependability = grid["item_dependability"]
        found = analysis.grid_scores(grid["scores"], grid["configurations"], dependability)
        names = [card.name for card in stimuli.explanations]
        known = shown[0]["metric"].unique().to_list()
        mine = found.filter(pl.col("explanation").is_in(names) & ~pl.col("metric").is_in(known))
        shown.append(analysis.renamed(mine, ids))
    return pl.concat(shown)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _guessed(path: Path, confirm: Confirm) -> Mapping[str, Any] | None:
    """A mapping by common names of what the table does not name as trials do, if a person agrees.

    Without an agreement, a table goes as it is where it has what no table can do without and no decision is guessed.
    """
    from binome import analysis
    from binome.analysis.dictionary import DECISIONS
    from binome.analysis.reading import read_table

    names = read_table(path)[0].columns
    found = analysis.guess_map(names)
    enough = "operator" in names and bool({"final", "delegated"} & set(names))
    if enough:
        found.pop("wide", None)
    proposed = {ours: theirs for part in found.values() for ours, theirs in part.items()}
    if not proposed:
        return None  # reading says what is missing
    if confirm(proposed):
        return found
    if enough and not set(DECISIONS) & set(proposed):
        return None
    told = "\n".join(f"{key}: {{{', '.join(map(_line, part.items()))}}}" for key, part in found.items())
    raise BinomeError(
        f"{path.name} does not name its columns as trials do. If these are right, write them into a file and give "
        f"it with --map, or confirm them with --yes (an empty file with --map: none of them is right):\n{told}"
    )


def _line(names: tuple[str, str]) -> str:
    """Ours by theirs as YAML reads it: what could mean more than a name stands between quotes."""
    ours, theirs = names
    return f"{ours}: {theirs if theirs.replace('_', '').isalnum() else json.dumps(theirs, ensure_ascii=False)}"


def describe(rejected: pl.DataFrame, most: int = 10) -> list[str]:
    """The first rows that were left out, a line each, and how many more there are."""
    lines = [
        f"row {row}, column {column!r}: found {found}, expected {expected}{f'; {hint}' if hint else ''}"
        for row, column, found, expected, hint in rejected.head(most).iter_rows()
    ]
    more = rejected.height - most
    return [*lines, f"and {more} more; all are in tables/rejected.csv"] if more > 0 else lines


def trust_scales(questionnaires: Mapping[str, Questionnaire]) -> dict[str, dict[str, Any]]:
    """The scales of trust of a study's questionnaires, as `analysis.trust` takes them."""
    found: dict[str, dict[str, Any]] = {}
    for name, questionnaire in questionnaires.items():
        ends = {item: (question.low, question.high) for question in questionnaire.questions for item in question.ids}
        for label, scale in questionnaire.spec.scales.items():
            if scale.trust:
                found[label if label not in found else f"{name}.{label}"] = {
                    "questionnaire": name,
                    **scale.model_dump(exclude={"trust"}),
                    "low": {item: ends[item][0] for item in scale.items},
                    "high": {item: ends[item][1] for item in scale.items},
                }
    return found
