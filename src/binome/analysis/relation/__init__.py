"""How operator and model worked together: autonomy, mediation, delegation, substitution, from what operators did."""

from binome.analysis.relation.coding import Thresholds
from binome.analysis.relation.relations import Relations, relations

__all__ = ["Relations", "Thresholds", "relations"]
