"""Explanations by example against loops over the case base."""

import numpy as np
import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError, UnknownNameError
from binome.explain.case_base import Gower


@pytest.fixture
def base():
    generator = torch.Generator().manual_seed(4)
    numbers = torch.randn(40, 3, generator=generator)
    codes = torch.randint(0, 3, (40, 1), generator=generator).float()
    still = torch.full((40, 1), 2.0)
    truths = torch.randint(0, 3, (40,), generator=generator)
    return explain.CaseBase(torch.cat([numbers, codes, still], 1), truths, (0, 0, 0, 3, 0), tuple("abcde"), ("a",))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))


def items(base, count=4):
    return base.inputs[:count] + torch.tensor([0.1, -0.2, 0.3, 0, 0])


def gower_by_hand(a, b, base):
    """One pair, feature by feature; the last one never varies."""
    values, total = base.inputs.numpy(), 0.0
    for place in range(3):
        total += abs(float(a[place]) - float(b[place])) / float(np.ptp(values[:, place]))
    return (total + (float(a[3]) != float(b[3]))) / 4


def test_gower_is_the_mean_over_features_of_their_differences(base):
    x = items(base)
    found = Gower(base)(x, base.inputs)
    for i, j in ((0, 0), (1, 5), (3, 39)):
        assert float(found[i, j]) == pytest.approx(gower_by_hand(x[i], base.inputs[j], base), rel=1e-5)


def test_gower_of_items_that_are_all_the_same_is_refused():
    same = explain.CaseBase(torch.ones(3, 2), torch.tensor([0, 1, 0]))
    with pytest.raises(BinomeError, match="all the same"):
        Gower(same)


def test_the_nearest_of_a_case_file_are_those_of_a_loop(net, base):
    x, targets = items(base), torch.tensor([0, 1, 2, 0])
    found = explain.by_example(net, x, targets, base, count=3, contrast=2)
    for row, cited in enumerate(found):
        apart = [gower_by_hand(x[row], other, base) for other in base.inputs]
        order = sorted(range(40), key=lambda place: apart[place])
        assert [one.place for one in cited[:3]] == order[:3]
        others = [p for p in order if int(base.truths[p]) != int(targets[row]) and p not in order[:3]]
        assert [(one.place, one.kind) for one in cited[3:]] == [(p, "contrast") for p in others[:2]]
        assert cited[0].similarity == pytest.approx(1 - apart[order[0]], abs=1e-5)


def test_pictures_are_alike_by_what_the_last_linear_layer_is_given(vit):
    generator = torch.Generator().manual_seed(1)
    known = torch.rand(12, 1, 8, 8, generator=generator)
    base = explain.CaseBase(known, torch.arange(12) % 4)
    x = torch.rand(3, 1, 8, 8, generator=generator)
    found = explain.by_example(vit, x, [0, 1, 2], base, count=12, batch_size=5)
    with torch.no_grad():
        inside = [vit.forward_head(vit.forward_features(batch), pre_logits=True) for batch in (x, known)]
    a, b = (part / part.norm(dim=1, keepdim=True) for part in inside)
    for row, cited in enumerate(found):
        cosine = [float((a[row] * other).sum()) for other in b]
        assert [one.place for one in cited] == sorted(range(12), key=lambda place: -cosine[place])
        assert cited[0].similarity == pytest.approx((1 + max(cosine)) / 2, abs=1e-5)


def test_prototypes_are_the_greedy_medoids_of_their_decision(net, base):
    x, targets = items(base), torch.tensor([2, 1, 2, 0])
    found = explain.by_example(net, x, targets, base, "prototypes", count=2)
    members = [place for place in range(40) if int(base.truths[place]) == 2]

    def coverage(chosen):
        near = [[1 - gower_by_hand(base.inputs[m], base.inputs[c], base) for c in chosen] for m in members]
        return sum(max(row) for row in near)

    first = max(members, key=lambda one: coverage([one]))
    second = max((m for m in members if m != first), key=lambda one: coverage([first, one]))
    assert [one.place for one in found[0]] == [one.place for one in found[2]] == [first, second]
    assert found[1] != found[0]
    every = explain.by_example(net, x, targets, base, "prototypes", count=1, decisions="all")
    assert [int(base.truths[one.place]) for one in every[0]] == [2, 0, 1]


def test_a_sample_names_places_in_the_whole_base(net, base):
    found = explain.by_example(net, items(base), [0] * 4, base, among=10, count=10)
    again = explain.by_example(net, items(base), [0] * 4, base, among=10, count=10)
    other = explain.by_example(net, items(base), [0] * 4, base, among=10, count=10, seed=1)
    places = {one.place for one in found[0]}
    assert found == again
    assert len(places) == 10 != max(places)
    assert places != {one.place for one in other[0]}
    assert {one.place for one in found[1]} == places


def test_random_examples_hang_on_the_seed_and_the_item_alone(net, base):
    found = explain.by_example(net, items(base), [0] * 4, base, "random_examples", count=5)
    assert all(len({one.place for one in cited}) == 5 for cited in found)
    assert found[0] != found[1]
    assert found == explain.by_example(net, items(base), [0] * 4, base, "random_examples", count=5, batch_size=1)
    assert found != explain.by_example(net, items(base), [0] * 4, base, "random_examples", count=5, seed=1)
    assert found[0][0].similarity is None


def test_what_cannot_be_used_is_refused_with_its_reason(net, base):
    x, targets = items(base), [0] * 4
    estimates = explain.CaseBase(base.inputs, base.truths.float(), base.categories)
    for message, call in {
        "gives maps; call explain.attribute": lambda: explain.by_example(net, x, targets, base, "saliency"),
        "gives examples, not maps": lambda: explain.attribute(net, x, targets, "nearest_examples"),
        "count is 0": lambda: explain.by_example(net, x, targets, base, count=0),
        "among is 0": lambda: explain.by_example(net, x, targets, base, among=0),
        "space is 'pixels'": lambda: explain.by_example(net, x, targets, base, space="pixels"),
        "contrast needs decisions": lambda: explain.by_example(net, x, targets, estimates, contrast=1),
        "typical of a decision": lambda: explain.by_example(net, x, targets, estimates, "prototypes"),
        "has no parameter 'counts'": lambda: explain.by_example(net, x, targets, base, counts=2),
        "the case base's items have shape": lambda: explain.by_example(net, x[:, :4], targets, base),
        "target 0 is 7": lambda: explain.by_example(net, x, [7] * 4, base, space="embedding"),
        "calls no nn.Linear": lambda: explain.by_example(nn.Identity(), x, targets, base, space="embedding"),
        "decisions is 'some'": lambda: explain.by_example(net, x, targets, base, "prototypes", decisions="some"),
    }.items():
        with pytest.raises(BinomeError, match=message):
            call()
    with pytest.raises(BinomeError, match="an answer each"):
        explain.CaseBase(base.inputs, base.truths[:3])
    with pytest.raises(BinomeError, match="2 categories for inputs"):
        explain.CaseBase(base.inputs, base.truths, (0, 0))
    with pytest.raises(UnknownNameError):
        base.features_named(("z",))
