"""How good explanations are and how much they agree: `score`, `agreement`, `compare`."""

from binome.variation import structural as structural
from binome.variation.agreement import agreement, agreement_measure, agreements
from binome.variation.comparison import Comparison, compare
from binome.variation.components.anova import anova
from binome.variation.components.decomposition import Decomposition, decompose
from binome.variation.components.dependability import DecisionStudy, decision_study, e_rho2, facet_shares, phi
from binome.variation.components.measurement import Design
from binome.variation.components.normalisation import normalise
from binome.variation.components.reml import Reml, reml
from binome.variation.components.variance_tables import Coefficient
from binome.variation.concordance import icc, kendall_w, krippendorff_alpha
from binome.variation.features import Features, Stack
from binome.variation.metric import Batch, Source, label, metric, metrics
from binome.variation.quality import axioms as axioms
from binome.variation.quality import complexity as complexity
from binome.variation.quality import faithfulness as faithfulness
from binome.variation.quality import infidelity as infidelity
from binome.variation.quality import localisation as localisation
from binome.variation.quality import randomisation as randomisation
from binome.variation.quality import robustness as robustness
from binome.variation.quality import subsets as subsets
from binome.variation.scoring import score
from binome.variation.study import Options, study
from binome.variation.sweep.cost import Estimate
from binome.variation.sweep.grid import Trained
from binome.variation.sweep.varied import Varied
from binome.variation.sweep.workers import suitable as suitable_workers
from binome.variation.tensor import AgreementTensor, agreement_tensor

__all__ = [
    "AgreementTensor", "Batch", "Coefficient", "Comparison", "DecisionStudy", "Decomposition", "Design", "Estimate",
    "Features", "Options", "Reml", "Source", "Stack", "Trained", "Varied", "agreement", "agreement_measure",
    "agreement_tensor", "agreements", "anova", "compare", "decision_study", "decompose", "e_rho2", "facet_shares",
    "icc", "kendall_w", "krippendorff_alpha", "label", "metric", "metrics", "normalise", "phi", "reml", "score",
    "study", "suitable_workers",
]  # fmt: skip
