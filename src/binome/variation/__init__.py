"""How good explanations are and how much they agree: `score`, `agreement`, `compare`."""

from binome.variation import complexity as complexity
from binome.variation import faithfulness as faithfulness
from binome.variation.agreement import Features, agreement, agreement_measure, agreements
from binome.variation.comparison import Comparison, compare
from binome.variation.metric import Batch, Source, label, metric, metrics
from binome.variation.scoring import score

__all__ = [
    "Batch", "Comparison", "Features", "Source", "agreement", "agreement_measure", "agreements", "compare", "label",
    "metric", "metrics", "score",
]  # fmt: skip
