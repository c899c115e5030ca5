"""The command line: one verb a stage, thin over `pipeline` and the folders' faces.

Heavy imports stay inside the verbs, so that a verb with nothing to do answers in well under a second.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from binome.core import BinomeError, StudyError, UnknownNameError

if TYPE_CHECKING:
    from binome.pipeline import Experiment, Pipeline, Stage

FAILED, MISUSED = 1, 2
MOST_SKIPPED = 10

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measure what explanations do to human-machine collaboration.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

StudyPath = Annotated[Path, typer.Argument(help="A study folder, or its study.yaml.", metavar="STUDY")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for machines.")]
Database = Annotated[str | None, typer.Option(help="SQLAlchemy URL of the trials; study.db in the folder by default.")]
Memory = Annotated[
    str | None, typer.Option(help="What explaining may take of it together, e.g. 2GiB; by default what suits.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out rows and files that cannot be used, and list them.")
]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulated operators.")]


class CohortOption(StrEnum):
    human = "human"
    simulated = "simulated"


Operators = Annotated[
    CohortOption | None,
    typer.Option("--operators", help="Whose trials; people's when there are any, else simulated ones."),
]


def main() -> None:
    """Run the command line; a study's errors and unknown names end it with status 2, Binome's others with 1."""
    with errors_told():
        app()


@contextmanager
def errors_told() -> Iterator[None]:
    """Turn Binome's errors into a message and an exit status."""
    try:
        yield
    except StudyError as error:
        for problem in error.problems:
            err.print(f"[bold red]error[/] {_escape(str(problem))}", soft_wrap=True)
        sys.exit(MISUSED)
    except BinomeError as error:
        err.print(f"[bold red]error[/] {_escape(str(error))}", soft_wrap=True)
        sys.exit(MISUSED if isinstance(error, UnknownNameError) else FAILED)
    except KeyboardInterrupt:
        err.print("Stopped. The same command goes on from here.")
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from importlib.metadata import version as installed

        out.print(f"binome {installed('binome')}")
        raise typer.Exit


@app.command()
def demo(
    quick: Annotated[
        bool, typer.Option("--quick", help="Small digits instead of Fashion-MNIST; about a minute.")
    ] = False,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Keep serving at the end.")] = True,
    port: Port = 8765,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Run an example study whole: train, explain, freeze, simulate, analyse, report, serve.

    Example: binome demo --quick --no-serve
    """
    folder = _example("digits-quick" if quick else "fashion-pilot")
    start = time.perf_counter()
    stages = Stages(quiet=as_json)
    pipeline = _open(folder, stages, memory=memory)
    pipeline.build()
    experiment = _experiment(pipeline)
    experiment.simulate()
    report = experiment.report("simulated")
    seconds = time.perf_counter() - start
    if as_json:
        _print_json({"study": str(folder), "stages": stages.done, "report": str(report.path), "seconds": seconds})
    else:
        _print_analysis(experiment, "simulated")
        out.print(f"\nReport  {report.path}\nReady in {seconds:.0f} s")
    if serve:
        _serve(experiment, "127.0.0.1", port)


@app.command()
def new(
    folder: Annotated[Path | None, typer.Argument(help="The folder to make.", metavar="DIR")] = None,
    like: Annotated[str, typer.Option(help="Study of the library to start from.")] = "fashion-pilot",
    show: Annotated[bool, typer.Option("--list", help="Say what is in the library, and make nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make a study folder from one of the library: published designs, ready to run, and examples.

    Example: binome new my-study --like judge-advisor
    """
    if show:
        _print_library(as_json)
        return
    if folder is None:
        raise typer.BadParameter("name the folder to make, or ask for --list", param_hint="DIR")
    if folder.exists() and any(folder.iterdir()):
        raise BinomeError(f"{folder} is not empty; name a new folder")
    _copy_example(like, folder)
    if as_json:
        _print_json({"study": str(folder), "like": like})
    else:
        out.print(f"Made {folder}. Edit {folder / 'study.yaml'}, then: binome check {folder}", soft_wrap=True)


@app.command()
def check(study: StudyPath, as_json: Json = False) -> None:
    """Check a study file: every problem with its file, line, field and mend. Writes nothing.

    Example: binome check studies/fashion-pilot
    """
    from binome import protocol
    from binome.pipeline import Pipeline, known_names

    problems = protocol.check(study, known=known_names())
    warnings: tuple[Any, ...] = ()
    if not problems:
        loaded = protocol.load(study)
        problems, warnings = Pipeline(loaded).check_supply(), loaded.warnings
    if as_json:
        _print_json({"problems": [vars(p) for p in problems], "warnings": [vars(w) for w in warnings]})
    for warning in () if as_json else warnings:
        err.print(f"[yellow]warning[/] {_escape(str(warning))}", soft_wrap=True)
    if problems and as_json:
        raise typer.Exit(MISUSED)
    if problems:
        raise StudyError(problems)
    if not as_json:
        out.print(f"{study}: nothing wrong")


@app.command()
def train(study: StudyPath, skip_bad: SkipBad = False, as_json: Json = False) -> None:
    """Train, calibrate and evaluate the study's predictor.

    Example: binome train studies/fashion-pilot
    """
    _run(study, as_json, skip_bad, lambda pipeline: pipeline.train())


@app.command()
def vary(
    study: StudyPath,
    budget: Annotated[
        str | None, typer.Option(help="Longest time that the grid may be estimated to take, e.g. 90m or 2h.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are processors by default.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="A Ray cluster: ray://HOST:10001, auto, or local.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say what the grid will cost, and stop.")] = False,
    skip_bad: SkipBad = False,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Explain, score and compare the explanations; then the study's variation grid, with its page.

    Example: binome vary studies/fashion-pilot --budget 2h
    """
    from binome.pipeline import Sweep

    told: dict[str, Any] = {}

    def tell(found: Any) -> None:
        told["estimate"] = found.as_dict()
        if not as_json:
            out.print(f"  {'estimate':<26} {found}", soft_wrap=True)

    sweep = Sweep(budget, workers, on, tell, estimate)
    _run(study, as_json, skip_bad, lambda pipeline: pipeline.vary(sweep), memory, told)


@app.command()
def stimuli(study: StudyPath, skip_bad: SkipBad = False, memory: Memory = None, as_json: Json = False) -> None:
    """Freeze the stimulus set (and whatever it still needs).

    Example: binome stimuli studies/fashion-pilot
    """
    _run(study, as_json, skip_bad, lambda pipeline: pipeline.stimuli(), memory)


@app.command()
def build(study: StudyPath, skip_bad: SkipBad = False, memory: Memory = None, as_json: Json = False) -> None:
    """Train, explain, score and freeze: all that a server needs.

    Example: binome build studies/fashion-pilot
    """
    _run(study, as_json, skip_bad, lambda pipeline: pipeline.build(), memory)


@app.command()
def serve(
    study: StudyPath,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8765,
    database: Database = None,
) -> None:
    """Serve a built study to its operators and to the researcher.

    Example: binome serve studies/fashion-pilot --port 8765
    """
    _serve(_experiment(_open(study), database), host, port)


@app.command()
def simulate(
    study: StudyPath,
    operators: Annotated[int | None, typer.Option(min=1, help="How many; the design's number by default.")] = None,
    seed: Seed = 0,
    address: Annotated[str | None, typer.Option(help="Address of a running server of this study.")] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Send simulated operators through the study's real HTTP interface.

    Example: binome simulate studies/fashion-pilot --operators 60 --seed 1
    """
    stages = Stages(quiet=as_json)
    _experiment(_open(study, stages), database).simulate(operators=operators, seed=seed, address=address)
    if as_json:
        _print_json({"stages": stages.done})


class IntervalOption(StrEnum):
    percentile = "percentile"
    bca = "bca"


class DrawOption(StrEnum):
    operators = "operators"
    operators_and_items = "operators_and_items"


@app.command()
def analyse(
    source: Annotated[
        Path,
        typer.Argument(
            help="A study, or a file of trials: CSV, TSV, Parquet, JSON (jsPsych's own too).", metavar="STUDY|TRIALS"
        ),
    ],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="YAML file that says what the table calls our columns.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to the columns that were guessed.")] = False,
    skip_bad: SkipBad = False,
    measures: Annotated[
        str | None, typer.Option(help="Measures to compute first, with commas; `binome plugins measure` lists them.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Column whose groups are compared; condition by default.")] = None,
    positive: Annotated[
        str | None, typer.Option(help="Of two labels, the one that says that what is looked for is there.")
    ] = None,
    interval: Annotated[IntervalOption | None, typer.Option(help="Kind of the bootstrap's intervals.")] = None,
    draw: Annotated[DrawOption | None, typer.Option(help="What the bootstrap draws.")] = None,
    resamples: Annotated[int | None, typer.Option(min=0, help="Of the bootstrap; 2,000 by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the bootstrap.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="Folder of the page; results beside the trials or in the study by default.")
    ] = None,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Write analysis.html, its figures and tables.")] = True,
    operators: Operators = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Measure what help did: the declared contrast first, then everything that the trials allow, with intervals.

    Example: binome analyse trials.csv --map columns.yaml
    """
    from binome import pipeline, report

    if not source.exists():
        raise BinomeError(f"{source} is not there; name a study folder, or a file of trials")
    options: dict[str, Any] = {
        "measures": measures and [name.strip() for name in measures.split(",")], "by": by, "positive": positive,
        "interval": interval and interval.value, "draw": draw and draw.value, "resamples": resamples, "seed": seed,
    }  # fmt: skip
    asked = {name: value for name, value in options.items() if value is not None}
    if pipeline.is_table(source):
        found = pipeline.analyse_file(
            source, asked, mapping=mapping, skip_bad=skip_bad, confirm=lambda names: yes or _agreed(names)
        )
        folder = to or source.parent / "results"
    else:
        experiment = _experiment(_open(source), database)
        found = pipeline.analyse_study(experiment, asked, operators.value if operators else None)
        folder = to or experiment.results
    written = report.publish_analysis(found, folder)[0] if page else None
    if as_json:
        _print_json({**found.as_dict(), "page": str(written) if written else None})
        return
    for line in pipeline.describe(found.rejected) if found.rejected is not None else ():
        err.print(f"[yellow]left out[/] {_escape(line)}", soft_wrap=True)
    out.print(report.terminal(found))
    if written is not None:
        out.print(f"\nPage  {written}", soft_wrap=True)


def _agreed(names: Mapping[str, str]) -> bool:
    """Whether a person at the terminal says that columns were guessed rightly; nobody there says nothing."""
    if not sys.stdin.isatty():
        return False
    err.print("These columns seem to be:")
    for ours, theirs in names.items():
        err.print(f"  {ours:<20} {_escape(theirs)}")
    return typer.confirm("Is that right?", err=True)


@app.command()
def report(study: StudyPath, operators: Operators = None, database: Database = None, as_json: Json = False) -> None:
    """Write results/report.html with its figures and tables.

    Example: binome report studies/fashion-pilot
    """
    stages = Stages(quiet=as_json)
    made = _experiment(_open(study, stages), database).report(operators.value if operators else None)
    if as_json:
        _print_json(made.as_dict())
    else:
        out.print(made.path)


class ExportFormat(StrEnum):
    csv = "csv"
    parquet = "parquet"


@app.command()
def export(
    study: StudyPath,
    to: Annotated[ExportFormat, typer.Option("--to", help="Format of the tables.")] = ExportFormat.csv,
    folder: Annotated[Path | None, typer.Option(help="Where; results/export in the study by default.")] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Write trials, events, operators and answers, with their codebook.

    Example: binome export studies/fashion-pilot --to parquet
    """
    files = _experiment(_open(study), database).export(to.value, folder)
    if as_json:
        _print_json({"files": [str(file) for file in files]})
    else:
        out.print("\n".join(str(file) for file in files))


@app.command()
def plugins(
    kind: Annotated[str | None, typer.Argument(help="Only these, with all that they declare.")] = None,
    as_json: Json = False,
) -> None:
    """List contexts, architectures, explainers, metrics, agreements and measures.

    Example: binome plugins explainer
    """
    from binome.pipeline import plugin_table

    rows = plugin_table()
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    if kind is not None and kind not in kinds:
        raise UnknownNameError("kind of plug-in", kind, kinds)
    rows = [row for row in rows if kind in (None, row["kind"])]
    if as_json:
        _print_json(rows)
        return
    from rich.table import Table

    # What each one declares, such as an explainer's family, passes, needs and paper, has a column where all have it.
    more = list(dict.fromkeys(key for row in rows for key in row["declared"])) if kind else []
    table = Table(*([] if kind else ["kind"]), "name", "what it is", *more, box=None, pad_edge=False)
    for row in rows:
        told = [_cell(row["declared"].get(key)) for key in more]
        table.add_row(*([] if kind else [row["kind"]]), row["name"], row["summary"], *told)
    out.print(table)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine has and lacks for each half of Binome.

    Example: binome doctor
    """
    from binome.pipeline import health

    rows = health()
    if as_json:
        _print_json(rows)
    else:
        for row in rows:
            mark = "[green]ok[/]     " if row["ok"] else "[yellow]missing[/]"
            out.print(f"{mark} {row['what']:<22} {_escape(row['found'])}", soft_wrap=True)
    if not all(row["ok"] for row in rows if row["needed"]):
        raise typer.Exit(FAILED)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "yes" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else _escape(str(value))


class Stages:
    """Prints stages as they end and keeps them for `--json`."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet, self.done = quiet, list[dict[str, Any]]()

    def __call__(self, stage: Stage) -> None:
        self.done.append(stage.as_dict())
        if not self.quiet:
            what = f"made in {stage.seconds:.1f} s" if stage.made else "already there"
            out.print(f"  {stage.name:<26} {what}")


def _open(study: Path, stages: Stages | None = None, *, skip_bad: bool = False, memory: str | None = None) -> Pipeline:
    from binome.pipeline import open_study

    return open_study(study, stages or Stages(), skip_bad=skip_bad, memory=memory)


def _experiment(pipeline: Pipeline, database: str | None = None) -> Experiment:
    from binome.pipeline import Experiment

    return Experiment(pipeline, database)


def _run(
    study: Path,
    as_json: bool,
    skip_bad: bool,
    stage: Any,
    memory: str | None = None,
    told: Mapping[str, Any] | None = None,
) -> None:
    stages = Stages(quiet=as_json)
    pipeline = _open(study, stages, skip_bad=skip_bad, memory=memory)
    stage(pipeline)
    skipped = pipeline.skipped()
    if as_json:
        _print_json({"stages": stages.done, "skipped": skipped, **(told or {})})
        return
    for line in skipped[:MOST_SKIPPED]:
        err.print(f"[yellow]skipped[/] {_escape(line)}", soft_wrap=True)
    if len(skipped) > MOST_SKIPPED:
        err.print(f"[yellow]skipped[/] and {len(skipped) - MOST_SKIPPED} more; all are in the predictor's skipped.txt")


def _serve(experiment: Experiment, host: str, port: int) -> None:
    """Serve until interrupted."""
    with experiment.served(host, port) as address:
        out.print(f"\nTake part    {address}/take")
        out.print(f"Researcher   {address}/researcher?key={experiment.keys.researcher}", soft_wrap=True)
        out.print("Ctrl-C stops the server; every answer is on disk.")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            out.print("\nStopped.")


def _print_analysis(experiment: Experiment, cohort: Any) -> None:
    from binome import report

    out.print()
    out.print(report.terminal(experiment.analyse(cohort)))


def _example(name: str) -> Path:
    """The example's folder under `studies/` of a checkout, else a copy in the current folder."""
    checkout = Path("studies") / name
    if (checkout / "study.yaml").exists():
        return checkout
    copy = Path(name)
    if not (copy / "study.yaml").exists():
        _copy_example(name, copy)
    return copy


def _copy_example(name: str, target: Path) -> None:
    """The texts that a person wrote: a study that was run in place leaves its artefacts and answers behind."""
    library = _library()
    if name not in library:
        raise UnknownNameError("study of the library", name, library)
    source = library[name]
    written = [*source.glob("*.yaml"), *source.glob("*.md"), *source.glob("questionnaires/*.yaml")]
    for file in sorted([*written, *source.glob("pictures/*.*")]):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)


def _library() -> dict[str, Path]:
    """The studies that come with Binome, by name: in the wheel, else in the checkout."""
    packaged, checkout = Path(__file__).parent / "example_studies", Path(__file__).parents[2] / "studies"
    root = packaged if packaged.exists() else checkout
    return {file.parent.name: file.parent for file in sorted(root.glob("*/study.yaml"))}


def _print_library(as_json: bool) -> None:
    """Each study's name, and what the first line of its file says."""
    first = {name: (path / "study.yaml").read_text("utf-8").partition("\n")[0] for name, path in _library().items()}
    said = {name: line.removeprefix("#").strip() for name, line in first.items()}
    if as_json:
        _print_json(said)
        return
    for name, text in said.items():
        out.print(f"{name:<24} {_escape(text)}", soft_wrap=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
