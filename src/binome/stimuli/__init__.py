"""Stimulus sets: `select` the items, `build` the frozen bundle."""

from binome.stimuli.bundle import LEGEND, build
from binome.stimuli.example import ExampleSource
from binome.stimuli.selection import Selection, SupplyError, allocate_wrong, select, share_quota

__all__ = ["LEGEND", "ExampleSource", "Selection", "SupplyError", "allocate_wrong", "build", "select", "share_quota"]
