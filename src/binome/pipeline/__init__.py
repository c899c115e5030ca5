"""A study from its file to its report: the machine half in `build`, the human half in `run`."""

from binome.pipeline.build import Pipeline, Stage, open_study
from binome.pipeline.inventory import health, known_names, plugin_table
from binome.pipeline.run import Experiment
from binome.pipeline.varying import Sweep

__all__ = ["Experiment", "Pipeline", "Stage", "Sweep", "health", "known_names", "open_study", "plugin_table"]
