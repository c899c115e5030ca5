"""Explanations: `attribute` one batch by one method."""

from binome.explain import attention as _attention
from binome.explain import controls as _controls
from binome.explain import gradient as _gradient
from binome.explain import perturbation as _perturbation
from binome.explain.attribution import as_found, attribute, check_targets, completeness_gap, reduce
from binome.explain.explainer import Call, Explainer, explainer, methods, registry

__all__ = [
    "Call", "Explainer", "as_found", "attribute", "check_targets", "completeness_gap", "explainer", "methods", "reduce",
    "registry",
]  # fmt: skip
