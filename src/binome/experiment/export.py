"""Export: CSV files that need no cleaning, and their codebook."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from binome.core.stimulus import StimulusSet
from binome.core.text import say
from binome.experiment.columns import covariates, factors, table_columns
from binome.experiment.pointer import read_mouse
from binome.experiment.records import Row, read_answers, read_events, read_operators
from binome.experiment.trials import read_trials
from binome.protocol import Protocol

CODEBOOK = Path(__file__).parent / "codebook.yaml"


def export_tables(database: str, protocol: Protocol, stimuli: StimulusSet) -> dict[str, list[Row]]:
    """All tables by name: trials, events, operators, answers, codebook, and `mouse` where the study records it."""
    readers = {"trials": read_trials, "events": read_events, "operators": read_operators, "answers": read_answers}
    if protocol.study.operators.record.mouse:
        readers["mouse"] = read_mouse
    return {
        **{name: read(database, protocol, stimuli) for name, read in readers.items()},
        "codebook": codebook(stimuli, protocol),
    }


def codebook(stimuli: StimulusSet | None = None, protocol: Protocol | None = None) -> list[Row]:
    """One row a column of every table: type, unit and meaning in English and French.

    Args:
        stimuli: of the study whose own columns are described too, and in whose unit estimates are.
        protocol: of the study whose factors are described too, and in whose currency payments are.
    """
    described: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(CODEBOOK.read_text("utf-8"))
    if protocol is not None:
        if not protocol.study.operators.record.mouse:
            del described["mouse"]
        described["trials"] |= {f"factor_{name}": _factor(name) for name in factors(protocol)}
        if protocol.study.rewards is not None:
            described["operators"]["payment"]["unit"] = protocol.study.rewards.currency
    if stimuli is not None:
        described["trials"] |= {name: described["trials"][name] | kind for name, kind in _estimates(stimuli).items()}
        described["trials"] |= _covariates(stimuli)
    return [
        {
            "table": table, "column": name, "type": meaning.get("type", "string"), "unit": meaning.get("unit"),
            "en": meaning["en"], "fr": meaning["fr"],
        }
        for table, columns in described.items()
        for name, meaning in columns.items()
    ]  # fmt: skip


def _estimates(stimuli: StimulusSet) -> dict[str, dict[str, Any]]:
    """Type and unit of the decisions, where they are numbers."""
    if stimuli.task.number is None:
        return {}
    kind = {"type": "number", "unit": say(stimuli.task.number.unit, "en") or None}
    return dict.fromkeys(("truth", "tolerance", "advice", "initial", "final"), kind)


def _factor(name: str) -> dict[str, str]:
    said = name.replace("_", " ")
    return {
        "en": f"The condition's level of the factor {said}",
        "fr": f"Niveau de la condition pour le facteur {said}",
    }


def _covariates(stimuli: StimulusSet) -> dict[str, dict[str, Any]]:
    """What is known of the items; one that is also a line of the case file has that line's name and unit."""
    features = {feature.id: feature for feature in stimuli.task.features}
    described = {}
    for name in covariates(stimuli):
        values = [item.covariates[name] for item in stimuli.items if name in item.covariates]
        feature = features.get(name)
        label = feature.label if feature else name.replace("_", " ")
        described[f"item_{name}"] = {
            "type": "string" if any(isinstance(value, str) for value in values) else "number",
            "unit": (say(feature.unit, "en") or None) if feature else None,
            "en": f"Known of the item: {say(label, 'en')}",
            "fr": f"Connu du stimulus\u00a0: {say(label, 'fr')}",
        }
    return described


def export_csv(folder: Path, database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Path]:
    """Write all tables as CSV files into a folder, made when missing; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    files, columns = [], table_columns(stimuli, protocol)
    for name, rows in export_tables(database, protocol, stimuli).items():
        files.append(folder / f"{name}.csv")
        files[-1].write_text(to_csv(rows, columns[name]), "utf-8")
    return files


def to_csv(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    """Rows as CSV: comma, quotes as in RFC 4180, empty for None, true/false, objects as JSON.

    Args:
        columns: needed when there may be no row to take them from (`table_columns` has those of every table).
    """
    names = list(columns) or list(rows[0] if rows else ())
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return buffer.getvalue()


def to_zip(tables: dict[str, list[Row]], columns: Mapping[str, Sequence[str]]) -> bytes:
    """All tables as CSV files in one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", to_csv(rows, columns[name]))
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value
