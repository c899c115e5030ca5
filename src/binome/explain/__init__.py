"""Explanations: `attribute` one batch by one method."""

from binome.explain import activation as activation
from binome.explain import attention as attention
from binome.explain import consensus as consensus
from binome.explain import controls as controls
from binome.explain import counterfactual as counterfactual
from binome.explain import deep_lift as deep_lift
from binome.explain import example as example
from binome.explain import gradient as gradient
from binome.explain import guided as guided
from binome.explain import noise as noise
from binome.explain import perturbation as perturbation
from binome.explain import relevance as relevance
from binome.explain import rise as rise
from binome.explain import shapley as shapley
from binome.explain import structure as structure
from binome.explain import surrogate as surrogate
from binome.explain.attribution import (
    Explained,
    attribute,
    by_example,
    check_batch_size,
    check_inputs,
    check_keys,
    completeness_gap,
    examine,
)
from binome.explain.baseline import make_baseline
from binome.explain.case_base import CaseBase
from binome.explain.counterfactual import Changed
from binome.explain.example import Cited
from binome.explain.explainer import (
    Call,
    Explainer,
    explainer,
    find,
    gives,
    methods,
    parameters,
    recorded,
    registry,
    spec,
)
from binome.explain.reduction import reduce
from binome.explain.room import suitable_batch
from binome.explain.state import as_found, check_targets, watched, working_type

__all__ = [
    "Call", "CaseBase", "Changed", "Cited", "Explained", "Explainer", "as_found", "attribute", "by_example",
    "check_batch_size", "check_inputs", "check_keys", "check_targets", "completeness_gap", "examine", "explainer",
    "find", "gives", "make_baseline", "methods", "parameters", "recorded", "reduce", "registry", "spec",
    "suitable_batch", "watched", "working_type",
]  # fmt: skip
