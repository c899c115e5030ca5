"""Rules of differentiation, against Captum, closed forms and replicas written layer by layer."""

import captum.attr
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from binome import explain
from binome.core import BinomeError
from binome.explain.rules import RECTIFIERS, Rules


def convolutions(activation=nn.ReLU, pool=nn.MaxPool2d):
    torch.manual_seed(4)
    net = nn.Sequential(
        nn.Conv2d(2, 5, 3, padding=1), nn.BatchNorm2d(5), activation(), pool(2),
        nn.Conv2d(5, 4, 2), activation(), nn.Flatten(), nn.Linear(16, 6), activation(), nn.Linear(6, 3),
    )  # fmt: skip
    net[1].running_mean.normal_()
    net[1].running_var.uniform_(0.5, 2)
    return net.double().eval()


class Reused(nn.Module):
    """One activation used three times: as a layer, as the same layer again, and as a function."""

    def __init__(self, how):
        super().__init__()
        torch.manual_seed(5)
        self.how = how
        self.layers = nn.ModuleList([nn.Linear(72, 12), nn.Linear(12, 8), nn.Linear(8, 6), nn.Linear(6, 3)]).double()
        self.relu = nn.ReLU()
        self.others = nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.ReLU()])

    def forward(self, x):
        x = x.flatten(1)
        for place, layer in enumerate(self.layers[:-1]):
            x = layer(x)
            if self.how == "layers":
                x = self.others[place](x)
            elif self.how == "one layer":
                x = self.relu(x)
            elif self.how == "function":
                x = F.relu(x) if place else torch.relu(x)
            else:
                x.relu_()  # whose result nobody takes
        return self.layers[-1](x)


@pytest.mark.filterwarnings("ignore:Setting forward, backward hooks")
@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.Sigmoid, nn.LeakyReLU, nn.ELU, nn.Softplus])
def test_deep_lift_equals_captum(activation, images, targets):
    # Captum 0.9 loses evidence where a max pooling follows an activation (its own gap is large there): not compared.
    net = convolutions(activation, nn.AvgPool2d)
    baseline = torch.rand(1, 2, 6, 6, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    theirs = captum.attr.DeepLift(net).attribute(
        images.clone().requires_grad_(), baselines=baseline.expand(5, -1, -1, -1), target=targets
    )
    ours = explain.attribute(net, images, targets, method="deep_lift", baseline=baseline)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("activation", [nn.GELU, nn.SiLU, nn.Hardswish, nn.ReLU6])
def test_deep_lift_accounts_for_all_of_activations_that_captum_does_not_know(activation, images, targets):
    net = convolutions(activation)
    found = explain.examine(net, images, targets, method="deep_lift", baseline="uniform", seed=3)
    rise = explain.completeness_gap(net, images, targets, found.maps, "uniform", seed=3)
    assert rise.max() < 1e-8
    torch.testing.assert_close(found.details["completeness_gap"], rise, atol=1e-8, rtol=0)


@pytest.mark.parametrize("method", ["deep_lift", "guided_backprop", "attn_lrp"])
@pytest.mark.parametrize("how", ["one layer", "function", "in place"])
def test_nothing_hangs_on_how_the_module_is_written(method, how, images, targets):
    expected = explain.attribute(Reused("layers"), images, targets, method=method)
    torch.testing.assert_close(explain.attribute(Reused(how), images, targets, method=method), expected)


@pytest.mark.filterwarnings("ignore:Setting forward, backward hooks")
def test_deep_lift_of_max_pooling_equals_captum_where_that_is_complete(images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 3)).double()
    start = torch.rand(images.shape, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    theirs = captum.attr.DeepLift(net).attribute(images.clone().requires_grad_(), baselines=start, target=targets)
    torch.testing.assert_close(
        explain.attribute(net, images, targets, method="deep_lift", baseline=start), theirs.detach()
    )


@pytest.mark.parametrize("baseline", ["zero", "uniform", 0.7])
def test_deep_lift_of_pooled_activations_accounts_for_all(baseline, images, targets):
    net = convolutions()
    maps = explain.attribute(net, images, targets, method="deep_lift", baseline=baseline, seed=1)
    assert explain.completeness_gap(net, images, targets, maps, baseline, seed=1).max() < 1e-12


def test_pooling_even_pictures_does_not_hang_on_the_batch():
    """Where a window's places are all alike, rounding must not choose the one that carries the fall."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.Tanh(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, padding=1), nn.GELU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 49, 3),
    )  # fmt: skip
    x = torch.zeros(24, 1, 28, 28)
    x[:, :, 9:15, 9:15] = torch.rand(24, 1, 6, 6)
    whole = explain.attribute(net, x, [0] * 24, method="deep_lift")
    each = torch.cat([explain.attribute(net, one[None], [0], method="deep_lift") for one in x])
    torch.testing.assert_close(whole, each, atol=1e-6, rtol=1e-4)


def test_deep_lift_of_one_hidden_layer_in_closed_form():
    """y = v · relu(W x + b): each input gets Σ v_h · (Δrelu_h / Δz_h) · W_hi · Δx_i."""
    rng = np.random.default_rng(0)
    w, b, v, x, start = (rng.normal(size=s) for s in ((7, 4), 7, (2, 7), 4, 4))
    net = nn.Sequential(nn.Linear(4, 7), nn.ReLU(), nn.Linear(7, 2, bias=False)).double()
    net.load_state_dict({"0.weight": torch.tensor(w), "0.bias": torch.tensor(b), "2.weight": torch.tensor(v)})
    z, z0 = w @ x + b, w @ start + b
    secant = (np.maximum(z, 0) - np.maximum(z0, 0)) / (z - z0)
    expected = ((v[1] * secant)[:, None] * w * (x - start)).sum(0)
    found = explain.attribute(net, x[None], [1], method="deep_lift", baseline=start)
    np.testing.assert_allclose(found[0], expected, rtol=1e-10)


def test_deep_lift_where_nothing_changed_uses_the_derivative():
    net = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2)).double()
    x = torch.rand(2, 3, dtype=torch.float64)
    assert torch.equal(explain.attribute(net, x, [0, 1], method="deep_lift", baseline=x), torch.zeros_like(x))


class Product(nn.Module):
    def forward(self, x):
        x = x.flatten(1)[:, :3]
        return x * torch.relu(x.flip(1))


class Hidden(nn.Module):
    """A function that no rule covers and no table names."""

    def forward(self, x):
        return x.flatten(1)[:, :3].abs().cumprod(1) + 1


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (Product(), "multiplies activations by"),
        (nn.Sequential(nn.Flatten(), nn.Linear(72, 3).double(), nn.Softmax(1)), "calls softmax"),
        (nn.Sequential(nn.Flatten(), nn.LayerNorm(72).double(), nn.Linear(72, 3).double()), "calls layer_norm"),
        (Hidden(), "miss the logit's difference"),
    ],
)
def test_deep_lift_refuses_what_it_would_get_wrong(net, says, images, targets):
    with pytest.raises(BinomeError, match=says):
        explain.attribute(net, images, targets, method="deep_lift")


@pytest.mark.filterwarnings("ignore:Setting backward hooks")
def test_guided_backprop_equals_captum(images, targets):
    net = convolutions()
    theirs = captum.attr.GuidedBackprop(net).attribute(images.clone().requires_grad_(), target=targets)
    torch.testing.assert_close(explain.attribute(net, images, targets, method="guided_backprop"), theirs)


def test_guided_backprop_needs_relu(images, targets):
    with pytest.raises(BinomeError, match="defined for ReLU"):
        explain.attribute(convolutions(nn.Tanh), images, targets, method="guided_backprop")


def test_rules_end_with_their_block(images):
    def silenced():
        with Rules(dict.fromkeys(RECTIFIERS, lambda f, x: x * 0)):
            assert not torch.relu(images).any()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        silenced()
    assert torch.relu(images).any()


def _attention_block(x, block):
    """Replica of one pre-norm block: values, and all that the way back needs."""
    heads, width = block.attn.num_heads, x.shape[1]
    n = x.shape[0]

    def norm(layer, values):
        centred = values - values.mean(1, keepdims=True)
        deviation = np.sqrt(values.var(1, keepdims=True) + layer.eps)
        return centred / deviation * layer.weight.detach().numpy() + layer.bias.detach().numpy(), deviation

    def linear(layer, values):
        return values @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()

    a, deviation_a = norm(block.norm1, x)
    qkv = linear(block.attn.qkv, a).reshape(n, 3, heads, width // heads)
    mixed = np.zeros((n, heads, width // heads))
    weights = []
    for h in range(heads):
        similar = qkv[:, 0, h] @ qkv[:, 1, h].T / np.sqrt(width // heads)
        e = np.exp(similar - similar.max(1, keepdims=True))
        weights.append(e / e.sum(1, keepdims=True))
        mixed[:, h] = weights[-1] @ qkv[:, 2, h]
    y = x + linear(block.attn.proj, mixed.reshape(n, width))
    b, deviation_b = norm(block.norm2, y)
    hidden = linear(block.mlp.fc1, b)
    active = F.gelu(torch.tensor(hidden)).numpy()
    z = y + linear(block.mlp.fc2, active)
    return z, (qkv, weights, deviation_a, deviation_b, hidden, active)


def _back_through_block(g, block, kept):
    """Relevance divided by value, from after the block to before it, by AttnLRP's rules."""
    qkv, weights, deviation_a, deviation_b, hidden, active = kept
    n, _, heads, size = qkv.shape

    def w(layer):
        return layer.weight.detach().numpy()

    def norm_back(layer, deviation, upstream):
        scaled = upstream * w(layer) / deviation  # the deviation is a constant
        return scaled - scaled.mean(1, keepdims=True)

    inner = (g @ w(block.mlp.fc2)) * active / hidden
    g = g + norm_back(block.norm2, deviation_b, inner @ w(block.mlp.fc1))
    upstream = (g @ w(block.attn.proj)).reshape(n, heads, size)
    back = np.zeros_like(qkv)
    for h in range(heads):
        a = weights[h]
        back[:, 2, h] = a.T @ upstream[:, h] / 2
        to_weights = upstream[:, h] @ qkv[:, 2, h].T / 2
        to_similar = a * (to_weights - (a * to_weights).sum(1, keepdims=True)) / np.sqrt(size)
        back[:, 0, h] = to_similar @ qkv[:, 1, h] / 2
        back[:, 1, h] = to_similar.T @ qkv[:, 0, h] / 2
    return g + norm_back(block.norm1, deviation_a, back.reshape(n, -1) @ w(block.attn.qkv))


@pytest.mark.parametrize("fused", [True, False])
def test_attn_lrp_replica(vit, fused):
    """The whole way back through a small transformer, by hand."""
    vit = vit.double()
    for block in vit.blocks:
        block.attn.fused_attn = fused
    x = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    with torch.no_grad():
        tokens = vit._pos_embed(vit.patch_embed(x))[0].numpy()
        kept = []
        for block in vit.blocks:
            tokens, inside = _attention_block(tokens, block)
            kept.append(inside)
        deviation = np.sqrt(tokens[0].var() + vit.norm.eps)
        g = np.zeros_like(tokens)
        row = vit.head.weight.detach().numpy()[2] * vit.norm.weight.detach().numpy() / deviation
        g[0] = row - row.mean()
        for block, inside in zip(reversed(list(vit.blocks)), reversed(kept), strict=True):
            g = _back_through_block(g, block, inside)
        patches = torch.tensor(g[3:]).reshape(1, 4, 4, 16).permute(0, 3, 1, 2)
        slope = F.conv_transpose2d(patches, vit.patch_embed.proj.weight, stride=2)
    found = explain.attribute(vit, x, [2], method="attn_lrp")
    torch.testing.assert_close(found, x * slope)


@pytest.mark.parametrize("gamma", [0.0, 0.3])
def test_relevance_is_conserved_without_biases(gamma):
    """Linear layers and elementwise functions without bias: relevance sums to the logit, for either rule."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(2, 4, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(64, 9, bias=False), nn.GELU(),
        nn.Linear(9, 3, bias=False),
    ).double()  # fmt: skip
    x = torch.randn(4, 2, 6, 6, dtype=torch.float64)
    maps = explain.attribute(net, x, [0, 1, 2, 0], method="attn_lrp", gamma=gamma)
    logits = net(x).detach()[range(4), [0, 1, 2, 0]]
    torch.testing.assert_close(maps.flatten(1).sum(1), logits)


def test_the_gamma_rule_replica():
    """R_i = Σ_j [x_i w_ij + γ (x_i w_ij)^s] / Σ_i [… + bias] · R_j, s the sign of output j, with plain loops."""
    rng = np.random.default_rng(1)
    w1, b1, w2, b2, x = (rng.normal(size=s) for s in ((5, 4), 5, (3, 5), 3, 4))
    net = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).double()
    state = {"0.weight": w1, "0.bias": b1, "2.weight": w2, "2.bias": b2}
    net.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    gamma = 0.25

    def back(relevance, values, weight, bias):
        found = np.zeros_like(values)
        for j, given in enumerate(relevance):
            parts = [values[i] * weight[j, i] for i in range(len(values))]
            sign = np.sign(sum(parts) + bias[j])
            boosted = [p + gamma * (p if p * sign > 0 else 0) for p in parts]
            whole = sum(boosted) + bias[j] + gamma * (bias[j] if bias[j] * sign > 0 else 0)
            if given:
                found += np.array(boosted) / whole * given
        return found

    hidden = np.maximum(w1 @ x + b1, 0)
    logits = w2 @ hidden + b2
    start = np.zeros(3)
    start[1] = logits[1]
    expected = back(back(start, hidden, w2, b2), x, w1, b1)
    found = explain.attribute(net, x[None], [1], method="attn_lrp", gamma=gamma)
    np.testing.assert_allclose(found[0], expected, rtol=1e-9)


def test_gamma_is_not_negative(linear, images, targets):
    with pytest.raises(BinomeError, match="gamma is -1"):
        explain.attribute(linear, images, targets, method="attn_lrp", gamma=-1)
