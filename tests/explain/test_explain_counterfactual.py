"""Counterfactuals: each is asked of the module again, and held to a search of all subsets."""

import itertools

import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError, UnknownNameError

FEATURES = ("age", "income", "debts", "job", "town")


@pytest.fixture
def base():
    generator = torch.Generator().manual_seed(7)
    numbers = torch.randn(60, 3, generator=generator)
    codes = torch.randint(0, 3, (60, 2), generator=generator).float()
    return explain.CaseBase(torch.cat([numbers, codes], 1), torch.zeros(60).long(), (0, 0, 0, 3, 3), FEATURES, ("age",))


@pytest.fixture
def net(base):
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(5, 12), nn.Tanh(), nn.Linear(12, 2)).eval().requires_grad_(False)
    logits = net(base.inputs)
    net[2].bias[0] -= (logits[:, 0] - logits[:, 1]).median()  # as many of one decision as of the other
    return net


def decisions(net, x):
    return net(x).argmax(1)


def all_subsets(net, item, donor, fixed, most):
    """The minimal sets of lines that, as in the donor, change the decision."""
    now, found = decisions(net, item[None])[0], []
    free = [f for f in range(5) if f not in fixed and item[f] != donor[f]]
    for size in range(1, most + 1):
        for lines in itertools.combinations(free, size):
            changed = item.clone()
            changed[list(lines)] = donor[list(lines)]
            if decisions(net, changed[None])[0] != now and not any(set(one) <= set(lines) for one in found):
                found.append(lines)
    return found


def test_with_one_donor_they_are_all_the_minimal_sets(net, base):
    for row in range(12):
        item = base.inputs[row : row + 1]
        now = decisions(net, item)
        donor = next(r for r in base.inputs if decisions(net, r[None]) != now)
        one = explain.CaseBase(torch.stack([item[0], donor]), torch.tensor([0, 1]), base.categories, FEATURES, ("age",))
        found = explain.by_example(net, item, now, one, "counterfactuals", count=99, changes=5, plausible=None)[0]
        assert {c.features for c in found} == set(all_subsets(net, item[0], donor, (0,), 5))
        assert [len(c.features) for c in found] == sorted(len(c.features) for c in found)


def test_a_narrow_beam_still_gives_no_line_in_vain(net, base):
    x = base.inputs[:10]
    found = explain.by_example(
        net, x, decisions(net, x), base, "counterfactuals", changes=5, width=1, count=9, immutable=()
    )
    assert any(len(one.features) >= 2 for row in found for one in row)
    for item, row in zip(x, found, strict=True):
        for one in row:
            now = decisions(net, item[None])[0]
            assert decisions(net, one.inputs[None])[0] != now
            donor = base.inputs[one.place]
            assert [f for f in range(5) if one.inputs[f] != item[f]] == list(one.features)
            assert torch.equal(one.inputs[list(one.features)], donor[list(one.features)])
            for size in range(1, len(one.features)):
                for part in itertools.combinations(one.features, size):
                    changed = item.clone()
                    changed[list(part)] = donor[list(part)]
                    assert decisions(net, changed[None])[0] == now


def test_what_must_not_change_never_does_and_no_lines_hold_anothers(net, base):
    x = base.inputs[:20]
    options = {"count": 4, "plausible": None}
    found = explain.by_example(net, x, decisions(net, x), base, "counterfactuals", **options)
    assert sum(map(len, found)) > 20
    assert all(0 not in one.features for row in found for one in row)  # age is protected
    for row in found:
        assert not any(set(a.features) <= set(b.features) for a, b in itertools.permutations(row, 2))
    options["immutable"] = ["income", "job"]
    free = explain.by_example(net, x, decisions(net, x), base, "counterfactuals", **options)
    changed = {f for row in free for one in row for f in one.features}
    assert 0 in changed
    assert not changed & {1, 3}


def test_what_lies_further_from_all_known_items_than_these_do_is_left_out(net, base):
    x = base.inputs[:20]
    some = explain.by_example(net, x, decisions(net, x), base, "counterfactuals", count=9, plausible=0.3)
    every = explain.by_example(net, x, decisions(net, x), base, "counterfactuals", count=9, plausible=None)
    distance = explain.counterfactual.Gower(base)
    apart = distance(base.inputs, base.inputs).fill_diagonal_(9).min(1).values
    limit = float(apart.double().quantile(0.3))
    near = [float(distance(one.inputs[None], base.inputs).min()) for row in some for one in row]
    far = [float(distance(one.inputs[None], base.inputs).min()) for row in every for one in row]
    assert max(near) <= limit < max(far)


def test_none_is_none(base):
    constant = nn.Linear(5, 2)
    nn.init.zeros_(constant.weight)
    targets = decisions(constant, base.inputs[:3])
    assert explain.by_example(constant, base.inputs[:3], targets, base, "counterfactuals") == [(), (), ()]


def test_of_an_estimate_they_move_it_far_enough(base):
    torch.manual_seed(2)
    net = nn.Linear(5, 1)
    x = base.inputs[:5]
    found = explain.by_example(net, x, [0] * 5, base, "counterfactuals", by=0.4)
    assert all(found)
    for item, row in zip(x, found, strict=True):
        for one in row:
            assert abs(float((net(one.inputs) - net(item)).detach())) > 0.4
    for message, changes in {"say by how much": {}, "above 0, 1 at most": {"by": 1.0, "plausible": 0.0}}.items():
        with pytest.raises(BinomeError, match=message):
            explain.by_example(net, x, [0] * 5, base, "counterfactuals", **changes)


def test_what_cannot_be_used_is_refused_with_its_reason(net, base, vit):
    x, targets = base.inputs[:4], decisions(net, base.inputs[:4])
    pictures = explain.CaseBase(torch.rand(4, 1, 8, 8), torch.tensor([0, 1, 2, 3]))
    for message, call in {
        "pictures or boards": lambda: explain.by_example(vit, pictures.inputs, [0] * 4, pictures, "counterfactuals"),
        "does not decide for target": lambda: explain.by_example(net, x, 1 - targets, base, "counterfactuals"),
        "by is for estimates": lambda: explain.by_example(net, x, targets, base, "counterfactuals", by=1.0),
        "changes is 0": lambda: explain.by_example(net, x, targets, base, "counterfactuals", changes=0),
        "width is 0": lambda: explain.by_example(net, x, targets, base, "counterfactuals", width=0),
    }.items():
        with pytest.raises(BinomeError, match=message):
            call()
    with pytest.raises(UnknownNameError, match="incom"):
        explain.by_example(net, x, targets, base, "counterfactuals", immutable=["incom"])
