"""Predictors: `fit` one, `save` and `load` it, `evaluate` it."""

# Its import registers it.
from binome.models import boards as boards
from binome.models.calibration import Reliability, fit_temperature, reliability
from binome.models.evaluation import Card, evaluate, wilson
from binome.models.predictor import Prediction, Predictor
from binome.models.settings import Settings
from binome.models.storage import load, save
from binome.models.training import fit
from binome.models.zoo import Layout, architecture, build
from binome.models.zoo import names as architectures

__all__ = [
    "Card", "Layout", "Prediction", "Predictor", "Reliability", "Settings", "architecture", "architectures", "build", "evaluate",
    "fit", "fit_temperature", "load", "reliability", "save", "wilson",
]  # fmt: skip
