"""Simulated operators: `simulate` a cohort through a study's real interface."""

from binome.operators.cohort import CohortReport, simulate
from binome.operators.model import Choice, Operator
from binome.operators.parameters import Parameters

__all__ = ["Choice", "CohortReport", "Operator", "Parameters", "simulate"]
