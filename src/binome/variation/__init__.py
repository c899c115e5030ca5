"""How good explanations are and how much they agree: `score`, `agreement`, `compare`."""

from binome.variation import axioms as axioms
from binome.variation import complexity as complexity
from binome.variation import faithfulness as faithfulness
from binome.variation import infidelity as infidelity
from binome.variation import randomisation as randomisation
from binome.variation import robustness as robustness
from binome.variation import structural as structural
from binome.variation import subsets as subsets
from binome.variation.agreement import agreement, agreement_measure, agreements
from binome.variation.comparison import Comparison, compare
from binome.variation.concordance import icc, kendall_w, krippendorff_alpha
from binome.variation.cost import Estimate
from binome.variation.features import Features, Stack
from binome.variation.grid import Trained
from binome.variation.metric import Batch, Source, label, metric, metrics
from binome.variation.scoring import score
from binome.variation.study import Options, study
from binome.variation.tensor import AgreementTensor, agreement_tensor
from binome.variation.varied import Varied
from binome.variation.workers import suitable as suitable_workers

__all__ = [
    "AgreementTensor", "Batch", "Comparison", "Estimate", "Features", "Options", "Source", "Stack",
    "Trained", "Varied", "agreement", "agreement_measure", "agreement_tensor", "agreements", "compare", "icc",
    "kendall_w", "krippendorff_alpha", "label", "metric", "metrics", "score", "study", "suitable_workers",
]  # fmt: skip
