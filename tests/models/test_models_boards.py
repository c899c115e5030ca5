import pytest
import torch
from torch.nn import functional as F

from binome import models
from binome.core import BinomeError
from binome.models import Layout, zoo
from binome.testing import check_explainer

CONNECT_FOUR = Layout((2, 6, 7), 7)


def built(layout=CONNECT_FOUR, seed=0):
    torch.manual_seed(seed)
    return zoo.build("board_net", layout).eval()


def test_it_is_among_the_architectures_and_small():
    assert "board_net" in models.architectures()
    assert 100_000 < sum(p.numel() for p in built().parameters()) < 300_000


@pytest.mark.parametrize(("shape", "outputs"), [((2, 6, 7), 7), ((3, 19, 19), 3), ((1, 3, 3), 9)])
def test_heads_give_logits_and_a_value(shape, outputs):
    net = built(Layout(shape, outputs))
    boards = torch.randn(5, *shape)
    with torch.no_grad():
        logits, value = net.heads(boards)
        assert logits.shape == (5, outputs)
        assert value.shape == (5,)
        assert bool((value.abs() <= 1).all())
        assert torch.equal(net(boards), logits)
        torch.testing.assert_close(net(boards[:1]), logits[:1], rtol=1e-4, atol=1e-5)


def test_both_heads_train_the_body():
    boards = torch.randn(4, 2, 6, 7)
    for head in (0, 1):
        net = built()
        net.heads(boards)[head].sum().backward()
        assert float(net.stem.weight.grad.abs().sum()) > 0
        assert float(net.places.grad.abs().sum()) > 0


def test_where_a_cell_lies_matters():
    """The same discs three columns further on: convolutions alone would give the same value away from the edges."""
    net = built()
    assert not torch.equal(net.places[..., 1], net.places[..., 4])


def test_it_learns_which_column_and_whose_position():
    """Column: where the one own disc stands; value: whether the opponent has a disc anywhere."""
    generator = torch.Generator().manual_seed(0)
    columns = torch.randint(0, 7, (256,), generator=generator)
    rows, bad = (torch.randint(0, high, (256,), generator=generator) for high in (6, 2))
    boards = torch.zeros(256, 2, 6, 7)
    boards[torch.arange(256), 0, rows, columns] = 1
    boards[torch.arange(256), 1, 5 - rows, 6 - columns] = bad.float()
    values = 1.0 - 2 * bad
    with torch.random.fork_rng(devices=[]):
        net = built().train()
        optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3)
        for step in range(80):
            rows = torch.arange(48) + 48 * (step % 4)
            logits, value = net.heads(boards[rows])
            loss = F.cross_entropy(logits, columns[rows]) + F.mse_loss(value, values[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        net.eval()
        with torch.no_grad():
            logits, value = net.heads(boards[192:])
    assert float((logits.argmax(1) == columns[192:]).float().mean()) > 0.9
    assert float((value.sign() == values[192:]).float().mean()) > 0.9


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients"])
def test_its_decisions_can_be_explained(method):
    inputs = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    check_explainer(method, built(Layout((1, 8, 8), 4)), inputs)


def test_a_case_file_is_refused():
    with pytest.raises(BinomeError, match="board_net takes pictures"):
        zoo.build("board_net", Layout((12,), 2))
