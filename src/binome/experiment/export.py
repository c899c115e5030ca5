"""Export: five CSV files that need no cleaning, and their codebook."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from binome.core.stimulus import StimulusSet
from binome.experiment.trials import (
    TRIAL_COLUMNS,
    Row,
    column_types,
    read_answers,
    read_events,
    read_operators,
    read_trials,
)
from binome.protocol import Protocol

CODEBOOK = Path(__file__).parent / "codebook.yaml"


def export_tables(database: str, protocol: Protocol, stimuli: StimulusSet) -> dict[str, list[Row]]:
    """All tables by name: trials, events, operators, answers, codebook."""
    readers = {"trials": read_trials, "events": read_events, "operators": read_operators, "answers": read_answers}
    return {**{name: read(database, protocol, stimuli) for name, read in readers.items()}, "codebook": codebook()}


def codebook() -> list[Row]:
    """One row a trial column: type, unit and meaning in English and French."""
    described: dict[str, dict[str, Any]] = yaml.safe_load(CODEBOOK.read_text("utf-8"))
    kinds = column_types()
    return [
        {
            "column": name,
            "type": kinds[name],
            "unit": described[name].get("unit"),
            "en": described[name]["en"],
            "fr": described[name]["fr"],
        }
        for name in TRIAL_COLUMNS
    ]


def to_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    """Rows as CSV: comma, RFC 4180 quotes, empty for None, true/false, objects as JSON."""
    names = list(columns) or list(rows[0] if rows else ())
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return buffer.getvalue()


def to_zip(tables: dict[str, list[Row]]) -> bytes:
    """All tables as CSV files in one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", to_csv(rows, TRIAL_COLUMNS if name == "trials" else ()))
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value
