"""How the report was made: study file, seeds, hashes, versions, commands, citation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from binome.core import say
from binome.report.evidence import Evidence
from binome.report.tables import Cell, Table, table
from binome.report.wording import Wording


@dataclass(frozen=True)
class Making:
    """`seeds` and `bootstrap` are sentences; `study_file` is YAML; `citation` is BibTeX."""

    commands: tuple[str, ...]
    seeds: str
    bootstrap: str
    artefacts: Table | None
    versions: str
    study_file: str
    citation: str


def making(evidence: Evidence, words: Wording) -> Making:
    """What someone needs to make the same report again."""
    provenance: Mapping[str, Any] = evidence.provenance
    analysis = evidence.analysis
    versions = provenance.get("versions", {})
    return Making(
        commands=tuple(provenance.get("commands", ())),
        seeds=" · ".join(words.say("seed_of", part=part, seed=seed) for part, seed in _seeds(evidence, words).items()),
        bootstrap=words.say(
            "bootstrap_text", resamples=words.count(analysis.resamples), kind=words[f"bootstrap_{analysis.interval}"]
        ),
        artefacts=_artefacts(provenance.get("artefacts", {}), words),
        versions=" · ".join(f"{name} {version}" for name, version in versions.items()),
        study_file=_study_file(evidence),
        citation=_citation(evidence, str(versions.get("binome", ""))),
    )


def _seeds(evidence: Evidence, words: Wording) -> dict[str, int]:
    study = evidence.study
    return {
        words["seed_predictor"]: study.predictor.seed,
        **{name: spec.seed for name, spec in study.explanations.items()},
        words["seed_variation"]: study.variation.seed,
        words["seed_stimuli"]: study.stimuli.seed,
        words["seed_analysis"]: evidence.analysis.seed,
    }


def _artefacts(artefacts: Mapping[str, Any], words: Wording) -> Table | None:
    rows: list[list[Cell | str]] = [
        [name, _hash(made, "key"), _hash(made, "content")] for name, made in artefacts.items()
    ]
    head = [words[key] for key in ("artefact", "key", "content")]
    return table(words["artefacts_caption"], head, rows, text=3) if rows else None


def _hash(made: Any, part: str) -> str:
    """The first 16 digits, which are also those of the folder's name; a provenance may hold the key alone."""
    return str(made[part])[:16] if isinstance(made, Mapping) else str(made)[:16] if part == "key" else ""


def _study_file(evidence: Evidence) -> str:
    # Through JSON: plain values only, in the order of the schema.
    values = json.loads(evidence.study.model_dump_json())
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=88)
    return text


def _citation(evidence: Evidence, version: str) -> str:
    title = say(evidence.study.title, "en")
    key = evidence.stimuli.key[:16]
    return "\n".join(
        [
            f"@misc{{{evidence.study.study},",
            f"  title  = {{{title}}},",
            f"  note   = {{Study {evidence.study.study}, stimulus set {key}, made with Binome {version}}}",
            "}",
        ]
    )
