"""Points: what an answer brings, how the prize for confidence is drawn, what it makes in money."""

from __future__ import annotations

import random
from dataclasses import dataclass

from binome.core import derive_seed
from binome.core.stimulus import Answer, Task
from binome.protocol.answers import is_right, with_unit
from binome.protocol.catalogue import number
from binome.protocol.schema import RewardsSpec


@dataclass(frozen=True)
class Settled:
    """How a measured trial came out, as far as its points go by it.

    Attributes:
        answer: the one that counts, whoever gave it; None where there was none in time.
        confidence: the operator's in an answer of their own, in [0, 1]; None where there is none, or where the model
            decided.
        delegated: the operator handed the item over, at a price.
        vetoed: the operator overruled the model, at a price.
    """

    answer: Answer | None
    truth: Answer
    confidence: float | None = None
    delegated: bool = False
    vetoed: bool = False


def points(rewards: RewardsSpec, task: Task, settled: Settled, *, operator: str, trial: int) -> float:
    """The points of one measured trial, its prices taken off, the prize for confidence (if drawn) added.

    Args:
        operator: pseudonym, which with the trial's number seeds the draw: the exported table is enough to repeat it.
    """
    right = settled.answer is not None and is_right(task, settled.answer, settled.truth)
    total = rewards.correct if right else rewards.wrong
    total -= rewards.delegation if settled.delegated else 0
    total -= rewards.veto if settled.vetoed else 0
    own = settled.answer is not None and settled.confidence is not None and not settled.delegated
    if own and settled.confidence is not None and wins_prize(settled.confidence, right, operator, trial):
        total += rewards.confidence
    return total


def wins_prize(confidence: float, right: bool, operator: str, trial: int) -> bool:
    """Whether the prize for confidence is won: with probability 1 − (confidence − right)².

    Saying the true probability of being right maximises that chance, whatever one's taste for risk.
    Hossain & Okui (2013), The binarized scoring rule, Review of Economic Studies 80, 984-1001.
    """
    drawn = random.Random(derive_seed(0, "confidence prize", operator, trial)).random()
    return drawn < prize_chance(confidence, right)


def prize_chance(confidence: float, right: bool) -> float:
    return 1 - (confidence - right) ** 2


def expected_points(rewards: RewardsSpec, accuracy: float, *, delegated: bool = False) -> float:
    """Expected points of a trial decided with that probability of being right, which the operator knows and says.

    Args:
        delegated: by the model, the item having been handed over: at a price, and without a prize.
    """
    expected = accuracy * rewards.correct + (1 - accuracy) * rewards.wrong
    if delegated:
        return expected - rewards.delegation
    chance = accuracy * prize_chance(accuracy, True) + (1 - accuracy) * prize_chance(accuracy, False)
    return expected + rewards.confidence * chance


@dataclass(frozen=True)
class Earned:
    """What an operator has won: points, and the money that they are worth, None where no rate is given."""

    points: float
    money: float | None
    currency: str


def earned(rewards: RewardsSpec, won: float) -> Earned:
    """The whole session's, from the points of its trials; a negative sum is worth no money."""
    total = rewards.flat + won
    money = None if rewards.rate is None else max(0.0, round(total * rewards.rate, 2))
    return Earned(total, money, rewards.currency)


def say_money(money: float, currency: str, language: str) -> str:
    return with_unit(number(money, language, 2, grouped=True), "€" if currency == "EUR" else currency)
