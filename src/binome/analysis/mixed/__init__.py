"""Mixed models of trials: a formula, its design, the fit and its tables."""

from binome.analysis.mixed.fit import Fit
from binome.analysis.mixed.fitting import glmm

__all__ = ["Fit", "glmm"]
