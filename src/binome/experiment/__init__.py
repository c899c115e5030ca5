"""The experiment server: `create_app`, `serve`, and what it recorded."""

from binome.experiment.app import create_app
from binome.experiment.columns import COLUMNS, TRIAL_COLUMNS, table_columns
from binome.experiment.export import codebook, export_csv, export_tables, to_csv, to_zip
from binome.experiment.records import count_completed, fingerprint, read_answers, read_events, read_operators
from binome.experiment.serving import serve
from binome.experiment.trials import read_trials

__all__ = [
    "COLUMNS", "TRIAL_COLUMNS", "codebook", "count_completed", "create_app", "export_csv", "export_tables",
    "fingerprint", "read_answers", "read_events", "read_operators", "read_trials", "serve", "table_columns", "to_csv",
    "to_zip",
]  # fmt: skip
