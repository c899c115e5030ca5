"""A simulated operator: ability against difficulty, then reliance on advice (after Tejeda et al. 2022).

On the logit scale, operator i on item j, with standard normal aᵢ, tᵢ and item effects dⱼ:

- own answer: P(right) = logit⁻¹(ability + σ_a aᵢ − σ_d dⱼ); a wrong answer is, with probability `confusion`, the one
  that the item is commonly confused with (for everybody the same), else any other.
- own confidence: logit⁻¹ of the same evidence for a right answer, less `doubt` for a wrong one, plus noise.
- advice that agrees is kept. Advice that differs is taken with P = logit⁻¹(acceptance + σ_t tᵢ + σ_s sⱼ
  + w_c (advice confidence − .8) − w_h (own confidence − .6) + lift), where `lift` is `explained` when a real
  explanation is shown, `persuaded` when a placebo is, for what a picture does by being there, and
  `insight` × (+1 right advice, −1 wrong advice) for what only a real one can tell.
- times are log-normal.

Where the task is to estimate a number, on a scale of width R, with a standard normal eᵢ for the operator's leaning:

- own estimate: truth + R (σ_e eᵢ + σ_m mⱼ + σ z exp(−k (σ_a aᵢ − σ_d dⱼ))), brought onto the scale; mⱼ is the item's:
  what misleads one misleads others. Own confidence: logit⁻¹(certainty + σ_a aᵢ − σ_d dⱼ + noise).
- with g = σ_g tᵢ + σ_s sⱼ + w_c (advice confidence − .8) − w_h (own confidence − .6) + lift, the own estimate is kept
  with P = logit⁻¹(keep − g); else the advice is taken as it is with P = logit⁻¹(adopt + g); else the two are averaged,
  the weight of advice drawn from a beta distribution of mean logit⁻¹(blend + g / 2). Weights of advice thus have a
  mean of about a third (Yaniv 2004) and heaps at 0 and 1 beside averaging (Soll & Larrick 2009). `lift` is that of
  choices.

Where only the model's evidence is shown, what it holds is read out of it and taken as advice is, with `veiled` added to
the acceptance. What operators hand over, ask for and veto is in `binome.operators.conduct`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from binome.core import derive_seed
from binome.core.stimulus import Answer, Number, Stimulus, Task
from binome.operators.parameters import DEFAULTS, Parameters
from binome.protocol import is_right, on_scale


@dataclass(frozen=True)
class Choice:
    """A decision with its confidence in [0, 1] and its time in seconds."""

    decision: Answer
    confidence: float
    seconds: float


class Operator:
    """One simulated operator; draws depend on its seed and on the item, not on the order of calls.

    Args:
        task: the possible decisions, or the scale of the estimate.
        seed: of this operator.
        cohort_seed: of the cohort: what is common to all, such as an item's difficulty.
    """

    def __init__(self, task: Task, seed: int, cohort_seed: int, parameters: Parameters = DEFAULTS) -> None:
        self.task, self.seed, self.cohort_seed, self.parameters = task, seed, cohort_seed, parameters
        self.decisions = tuple(decision.id for decision in task.decisions)
        traits = np.random.default_rng(derive_seed(seed, "traits"))
        skill, trust, leaning = traits.standard_normal(3)
        self.skill = parameters.ability_sd * skill
        self.ability = parameters.ability + self.skill
        self.trust = parameters.trust_sd * trust
        self.weight = parameters.weight_sd * trust
        self.leaning = parameters.leaning_sd * leaning

    def first(self, item: Stimulus) -> Choice:
        """The own answer."""
        p, draw = self.parameters, self._draw("first", item.id)
        if self.task.number is not None:
            return self._estimate(self.task.number, item, draw)
        evidence = self.ability - p.difficulty_sd * self._common(item.id, "difficulty")
        right = draw.random() < logistic(evidence)
        decision = item.truth if right else self._mistake(item, draw)
        felt = evidence - (0 if right else p.doubt) + p.confidence_noise * draw.standard_normal()
        return Choice(decision, round(logistic(felt), 2), self._seconds(draw, p.first_seconds))

    def final(
        self,
        item: Stimulus,
        own: Choice,
        advice: Answer,
        confidence: float | None,
        explanation: str | None,
        *,
        control: bool,
        veiled: bool = False,
    ) -> Choice:
        """The final answer, after advice.

        Args:
            confidence: of the advice, when it was shown.
            explanation: name of the explanation shown; its `control` flag says whether it is a placebo.
            veiled: the advice was not said, only its evidence shown.
        """
        p, draw = self.parameters, self._draw("final", item.id)
        seconds = self._seconds(draw, self.final_median(explanation))
        if advice == own.decision:
            return Choice(own.decision, round(min(1.0, own.confidence + 0.5 * (1 - own.confidence)), 2), seconds)
        lift = 0.0
        if explanation is not None:
            right = is_right(self.task, advice, item.truth)
            lift = p.persuaded if control else p.explained + p.insight * (1 if right else -1)
        lift += p.veiled if veiled else 0.0
        pull = (
            p.switch_item_sd * self._common(item.id, "switch")
            + p.confidence_weight * ((0.8 if confidence is None else confidence) - 0.8)
            - p.own_weight * (own.confidence - 0.6)
            + lift
        )
        if self.task.number is not None:
            moved = self._combined(self.task.number, float(own.decision), float(advice), pull + self.weight, draw)
            return Choice(moved, round(0.6 * own.confidence + 0.2, 2), seconds)
        pull += p.acceptance + self.trust
        others = [decision for decision in self.decisions if decision not in (own.decision, advice)]
        if others and draw.random() < p.third:
            return Choice(others[draw.integers(len(others))], round(0.5 * own.confidence, 2), seconds)
        taken = draw.random() < logistic(pull)
        return Choice(advice if taken else own.decision, round(0.6 * own.confidence + 0.2, 2), seconds)

    def final_median(self, explanation: str | None) -> float:
        """Median seconds of a final answer."""
        return self.parameters.final_seconds * (1.3 if explanation else 1.0)

    @property
    def usual_confidence(self) -> float:
        """How sure it is of its answers before it sees an item."""
        p = self.parameters
        return logistic(self.ability if self.task.number is None else p.certainty + self.skill)

    def attends(self, key: str) -> bool:
        """Whether an attention check is passed."""
        return bool(self._draw("attention", key).random() >= self.parameters.attention_lapse)

    def generator(self, *path: str | int) -> np.random.Generator:
        """For all other draws of this operator."""
        return self._draw(*path)

    def glance(self, *path: str | int) -> float:
        """Seconds for a page with little to think about."""
        return self._seconds(self._draw("glance", *path), self.parameters.glance_seconds)

    def _estimate(self, scale: Number, item: Stimulus, draw: np.random.Generator) -> Choice:
        """The own estimate, on the scale."""
        p, width = self.parameters, scale.high - scale.low
        evidence = self.skill - p.difficulty_sd * self._common(item.id, "difficulty")
        noise = p.estimate_sd * math.exp(-p.estimate_skill * evidence) * draw.standard_normal()
        error = self.leaning + p.misleading_sd * self._common(item.id, "misleading") + noise
        felt = p.certainty + evidence + p.confidence_noise * draw.standard_normal()
        estimate = on_scale(scale, float(item.truth) + width * float(error))
        return Choice(estimate, round(logistic(felt), 2), self._seconds(draw, p.first_seconds))

    def _combined(self, scale: Number, own: float, advice: float, pull: float, draw: np.random.Generator) -> float:
        """The own estimate, the advice (as near to it as the scale goes), or a number between the two."""
        p, advice = self.parameters, min(scale.high, max(scale.low, advice))
        keeps, adopts = draw.random() < logistic(p.keep - pull), draw.random() < logistic(p.adopt + pull)
        mean = logistic(p.blend + pull / 2)
        weight = draw.beta(p.blend_concentration * mean, p.blend_concentration * (1 - mean))
        if keeps:
            return own
        if adopts:
            return advice
        # Rounded to the scale's steps, but never past either of the two, which need not stand on a step.
        low, high = sorted((own, advice))
        return min(high, max(low, on_scale(scale, own + float(weight) * (advice - own))))

    def _mistake(self, item: Stimulus, draw: np.random.Generator) -> Answer:
        wrong = [decision for decision in self.decisions if decision != item.truth]
        common: Answer = wrong[derive_seed(self.cohort_seed, "confusion", item.id) % len(wrong)]
        # People and models often stumble over the same thing.
        if item.advice != item.truth and derive_seed(self.cohort_seed, "alike", item.id) % 2:
            common = item.advice
        return common if draw.random() < self.parameters.confusion else wrong[draw.integers(len(wrong))]

    def _seconds(self, draw: np.random.Generator, median: float) -> float:
        return round(float(median * math.exp(self.parameters.seconds_sd * draw.standard_normal())), 4)

    def _common(self, item: str, what: str) -> float:
        """A standard normal that belongs to the item."""
        return float(np.random.default_rng(derive_seed(self.cohort_seed, what, item)).standard_normal())

    def _draw(self, *path: str | int) -> np.random.Generator:
        return np.random.default_rng(derive_seed(self.seed, *path))


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))
