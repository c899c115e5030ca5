"""A study from its file to its report: the machine half in `build`, the human half in `run`."""

from binome.pipeline.analysing import analyse_file, analyse_study, describe, is_table
from binome.pipeline.build import Pipeline, Stage, open_study
from binome.pipeline.inventory import health, known_names, plugin_table
from binome.pipeline.run import Experiment
from binome.pipeline.varying import Sweep

__all__ = [
    "Experiment", "Pipeline", "Stage", "Sweep", "analyse_file", "analyse_study", "describe", "health",
    "is_table", "known_names", "open_study", "plugin_table",
]  # fmt: skip
