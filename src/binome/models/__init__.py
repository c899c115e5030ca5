"""Predictors: `fit` one, `save` and `load` it, `evaluate` it."""

# Their import registers architectures.
from binome.models import backbones as backbones
from binome.models import boards as boards
from binome.models import cases as cases
from binome.models import convolution as convolution
from binome.models import trees as trees
from binome.models.calibration import Reliability, fit_temperature, reliability
from binome.models.cards import Card, Overview, overview, partial_dependence, permutation_importance
from binome.models.evaluation import evaluate
from binome.models.fitting import fit
from binome.models.predictor import Prediction, Predictor
from binome.models.retraining import Retrained, fit_seeds
from binome.models.scores import wilson
from binome.models.settings import Settings
from binome.models.sides import SIDES, Sides, difficulty, sides
from binome.models.storage import load, save
from binome.models.validation import cross_validate
from binome.models.zoo import Architectures, Layout, architecture, build
from binome.models.zoo import names as architectures

__all__ = [
    "SIDES", "Architectures", "Card", "Layout", "Overview", "Prediction", "Predictor", "Reliability", "Retrained",
    "Settings", "Sides", "architecture", "architectures", "build", "cross_validate", "difficulty", "evaluate", "fit",
    "fit_seeds", "fit_temperature", "load", "overview", "partial_dependence", "permutation_importance", "reliability",
    "save", "sides", "wilson",
]  # fmt: skip
