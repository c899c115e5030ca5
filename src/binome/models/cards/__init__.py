"""Pages about a predictor: its model card, and the overview that an operator may be shown."""

from binome.models.cards.card import Card
from binome.models.cards.overview import Overview, overview, partial_dependence, permutation_importance

__all__ = ["Card", "Overview", "overview", "partial_dependence", "permutation_importance"]
