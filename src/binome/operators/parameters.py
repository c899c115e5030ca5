"""The parameters of simulated operators: none is a finding, all are set so that cohorts look like published ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """Logit-scale parameters. Standard deviations follow mixed models of published data: between operators .8 for
    agreement and 1.9 for switching, between items .8 and .5. The others were set by simulation so that RAIR is about
    .30 and .39, RSR about .72 and .69 without and with an explanation (Schemmer et al. 2023).

    Attributes:
        veiled: added to the acceptance of what the model holds where only its evidence is shown, not its advice.
        request, request_doubt: asking for the advice: at a confidence of .6, and for each unit below it.
        delegation, delegation_doubt, delegation_price: handing over: at a confidence of .6 and no price; for each unit
            of confidence below it; against each price, in units of what a right answer brings over a wrong one.
        reliance_trust: how much of the operator's trust goes into asking, handing over and not vetoing.
        vigilance: probability of looking closely at a decision of the model that could be vetoed.
        veto, veto_evidence, veto_price: a veto, having looked and disagreeing: at a confidence of .6, for each unit
            above it, against each price.
        haste: under a time limit, the median time falls to this share of it at most.
        misunderstanding: probability of failing the first attempt at the comprehension questions.
    """

    ability: float = 1.1
    ability_sd: float = 0.8
    difficulty_sd: float = 0.8
    confusion: float = 0.5
    doubt: float = 0.7
    confidence_noise: float = 0.5
    acceptance: float = -1.45
    trust_sd: float = 1.9
    switch_item_sd: float = 0.5
    confidence_weight: float = 0.8
    own_weight: float = 0.6
    explained: float = 0.50
    persuaded: float = 0.30
    insight: float = 0.12
    third: float = 0.03
    veiled: float = -0.8
    leaning_sd: float = 0.03
    misleading_sd: float = 0.06
    estimate_sd: float = 0.12
    estimate_skill: float = 0.3
    certainty: float = 0.3
    weight_sd: float = 0.8
    keep: float = -0.5
    adopt: float = -1.7
    blend: float = -0.2
    blend_concentration: float = 5.0
    request: float = 0.4
    request_doubt: float = 4.0
    delegation: float = -1.0
    delegation_doubt: float = 1.0
    delegation_price: float = 2.0
    reliance_trust: float = 0.5
    vigilance: float = 0.7
    veto: float = 0.8
    veto_evidence: float = 5.0
    veto_price: float = 1.0
    attention_lapse: float = 0.02
    misunderstanding: float = 0.1
    first_seconds: float = 4.0
    final_seconds: float = 2.5
    glance_seconds: float = 1.5
    seconds_sd: float = 0.5
    haste: float = 0.4


DEFAULTS = Parameters()
