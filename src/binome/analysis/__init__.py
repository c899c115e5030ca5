"""Analysis of trials, whoever collected them: `read_trials`, `measure`, `contrast`, `glmm`, `analyse`."""

# Their import registers the measures.
from binome.analysis import automation as automation
from binome.analysis import behaviour as behaviour
from binome.analysis import bias as bias
from binome.analysis import confidence as confidence
from binome.analysis import delegation as delegation
from binome.analysis import detection as detection
from binome.analysis import error as error
from binome.analysis import metacognition as metacognition
from binome.analysis import performance as performance
from binome.analysis import reliance as reliance
from binome.analysis import supervision as supervision
from binome.analysis import weight as weight
from binome.analysis.contrasting import contrast, contrasts
from binome.analysis.discovery import benjamini_hochberg
from binome.analysis.fit import Fit
from binome.analysis.holm import holm
from binome.analysis.measure import measures
from binome.analysis.measuring import by_operator, measure
from binome.analysis.meta_d import MetaD, meta_d
from binome.analysis.mixed import glmm
from binome.analysis.problems import BadValue, TrialsError
from binome.analysis.study import Analysis, analyse
from binome.analysis.trialmap import TrialMap, guess_columns, read_map
from binome.analysis.trials import Sifted, check_trials, read_trials, sift_trials

__all__ = [
    "Analysis", "BadValue", "Fit", "MetaD", "Sifted", "TrialMap", "TrialsError", "analyse", "benjamini_hochberg",
    "by_operator", "check_trials", "contrast", "contrasts", "glmm", "guess_columns", "holm", "measure", "measures",
    "meta_d", "read_map", "read_trials", "sift_trials",
]  # fmt: skip
