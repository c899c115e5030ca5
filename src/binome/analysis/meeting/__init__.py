"""Explanations meet people: do explanations that score better in the variation study help more?"""

from binome.analysis.meeting.scores import agreement_scores, grid_scores, read_scores, renamed, stimulus_scores
from binome.analysis.meeting.study import Meeting, meeting

__all__ = ["Meeting", "agreement_scores", "grid_scores", "meeting", "read_scores", "renamed", "stimulus_scores"]
