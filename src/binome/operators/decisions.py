"""What simulated operators do on the pages of a trial, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from binome.core.stimulus import Answer, Stimulus
from binome.operators.conduct import asks, hands_over, hastened, vetoes
from binome.operators.eyes import Eyes
from binome.operators.model import Choice, Operator
from binome.protocol import on_scale

ADJUSTABLE = ("overlay", "contour", "regions")
"""Renderings whose opacity the page lets operators set."""
CHECK_SECONDS = 3.0

Page = Mapping[str, Any]
Data = dict[str, Any]


@dataclass(frozen=True)
class Look:
    """What the operator sees on a page.

    Attributes:
        item: the one that it takes the page's item for.
        explanation: the name of the one shown, None without.
    """

    item: Stimulus
    explanation: str | None


def look(eyes: Eyes, person: Operator, page: Page, pictures: Mapping[str, bytes]) -> Look:
    """Recognise what a decision page shows, by its words and the bytes of its pictures, by address."""
    alike: Sequence[Stimulus]
    if page["picture"] is None:
        alike = eyes.case(page)
        item = alike[person.generator("alike", int(page["practice"]), page["trial"]).integers(len(alike))]
    else:
        alike = [item := eyes.item(pictures[page["picture"]["url"]])]
    shown = page["explanation"]
    if not shown:
        return Look(item, None)
    seen = [pictures[url] for url in explanation_urls(shown)]
    return Look(item, eyes.explanation(alike, shown, seen, evidence=page["advice"] is None))


def explanation_urls(shown: Mapping[str, Any]) -> list[str]:
    """The pictures that an explanation shows, in their order."""
    named = [shown["picture"], *(example["picture"] for example in shown["examples"])]
    return [picture["url"] for picture in named if picture]


@dataclass(frozen=True)
class Deciding:
    """An operator at the pages of its trials.

    Attributes:
        stake: points that a right answer brings over a wrong one; prices are weighed against it.
    """

    eyes: Eyes
    person: Operator
    stake: float = 1.0

    def offer(self, page: Page) -> Data:
        """Whether to hand items over unseen."""
        key, price = f"offer {page['index']}", self._price(page)
        count = hands_over(self.person, key, self.person.usual_confidence, most=page["most"], price=price)
        return {"delegated": count > 0, "count": max(1, count), "seconds": self.person.glance(page["index"])}

    def check(self, page: Page) -> Data:
        """An attention check."""
        passed = self.person.attends(str(page["index"]))
        decision = self.eyes.asked(page["instruction"]) if passed else self._any(page)
        limit = page["most_seconds"]
        return {"decision": decision, "seconds": CHECK_SECONDS if limit is None else min(CHECK_SECONDS, limit / 2)}

    def decide(self, page: Page, seen: Look) -> Data:
        """What a page with an item is completed with."""
        if page["stage"] == "wait":
            return {"seconds": page["wait_seconds"]}
        if page["stage"] == "handled":
            return {"seconds": self.person.glance(page["index"])}
        own = self.person.first(seen.item)
        if page["stage"] == "supervised":
            return self._supervise(page, seen, own)
        most = page["delegate_most"]
        if page["may_delegate"]:
            count = hands_over(self.person, seen.item.id, own.confidence, most=most, price=self._price(page))
            if count:
                seconds = self._within(page, self.person.glance(page["index"]))
                return {"delegated": True, "count": count, "seconds": seconds}
        if page["may_request"] and asks(self.person, seen.item, own):
            return {"requested": True, "seconds": self._within(page, own.seconds)}
        choice, median = self._choice(page, seen, own)
        made = hastened(self.person, choice, median, page["most_seconds"])
        if made is None:
            return {"timed_out": True, "seconds": page["most_seconds"]}
        return self._data(page, made) | self._inspected(page, seen, made.seconds)

    def _choice(self, page: Page, seen: Look, own: Choice) -> tuple[Choice, float]:
        """The answer, and the median seconds of such ones."""
        person, advice = self.person, page["advice"]
        if advice is None and seen.explanation is None:
            return own, person.parameters.first_seconds
        if page["initial"] is not None:
            own = Choice(page["initial"], page["initial_confidence"] or own.confidence, own.seconds)
        choice = person.final(
            seen.item,
            own,
            # Evidence alone says what the model holds to one who can read it.
            seen.item.advice if advice is None else advice["decision"],
            None if advice is None else advice["confidence"],
            seen.explanation,
            control=seen.explanation in self.eyes.controls,
            veiled=advice is None,
        )
        return choice, person.final_median(seen.explanation)

    def _supervise(self, page: Page, seen: Look, own: Choice) -> Data:
        """Veto what the model decided, or let the time go by."""
        window, decided = page["veto_seconds"], page["advice"]["decision"]
        price = (page["veto_price"] or 0.0) / self.stake
        made = hastened(self.person, own, self.person.parameters.first_seconds, window)
        if made is None or not vetoes(self.person, seen.item, own, decided, price=price):
            return {"seconds": window, **self._inspected(page, seen, window)}
        return {"vetoed": True, **self._data(page, made), **self._inspected(page, seen, made.seconds)}

    def _inspected(self, page: Page, seen: Look, seconds: float) -> Data:
        """The use made of the explanation."""
        if seen.explanation is None:
            return {}
        share = float(self.person.generator("page", page["index"]).uniform(0.5, 1.0))
        data: Data = {"explanation_opened": True, "explanation_seconds": round(seconds * share, 4)}
        return data | ({"opacity": 0.6} if page["explanation"]["kind"] in ADJUSTABLE else {})

    def _data(self, page: Page, choice: Choice) -> Data:
        data: Data = {"decision": choice.decision, "seconds": choice.seconds, "changes": 0}
        if page["ask_confidence"]:
            data["confidence"] = choice.confidence
        if page["ask_reason"] and choice.decision != page["initial"]:
            data["reason"] = "–"
        return data

    def _price(self, page: Page) -> float:
        return (page["price"] or 0.0) / self.stake

    def _within(self, page: Page, seconds: float) -> float:
        """What is done at once is done before the time is over."""
        limit = page["most_seconds"]
        return seconds if limit is None else min(seconds, round(limit * self.person.parameters.haste, 4))

    def _any(self, page: Page) -> Answer:
        """An answer given without reading."""
        task, draw = self.eyes.task, self._draw(page)
        if task.number is not None:
            return on_scale(task.number, float(draw.uniform(task.number.low, task.number.high)))
        return task.decisions[draw.integers(len(task.decisions))].id

    def _draw(self, page: Page) -> np.random.Generator:
        return self.person.generator("page", page["index"])
