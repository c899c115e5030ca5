"""What simulated operators hand over, ask for, veto and fail to do in time.

With c the own confidence, t the operator's trust (its share `reliance_trust` goes in here) and prices in units of what
a right answer brings over a wrong one, on the logit scale:

- the advice is asked for with P = logit⁻¹(request + d (.6 − c) + t): the more the doubt, the more often.
- an item is handed over with P = logit⁻¹(delegation + d (.6 − c) + t − w price), c being the usual confidence before
  the item is seen. `d` is small: people delegate too seldom and know little of when they should (Fügener et al. 2022).
  Where several may be handed over at once, each further one goes with the same P.
- a decision of the model is looked at closely with P = `vigilance`: watching a machine that is nearly always right,
  people miss much (Parasuraman & Manzey 2010). One who has looked and would decide otherwise vetoes with
  P = logit⁻¹(veto + e (c − .6) − t − w price); whoever does not get to it in time lets it pass.
- under a time limit people hasten; what still takes longer is not decided.

Fügener, Grahl, Gupta & Ketter (2022), Cognitive challenges in human–artificial intelligence collaboration:
investigating the path toward productive delegation, Information Systems Research 33, 678-696.
Parasuraman & Manzey (2010), Complacency and bias in human use of automation: an attentional integration, Human Factors
52, 381-410.
"""

from __future__ import annotations

from dataclasses import replace

from binome.core.stimulus import Answer, Stimulus
from binome.operators.model import Choice, Operator, logistic
from binome.protocol import is_right

LEVEL = 0.6
"""The confidence from which doubt is counted."""


def asks(person: Operator, item: Stimulus, own: Choice) -> bool:
    """Whether the operator asks for the advice rather than decides alone."""
    p = person.parameters
    pull = p.request + p.request_doubt * (LEVEL - own.confidence) + p.reliance_trust * person.trust
    return bool(person.generator("request", item.id).random() < logistic(pull))


def hands_over(person: Operator, key: str, confidence: float, *, most: int, price: float) -> int:
    """How many items, this one first, the operator hands over; 0 for none.

    Args:
        key: of the draw: the item, or the page where it is not seen yet.
        confidence: in an own answer.
        most: how many may be handed over at once.
        price: of each, in units of what a right answer brings over a wrong one.
    """
    p, draw = person.parameters, person.generator("delegate", key)
    pull = p.delegation + p.delegation_doubt * (LEVEL - confidence) + p.reliance_trust * person.trust
    chance = logistic(pull - p.delegation_price * price)
    return 1 + int(draw.binomial(most - 1, chance)) if draw.random() < chance else 0


def vetoes(person: Operator, item: Stimulus, own: Choice, decided: Answer, *, price: float) -> bool:
    """Whether the operator vetoes what the model decided, for its own answer."""
    p, draw = person.parameters, person.generator("veto", item.id)
    looked, strong = draw.random() < p.vigilance, draw.random()
    pull = p.veto + p.veto_evidence * (own.confidence - LEVEL) - p.reliance_trust * person.trust - p.veto_price * price
    return bool(looked and not is_right(person.task, own.decision, decided) and strong < logistic(pull))


def hastened(person: Operator, choice: Choice, median: float, limit: float | None) -> Choice | None:
    """A choice as it is made under a time limit, in seconds; None when it is not made in time.

    Args:
        median: seconds that such a choice takes without a limit.
    """
    if limit is None:
        return choice
    seconds = round(choice.seconds * min(1.0, person.parameters.haste * limit / median), 4)
    return replace(choice, seconds=seconds) if seconds < limit else None
