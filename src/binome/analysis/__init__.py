"""Analysis of trials, whoever collected them: `read_trials`, `measure`, `contrast`, `glmm`, `analyse`."""

# Their import registers the measures.
from binome.analysis import behaviour as behaviour
from binome.analysis import error as error
from binome.analysis import performance as performance
from binome.analysis import reliance as reliance
from binome.analysis import weight as weight
from binome.analysis.fit import Fit
from binome.analysis.measure import measures
from binome.analysis.measuring import by_operator, contrast, contrasts, measure
from binome.analysis.mixed import glmm
from binome.analysis.problems import BadValue, TrialsError
from binome.analysis.study import Analysis, analyse
from binome.analysis.trials import check_trials, read_trials

__all__ = [
    "Analysis", "BadValue", "Fit", "TrialsError", "analyse", "by_operator", "check_trials", "contrast", "contrasts",
    "glmm", "measure", "measures", "read_trials",
]  # fmt: skip
