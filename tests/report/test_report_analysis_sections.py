"""Sentences of the analysis page follow from the numbers; cases computed by hand."""

from __future__ import annotations

import math

import polars as pl
import pytest

from binome.report.analysis import figures
from binome.report.analysis.sections import biases, confidence, course
from binome.report.analysis.wording import words_of
from binome.report.figures.looks import looks
from binome.report.figures.odds import _within
from binome.report.figures.rows import Row

EN, FR = words_of("en"), words_of("fr")


def bins(confidences: list[float], right: list[float | None], n: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"condition": ["a"] * len(n), "confidence": confidences, "value": right, "n": n})


@pytest.mark.parametrize(
    ("right", "said"),
    [
        # (10 × .6 + 30 × .8) / 40 = .75 sure; (10 × .4 + 30 × .6) / 40 = .55 right.
        ([0.4, 0.6], "surer than they were right: they said 75% on average and were right in 55% of decisions, 20"),
        ([0.6, 0.8], "about as sure as they were right: they said 75%"),
        ([0.9, 0.9], "less sure than they were right: they said 75% on average and were right in 90%"),
    ],
)
def test_confidence_beside_the_share_right(right: list[float | None], said: str) -> None:
    assert said in confidence.finding(bins([0.6, 0.8], right, [10, 30]), EN)[0]


def test_confidence_without_a_decision() -> None:
    assert confidence.finding(bins([0.6], [None], [0]), FR) == (FR["confidence_empty"],)


def stretches(values: list[float | None], width: float) -> pl.DataFrame:
    ends = [(None, None) if value is None else (value - width, value + width) for value in values]
    return pl.DataFrame(
        {
            "measure": ["accuracy"] * len(values), "condition": ["a"] * len(values), "stretch": range(len(values)),
            "first": range(len(values)), "last": range(len(values)), "value": values,
            "low": [low for low, _ in ends], "high": [high for _, high in ends],
        },
        schema_overrides={"value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )  # fmt: skip


def test_the_course_says_what_moved() -> None:
    clear, detail = course.finding(stretches([0.5, 0.9, 0.8], 0.1), EN)
    assert clear == "From the first stretch of trials to the last, this moved clearly: Accuracy."
    assert "from 50% to 80%" in detail
    assert course.finding(stretches([0.5, 0.9, 0.6], 0.1), EN)[0] == EN["course_none"]
    assert course.finding(stretches([0.5, None], 0.1), EN) == (EN["course_empty"],)


def bias(**changes: object) -> dict[str, object]:
    return {
        "bias": "confirmation", "group": "advised", "against": None, "value": 0.2, "low": 0.1, "high": 0.3,
        "scale": "difference", "n": 10, "undefined": 0, "identifiable": True, "reason": None, "caveat": None,
        "needs": "initial_answer",
    } | changes  # fmt: skip


def test_a_bias_shows_only_where_its_interval_leaves_zero_out() -> None:
    near = pl.DataFrame([bias(low=-0.1)])
    assert biases.finding(near, EN) == ("No bias shows, of the 1 that this study can tell: every interval holds zero.",)
    assert biases.sentences(near, EN) == []
    clear = pl.DataFrame([bias(), bias(bias="anchoring", identifiable=False, value=None, low=None, high=None,
                                       reason="no_advice_first", needs="both_orders")])  # fmt: skip
    assert biases.finding(clear, FR)[0].endswith("1.")
    (sentence,) = biases.sentences(clear, EN)
    assert "“advised”" in sentence
    assert "accepted 20.0 points more often" in sentence
    assert sentence.endswith("(95% interval [+10.0, +30.0]).")
    assert [one.title for one in biases.unknown(clear, EN)] == ["Anchoring"]
    lost = clear.filter(~pl.col("identifiable"))
    assert biases.finding(lost, EN) == (EN["biases_nothing"],)
    assert biases.bias_table(lost, EN) is None
    assert figures.biases(lost, ["advised"], EN) is None


def test_sixty_four_conditions_are_told_apart() -> None:
    found = looks([str(i) for i in range(64)])
    assert len({(look.series, look.mark) for look in found.values()}) == 64


def test_odds_beyond_the_axis_are_cut_to_it() -> None:
    row = _within(Row("a", 5e9, 0.001, math.inf), 20.0)
    assert (row.value, row.low, row.high) == (20.0, 0.05, 20.0)
    assert _within(Row("a", None, None, None), 20.0).value is None
