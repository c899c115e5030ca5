"""Analysis of trials, whoever collected them: `read_trials`, `measure`, `contrast`, `glmm`, `analyse`."""

from binome.analysis import behaviour as _behaviour
from binome.analysis import performance as _performance
from binome.analysis import reliance as _reliance
from binome.analysis import weight as _weight
from binome.analysis.measure import measures
from binome.analysis.measuring import by_operator, contrast, contrasts, measure
from binome.analysis.mixed import Fit, glmm
from binome.analysis.study import Analysis, analyse
from binome.analysis.trials import check_trials, read_trials

__all__ = [
    "Analysis", "Fit", "analyse", "by_operator", "check_trials", "contrast", "contrasts", "glmm", "measure", "measures",
    "read_trials",
]  # fmt: skip
