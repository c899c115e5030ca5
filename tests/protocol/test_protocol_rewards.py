"""Points: each price and prize by hand, and a scoring rule under which honesty pays."""

import random

import pytest

from binome.core.stimulus import Decision, Number, Task
from binome.protocol import Settled, earned, points
from binome.protocol.rewards import expected_points, prize_chance, say_money, wins_prize
from binome.protocol.schema import RewardsSpec

CHOICE = Task("pets", "Pets", "Which?", (Decision("cat", "cat"), Decision("dog", "dog")))
ESTIMATE = Task("files", "Files", "How many?", number=Number(0, 100, 1, "", 5))
PRICED = RewardsSpec(correct=2, wrong=-1, delegation=0.5, veto=0.25)


@pytest.mark.parametrize(
    ("settled", "expected"),
    [
        (Settled("cat", "cat"), 2),
        (Settled("dog", "cat"), -1),
        (Settled(None, "cat"), -1),
        (Settled("cat", "cat", delegated=True), 1.5),
        (Settled("dog", "cat", delegated=True), -1.5),
        (Settled("cat", "cat", vetoed=True), 1.75),
        (Settled("dog", "cat", vetoed=True), -1.25),
    ],
)
def test_answers_and_prices(settled: Settled, expected: float) -> None:
    assert points(PRICED, CHOICE, settled, operator="A", trial=3) == expected


@pytest.mark.parametrize(("answer", "expected"), [(45.0, 2), (55.0, 2), (55.5, -1), (None, -1)])
def test_an_estimate_is_right_within_its_tolerance(answer: float | None, expected: float) -> None:
    assert points(PRICED, ESTIMATE, Settled(answer, 50.0), operator="A", trial=0) == expected


def test_the_prize_is_drawn_once_for_an_operator_and_trial() -> None:
    rewards = RewardsSpec(correct=1, confidence=10)
    drawn = [
        points(rewards, CHOICE, Settled("cat", "cat", confidence=0.3), operator=operator, trial=trial)
        for operator in ("AB", "CD", "EF")
        for trial in range(200)
    ]
    again = [
        points(rewards, CHOICE, Settled("cat", "cat", confidence=0.3), operator=operator, trial=trial)
        for operator in ("AB", "CD", "EF")
        for trial in range(200)
    ]
    assert drawn == again
    assert set(drawn) == {1, 11}
    # Binomial(600, 1 - 0.7²): 306 expected, standard deviation 12.2; four of them.
    assert abs(drawn.count(11) - 306) < 49


@pytest.mark.parametrize("trial", range(20))
def test_certainty_wins_or_loses_for_sure(trial: int) -> None:
    assert wins_prize(1.0, True, "A", trial)
    assert wins_prize(0.0, False, "A", trial)
    assert not wins_prize(0.0, True, "A", trial)
    assert not wins_prize(1.0, False, "A", trial)


def test_no_prize_without_an_own_answer() -> None:
    rewards = RewardsSpec(confidence=10)
    for settled in (
        Settled("cat", "cat"), Settled("cat", "cat", confidence=1, delegated=True), Settled(None, "cat", confidence=0),
    ):  # fmt: skip
        assert points(rewards, CHOICE, settled, operator="A", trial=0) == 0
    assert points(rewards, CHOICE, Settled("cat", "cat", confidence=1), operator="A", trial=0) == 10


@pytest.mark.parametrize("believed", [0.0, 0.2, 0.5, 0.85, 1.0])
def test_saying_what_one_believes_is_best(believed: float) -> None:
    def chance(said: float) -> float:
        return believed * prize_chance(said, True) + (1 - believed) * prize_chance(said, False)

    said = [step / 20 for step in range(21)]
    assert max(said, key=chance) == pytest.approx(believed, abs=1e-9)


def test_expected_points_are_the_mean_of_many() -> None:
    rewards, generator = RewardsSpec(correct=2, wrong=-1, delegation=0.5, confidence=4), random.Random(1)
    own, handed = [], []
    for trial in range(20000):
        answer = "cat" if generator.random() < 0.7 else "dog"
        own.append(points(rewards, CHOICE, Settled(answer, "cat", confidence=0.7), operator="A", trial=trial))
        handed.append(points(rewards, CHOICE, Settled(answer, "cat", delegated=True), operator="A", trial=trial))
    # Standard deviation of a trial below 3: of the mean below 0.022; four of them.
    assert sum(own) / 20000 == pytest.approx(expected_points(rewards, 0.7), abs=0.09)
    assert sum(handed) / 20000 == pytest.approx(expected_points(rewards, 0.7, delegated=True), abs=0.09)
    assert expected_points(rewards, 0.7) == pytest.approx(0.7 * 2 - 0.3 + 4 * (1 - 0.21))
    assert expected_points(rewards, 0.7, delegated=True) == pytest.approx(0.7 * 2 - 0.3 - 0.5)


def test_money_is_points_by_the_rate_and_never_a_debt() -> None:
    rewards = RewardsSpec(correct=1, flat=5, rate=0.333, currency="CHF")
    made = earned(rewards, 7)
    assert (made.points, made.money, made.currency) == (12, 4.0, "CHF")
    assert earned(rewards, -20).money == 0
    assert earned(rewards, -20).points == -15
    assert earned(RewardsSpec(flat=5), 1).money is None
    assert say_money(1234.5, "€", "fr") == "1\u202f234,50\u00a0€"
    assert say_money(1234.5, "€", "en") == "1,234.50\u00a0€"
    assert say_money(0.5, "EUR", "fr") == "0,50\u00a0€"
