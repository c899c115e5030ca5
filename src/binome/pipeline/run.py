"""The human half of a study: its server, its cohort, its trials, its analysis and its report."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from binome.core import BinomeError, digest
from binome.core.artefacts import read_manifest
from binome.pipeline.build import Pipeline, Stage

if TYPE_CHECKING:
    import polars as pl
    from fastapi import FastAPI

    from binome.analysis import Analysis

Cohort = Literal["human", "simulated"]


@dataclass(frozen=True)
class Keys:
    """Secrets of one study's server: `researcher` opens the researcher's pages, `secret` signs."""

    researcher: str
    secret: str


class Experiment:
    """A built study, ready to be served, run and analysed.

    Args:
        pipeline: the study; its stimuli must be built.
        database: SQLAlchemy URL; `study.db` (SQLite) beside the study file by default.
    """

    def __init__(self, pipeline: Pipeline, database: str | None = None) -> None:
        self.pipeline = pipeline
        self.protocol = pipeline.protocol
        self.folder = self.protocol.folder
        self.database = database or f"sqlite:///{self.folder / 'study.db'}"
        self.results = self.folder / "results"
        self.stimuli = pipeline.read_stimuli()

    @cached_property
    def keys(self) -> Keys:
        """Made once and kept, readable by their owner only."""
        path = self.folder / ".binome" / "keys.json"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            made = {"researcher": secrets.token_urlsafe(16), "secret": secrets.token_urlsafe(32)}
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(made, file)
        return Keys(**json.loads(path.read_text("utf-8")))

    def app(self) -> FastAPI:
        """The experiment server's application."""
        from binome import experiment

        return experiment.create_app(
            self.protocol,
            self.stimuli,
            database=self.database,
            researcher_key=self.keys.researcher,
            secret=self.keys.secret,
        )

    @contextmanager
    def served(self, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
        """Serve in the background; yields the address."""
        from binome import experiment

        with experiment.serve(self.app(), host=host, port=port) as address:
            yield address

    def simulate(self, *, operators: int | None = None, seed: int = 0, address: str | None = None) -> Stage:
        """Send a simulated cohort through the study's real HTTP interface.

        Operators that finished before are not sent again: the stage is then not `made`.

        Args:
            operators: how many; the design's number by default.
            address: of a running server; without it one is served for the time of the run.
        """
        start = time.perf_counter()
        wanted = operators or self.protocol.study.design.operators
        done = self._completed("simulated")
        if done < wanted:
            if address is None:
                with self.served() as served:
                    self._send(served, wanted, seed)
            else:
                self._send(address, wanted, seed)
        stage = Stage(f"{wanted} simulated operators", self.folder, done < wanted, time.perf_counter() - start)
        self.pipeline.on_stage(stage)
        return stage

    def trials(self) -> pl.DataFrame:
        """All trials so far, one row a decision (docs/reference/trials.md)."""
        from binome import analysis, experiment

        return analysis.check_trials(experiment.read_trials(self.database, self.protocol, self.stimuli))

    def declared(self, cohort: Cohort | None = None) -> tuple[pl.DataFrame, dict[str, Any]]:
        """The trials of a cohort, and the options of `analysis.analyse` that the study declares.

        Args:
            cohort: whose trials; without it those of people, or of simulated operators while no person
                has finished. The two are never mixed.

        Raises:
            BinomeError: when there is no trial to analyse.
        """
        import polars as pl

        trials = self.trials()
        cohort = cohort or self._usual()
        trials = trials.filter(pl.col("simulated") == (cohort == "simulated"))
        if trials.is_empty():
            raise BinomeError(f"{self.folder} has no {cohort} trials yet: run `binome serve` or `binome simulate`")
        spec = self.protocol.study.analysis
        return trials, {
            "measures": list(dict.fromkeys(["accuracy", *spec.measures])),
            "primary": spec.primary.model_dump() if spec.primary else None,
            "conditions": list(self.protocol.study.conditions),
            **spec.model_dump(include={"resamples", "seed", "interval", "draw", "positive"}),
        }

    def analyse(self, cohort: Cohort | None = None) -> Analysis:
        """The declared analysis (`declared` says of whose trials)."""
        from binome import analysis

        trials, options = self.declared(cohort)
        return analysis.analyse(trials, **options)

    def report(self, cohort: Cohort | None = None) -> Stage:
        """Write `results/report.html` (and its French twin), unless it already says what the data say."""
        start = time.perf_counter()
        stamp = self.results / ".made-from"
        cohort = cohort or self._usual()
        key = self._report_key(cohort)
        target = self.results / "report.html"
        made = not target.exists() or not stamp.exists() or stamp.read_text("utf-8") != key
        if made:
            from binome import report  # not before: a report that is there must say so at once

            report.publish(self.results, self.evidence(cohort))
            stamp.write_text(key, "utf-8")
        stage = Stage("report", target, made, time.perf_counter() - start)
        self.pipeline.on_stage(stage)
        return stage

    def evidence(self, cohort: Cohort | None = None) -> Any:
        """All that the report shows."""
        import polars as pl

        from binome import experiment, report

        store, pipeline = self.pipeline.store, self.pipeline
        analysed = self.analyse(cohort)
        simulated = bool(analysed.simulated)

        def of_cohort(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [row for row in rows if row["simulated"] == simulated]

        variation = store.path(pipeline.recipes.variation)
        return report.Evidence(
            study=self.protocol.study,
            stimuli=self.stimuli,
            card=pipeline.card(),
            scores=pl.read_parquet(variation / "scores.parquet"),
            agreements=pl.read_parquet(variation / "agreements.parquet"),
            analysis=analysed,
            operators=of_cohort(experiment.read_operators(self.database, self.protocol, self.stimuli)),
            answers=of_cohort(experiment.read_answers(self.database, self.protocol, self.stimuli)),
            provenance=self.provenance(),
        )

    def export(self, to: Literal["csv", "parquet"], folder: Path | None = None) -> list[Path]:
        """Write trials, operators, answers, events and the codebook; returns their files."""
        import polars as pl

        from binome import experiment

        target = folder or self.results / "export"
        source = (self.database, self.protocol, self.stimuli)
        if to == "csv":
            return experiment.export_csv(target, *source)
        target.mkdir(parents=True, exist_ok=True)
        files = []
        for name, rows in experiment.export_tables(*source).items():
            text = experiment.to_csv(rows, experiment.table_columns(self.stimuli, self.protocol)[name])
            files.append(target / f"{name}.parquet")
            pl.read_csv(text.encode(), infer_schema_length=None, raise_if_empty=False).write_parquet(files[-1])
        return files

    def provenance(self) -> dict[str, Any]:
        """Keys, content hashes, seeds and versions of every artefact that the study stands on."""
        pipeline = self.pipeline
        recipes = {
            "predictor": pipeline.recipes.predictor,
            "selection": pipeline.recipes.selection,
            **{f"explanation {name}": recipe for name, recipe in pipeline.recipes.explanations.items()},
            "variation": pipeline.recipes.variation,
            "stimuli": pipeline.recipes.stimuli,
        }
        manifests = {name: read_manifest(pipeline.store.path(recipe)) for name, recipe in recipes.items()}
        return {
            "artefacts": {name: {"key": m["key"], "content": m["content"]} for name, m in manifests.items()},
            "versions": manifests["stimuli"]["versions"],
            "commands": [
                f"binome build {self.folder.name}",
                f"binome simulate {self.folder.name}",
                f"binome report {self.folder.name}",
            ],
        }

    def _send(self, address: str, operators: int, seed: int) -> None:
        from binome import operators as simulated

        simulated.simulate(
            address,
            self.stimuli,
            operators=operators,
            seed=seed,
            simulation_key=self.keys.researcher,
            protocol=self.protocol,
        )

    def _completed(self, cohort: Cohort) -> int:
        from binome import experiment

        return experiment.count_completed(self.database, simulated=cohort == "simulated")

    def _usual(self) -> Cohort:
        """People, or simulated operators while no person has finished."""
        return "human" if self._completed("human") else "simulated"

    def _report_key(self, cohort: Cohort) -> str:
        from binome import experiment
        from binome.core.versions import versions

        state = experiment.fingerprint(self.database)
        study = self.protocol.study.model_dump(mode="json")
        varied = (self.results / "variation.html").exists()
        made_of = {"study": study, "stimuli": self.stimuli.key, "data": state, "cohort": cohort, "varied": varied}
        return digest({**made_of, "versions": versions()})
