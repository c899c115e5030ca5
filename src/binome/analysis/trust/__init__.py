"""Trust: scales and their reliability, calibration, course, and what of an explanation's effect passes through it."""

from binome.analysis.trust.mediation import Mediation, mediation
from binome.analysis.trust.study import Trust, trust

__all__ = ["Mediation", "Trust", "mediation", "trust"]
