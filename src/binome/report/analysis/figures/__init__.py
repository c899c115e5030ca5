"""The analysis page's own figures; the others are those of the report."""

from binome.report.analysis.figures.biases import biases
from binome.report.analysis.figures.calibration import calibration
from binome.report.analysis.figures.classes import classes
from binome.report.analysis.figures.course import course
from binome.report.analysis.figures.exclusions import exclusions
from binome.report.analysis.figures.mediation import effects, paths, sensitivity
from binome.report.analysis.figures.meeting import meeting
from binome.report.analysis.figures.participants import participants
from binome.report.analysis.figures.profiles import profiles
from binome.report.analysis.figures.relations import COLOURS
from binome.report.analysis.figures.streams import streams
from binome.report.analysis.figures.trust import trust

__all__ = [
    "COLOURS", "biases", "calibration", "classes", "course", "effects", "exclusions", "meeting", "participants",
    "paths", "profiles", "sensitivity", "streams", "trust",
]  # fmt: skip
