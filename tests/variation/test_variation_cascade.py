import copy

import pytest
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from binome.core import BinomeError
from binome.variation.quality.cascade import cascade, points, steps_of


def vit():
    torch.manual_seed(0)
    return VisionTransformer(
        img_size=8, patch_size=4, in_chans=1, num_classes=3, embed_dim=8, depth=2, num_heads=2
    ).eval()


def test_a_transformer_is_taken_apart_from_its_output_to_its_input():
    module = vit()
    steps = steps_of(module, torch.rand(1, 1, 8, 8))
    blocks = [
        tuple(f"blocks.{block}.{part}.{kind}" for kind in ("weight", "bias"))
        for block in (1, 0)
        for part in ("mlp.fc2", "mlp.fc1", "norm2", "attn.proj", "attn.qkv", "norm1")
    ]
    assert steps == (
        ("head.weight", "head.bias"),
        ("norm.weight", "norm.bias"),
        *blocks,
        ("pos_embed",),
        ("cls_token",),
        ("patch_embed.proj.weight", "patch_embed.proj.bias"),
    )


def test_every_parameter_of_a_transformer_is_drawn_again():
    module = vit()
    before = copy.deepcopy(module.state_dict())
    *_, (done, drawn) = cascade(module, steps_of(module, torch.rand(1, 1, 8, 8)), 3, 0)
    assert done == 17
    assert dict(module.named_parameters()).keys() == before.keys()
    for name, value in drawn.state_dict().items():
        assert (value != before[name]).all(), name
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_cascade_draws_more_and_more_and_keeps_what_it_drew():
    module = vit()
    steps = steps_of(module, torch.rand(1, 1, 8, 8))
    before, last = module.state_dict(), {}
    for place, (done, drawn) in enumerate(cascade(module, steps, None, 0)):
        assert done == place + 1
        changed = {name for name, value in drawn.state_dict().items() if not torch.equal(value, before[name])}
        assert changed == {name for step in steps[:done] for name in step}
        now = copy.deepcopy(drawn.state_dict())
        assert all(torch.equal(now[name], last[name]) for step in steps[:place] for name in step)
        last = now
    for layers in (1, 4):
        *_, (_, drawn) = cascade(module, steps, layers, 0)
        assert all(torch.equal(value, last[name]) for name, value in drawn.state_dict().items())
    *_, (_, drawn) = cascade(module, steps, 1, 1)
    assert not any(torch.equal(value, last[name]) for name, value in drawn.state_dict().items())


@pytest.mark.parametrize(
    ("count", "layers", "expected"),
    [(10, 5, [2, 4, 6, 8, 10]), (17, 5, [4, 7, 11, 14, 17]), (3, 5, [1, 2, 3]), (4, None, [1, 2, 3, 4]), (9, 1, [9])],
)
def test_points_are_evenly_spread_and_end_with_all(count, layers, expected):
    assert list(points(count, layers)) == expected


class Backwards(nn.Module):
    """Registered the other way round; one layer is used twice, one never, and a table belongs to the whole."""

    def __init__(self):
        super().__init__()
        self.never = nn.Linear(2, 2)
        self.second = nn.Linear(4, 3)
        self.table = nn.Parameter(torch.rand(4))
        self.twice = nn.Linear(4, 4, bias=False)
        self.first = nn.Linear(5, 4)

    def forward(self, x):
        return self.second(self.twice(self.twice(self.first(x)) + self.table))


def test_order_of_use_not_of_registration():
    assert steps_of(Backwards(), torch.rand(1, 5)) == (
        ("second.weight", "second.bias"),
        ("twice.weight",),
        ("table",),
        ("first.weight", "first.bias"),
        ("never.weight", "never.bias"),
    )


def test_parts_that_hold_parameters_of_their_own():
    module = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()
    names = [name for step in steps_of(module, torch.rand(1, 3, 4)) for name in step]
    assert sorted(names) == sorted(name for name, _ in module.named_parameters())
    assert names.index("norm2.weight") < names.index("linear1.weight") < names.index("self_attn.in_proj_weight")


def test_a_module_without_parameters_is_refused():
    with pytest.raises(BinomeError, match="no parameters to randomise"):
        steps_of(nn.Flatten(), torch.rand(1, 2))
