"""How good explanations are and how much they agree: `score`, `agreement`, `compare`."""

from binome.variation import axioms as axioms
from binome.variation import complexity as complexity
from binome.variation import faithfulness as faithfulness
from binome.variation import infidelity as infidelity
from binome.variation import localisation as localisation
from binome.variation import randomisation as randomisation
from binome.variation import robustness as robustness
from binome.variation import structural as structural
from binome.variation import subsets as subsets
from binome.variation.agreement import agreement, agreement_measure, agreements
from binome.variation.anova import anova
from binome.variation.comparison import Comparison, compare
from binome.variation.concordance import icc, kendall_w, krippendorff_alpha
from binome.variation.cost import Estimate
from binome.variation.decomposition import Decomposition, decompose
from binome.variation.dependability import DecisionStudy, decision_study, e_rho2, facet_shares, phi
from binome.variation.features import Features, Stack
from binome.variation.grid import Trained
from binome.variation.measurement import Design
from binome.variation.metric import Batch, Source, label, metric, metrics
from binome.variation.normalisation import normalise
from binome.variation.reml import Reml, reml
from binome.variation.scoring import score
from binome.variation.study import Options, study
from binome.variation.tensor import AgreementTensor, agreement_tensor
from binome.variation.variance_tables import Coefficient
from binome.variation.varied import Varied
from binome.variation.workers import suitable as suitable_workers

__all__ = [
    "AgreementTensor", "Batch", "Coefficient", "Comparison", "DecisionStudy", "Decomposition", "Design", "Estimate",
    "Features", "Options", "Reml", "Source", "Stack", "Trained", "Varied", "agreement", "agreement_measure",
    "agreement_tensor", "agreements", "anova", "compare", "decision_study", "decompose", "e_rho2", "facet_shares",
    "icc", "kendall_w", "krippendorff_alpha", "label", "metric", "metrics", "normalise", "phi", "reml", "score",
    "study", "suitable_workers",
]  # fmt: skip
