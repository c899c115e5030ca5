"""Sentences say the map's own numbers, in each language."""

import numpy as np
import pytest

from binome.core.stimulus import Decision, Feature, Number, Task
from binome.stimuli.sentence import half_area, of_case, of_picture, thirds


def test_thirds_and_half_of_the_weight_by_loops():
    values = np.random.default_rng(2).random((10, 14)).astype(np.float32)
    sums = np.zeros((3, 3))
    for y in range(10):
        for x in range(14):
            sums[int(3 * (y + 0.5) / 10), int(3 * (x + 0.5) / 14)] += values[y, x]
    np.testing.assert_allclose(thirds(values), sums / values.sum(), rtol=1e-6)
    total, used = 0.0, 0
    for value in sorted(values.ravel().astype(float), reverse=True):
        total, used = total + value, used + 1
        if total >= values.astype(float).sum() / 2:
            break
    assert half_area(values) == used / 140


def test_a_picture_is_told_by_its_strongest_ninth():
    values = np.zeros((9, 9), np.float32)
    values[0, 8], values[4, 4] = 3, 1
    told = of_picture(values)
    assert told["en"] == (
        "What weighed most in the machine’s answer lies at the upper right of the picture, with 75% of all that "
        "weighed; half of it lies in 1% of the picture."
    )
    assert "75\u00a0%" in told["fr"] or "75\u202f%" in told["fr"]
    assert "en haut à droite" in told["fr"]
    nothing = of_picture(np.zeros((4, 4), np.float32))
    assert nothing["en"] == "Nothing in the picture weighed in the machine’s answer."


TASK = Task(
    "loans", "t", "q?", (Decision("a", "A"), Decision("b", "B")),
    features=tuple(Feature(name, {"en": name, "fr": name.upper()}) for name in ("age", "debts", "job", "town", "rate")),
)  # fmt: skip
CASE = ("34 years", "10", "none", None, "2%")


def test_a_case_file_is_told_line_by_line_with_hidden_shares_added_up():
    told = of_case([4.0, -3.0, 2.0, 1.0, None], CASE, TASK)
    assert told["en"] == (
        "Of all that weighed in the machine’s answer, 40% is “age” (34 years) and 20% “job” (none), for it; "
        "30% is “debts” (10), against it; 10% is other things, which only the machine saw."
    )
    assert "«\u00a0AGE\u00a0» (34 years) compte pour 40" in told["fr"]


def test_what_hardly_weighed_is_not_named_and_estimates_rise_and_fall():
    task = Task(TASK.context, "t", "q?", (), features=TASK.features, number=Number(0, 10, 1, "", 1))
    told = of_case([96.0, -4.0, 0.0, None, None], ("1", "2", "3", "4", "5"), task)["en"]
    assert "96% is “age” (1), raising the estimate; little or nothing lowers it" in told
    assert "debts" not in told


def test_two_lines_a_side_at_most():
    told = of_case([5.0, 4.0, 3.0, 2.0, 1.0], ("1", "2", "3", "4", "5"), TASK)["en"]
    assert told.count("“") == 2


@pytest.mark.parametrize("values", [[0.0] * 5, [None] * 5, [0.0, None, 0.0, 0.0, None]])
def test_nothing_is_nothing(values):
    assert of_case(values, CASE, TASK)["en"] == "No line of the file weighed in the machine’s answer."


def test_what_is_not_nothing_is_never_said_to_be_0():
    told = of_case([999.0, 1.0, 0.0, 0.0, 0.0], (None, None, "3", "4", "5"), TASK)["en"]
    assert "100% is other things" in told
    small = of_case([-1.0, 999.0, 0.0, 0.0, 0.0], (None, "2", "3", "4", "5"), TASK)["en"]
    assert "less than 1% is other things" in small
