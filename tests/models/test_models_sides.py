import numpy as np
import pytest
import torch
from case_files import CaseFiles

from binome import models
from binome.contexts import Split
from binome.core.stimulus import Number


class Says:
    """A stand-in for a predictor: returns recorded probabilities, or estimates."""

    def __init__(self, values, number=False):
        values = torch.tensor(values)
        confidence, decisions = (values, values) if number else values.max(1)
        self.answer = models.Prediction(
            decisions, confidence, values if not number else values.new_empty(len(values), 0)
        )

    def predict(self, inputs):
        return self.answer


def split(truths, accepted=None):
    return Split(tuple("abcd"[: len(truths)]), torch.zeros(len(truths), 1), torch.tensor(truths), accepted)


def test_which_side_should_be_right_and_how_hard_it_is():
    items = split([0, 0, 1, 1])
    operator = Says([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.7, 0.3]])
    predictor = Says([[0.6, 0.4], [0.3, 0.7], [0.2, 0.8], [0.9, 0.1]])
    found = models.sides(predictor, items, operator, items)
    assert found.complementarity == ("both", "operator", "predictor", "neither")
    assert found.difficulty_operator == pytest.approx([0.1, 0.2, 0.6, 0.7])
    assert found.difficulty_predictor == pytest.approx([0.4, 0.7, 0.2, 0.9])
    assert found.as_table()["item"].to_list() == list("abcd")


def test_several_right_decisions_share_their_probability():
    accepted = torch.tensor([[True, True, False]])
    found = models.difficulty(Says([[0.2, 0.5, 0.3]]), split([0], accepted))
    assert found == pytest.approx([0.3])


def test_an_estimate_is_as_hard_as_it_is_far_off():
    items = Split(("a", "b"), torch.zeros(2, 1), torch.tensor([10.0, 20.0]))
    found = models.difficulty(Says([13.0, 20.0], number=True), items, Number(0, 30, 1, "kg", 2.0))
    assert found == pytest.approx([1.5, 0.0])


def test_a_side_that_sees_less_finds_items_harder():
    context = CaseFiles(noise=0.05)
    whole = models.fit(context, "gradient_boosting")
    blind = CaseFiles(noise=0.05)
    blind.inputs = blind.inputs.clone()
    blind.inputs[:, 0] = 0  # the feature that tells most
    poor = models.fit(blind, "gradient_boosting")
    found = models.sides(whole, context.split("test"), poor, blind.split("test"))
    assert np.mean(found.difficulty_operator) > np.mean(found.difficulty_predictor) + 0.1
    counts = {side: found.complementarity.count(side) for side in models.SIDES}
    assert counts["predictor"] > 2 * counts["operator"]
