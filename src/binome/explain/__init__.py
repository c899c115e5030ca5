"""Explanations: `attribute` one batch by one method."""

from binome.explain import attention as attention
from binome.explain import controls as controls
from binome.explain import gradient as gradient
from binome.explain import perturbation as perturbation
from binome.explain.attribution import as_found, attribute, check_targets, completeness_gap, reduce
from binome.explain.explainer import Call, Explainer, explainer, methods, registry

__all__ = [
    "Call", "Explainer", "as_found", "attribute", "check_targets", "completeness_gap", "explainer", "methods", "reduce",
    "registry",
]  # fmt: skip
