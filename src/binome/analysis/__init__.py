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
from binome.analysis.bayes_factor import bayes_factor, bayes_factor_term
from binome.analysis.biases import biases
from binome.analysis.contrasting import contrast, contrasts
from binome.analysis.diffusion import Diffusion, diffusion
from binome.analysis.discovery import benjamini_hochberg
from binome.analysis.equivalence import equivalence
from binome.analysis.findings import Findings, find
from binome.analysis.guessing import guess_columns, guess_map
from binome.analysis.holm import holm
from binome.analysis.measure import measures
from binome.analysis.measuring import by_operator, measure
from binome.analysis.meeting import (
    Meeting,
    agreement_scores,
    grid_scores,
    meeting,
    renamed,
    stimulus_scores,
)
from binome.analysis.meta_d import MetaD, meta_d
from binome.analysis.mixed import Fit, glmm
from binome.analysis.problems import BadValue, TrialsError
from binome.analysis.relation import Relations, relations
from binome.analysis.study import Analysis, analyse
from binome.analysis.trialmap import TrialMap, read_map
from binome.analysis.trials import Sifted, check_trials, read_trials, sift_trials
from binome.analysis.trust import Mediation, Trust, mediation, trust

__all__ = [
    "Analysis", "BadValue", "Diffusion", "Findings", "Fit", "Mediation", "Meeting", "MetaD", "Relations", "Sifted",
    "TrialMap", "TrialsError", "Trust", "agreement_scores", "analyse", "bayes_factor", "bayes_factor_term",
    "benjamini_hochberg", "biases", "by_operator", "check_trials", "contrast", "contrasts", "diffusion", "equivalence",
    "find", "glmm", "grid_scores", "guess_columns", "guess_map", "holm", "measure", "measures", "mediation",
    "meeting", "meta_d", "read_map", "read_trials", "relations", "renamed", "sift_trials", "stimulus_scores", "trust",
]  # fmt: skip
