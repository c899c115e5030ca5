"""Memory: budgets are kept, and when it runs out the work goes on in smaller pieces."""

import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError
from binome.explain.room import Meter, read_memory

MIB = 2**20


@pytest.fixture
def wide():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 4096), nn.Tanh(), nn.Linear(4096, 4096), nn.Tanh(), nn.Linear(4096, 3)).eval()


def test_the_meter_counts_what_is_alive():
    with Meter() as meter:
        first = torch.zeros(MIB)
        second = first.view(2, -1)  # the same memory
        assert meter.live == 4 * MIB
        third = first + 1
        assert meter.live == meter.peak == 8 * MIB
        del third
        assert meter.live == 4 * MIB
        assert len(second) == 2
    assert meter.peak == 8 * MIB


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "kernel_shap", "smooth_grad"])
def test_a_budget_is_kept_and_used(method, wide):
    x = torch.rand(64, 64, generator=torch.Generator().manual_seed(0))
    with Meter() as meter:
        maps = explain.attribute(wide, x, [0] * 64, method=method, memory="4MiB")
    assert 2 * MIB < meter.peak < 4.4 * MIB
    torch.testing.assert_close(maps, explain.attribute(wide, x, [0] * 64, method=method), rtol=1e-4, atol=1e-6)


class Full(nn.Module):
    """Runs out of memory, as PyTorch says it, above so many rows."""

    def __init__(self, rows):
        super().__init__()
        self.rows, self.layer, self.seen = rows, nn.Linear(8, 3), []

    def forward(self, x):
        self.seen.append(len(x))
        if len(x) > self.rows:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")
        return self.layer(x)


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "feature_ablation"])
def test_when_memory_runs_out_the_batch_is_halved(method):
    torch.manual_seed(0)
    net, x = Full(5), torch.rand(16, 8)
    maps = explain.attribute(net, x, [0] * 16, method=method)
    assert max(net.seen) > 5
    net.rows = 1000
    torch.testing.assert_close(maps, explain.attribute(net, x, [0] * 16, method=method))


def test_a_row_too_many_is_an_error():
    with pytest.raises(BinomeError, match="single row"):
        explain.attribute(Full(0), torch.rand(4, 8), [0] * 4, method="saliency")


def test_sizes_are_read_and_nonsense_is_refused():
    assert read_memory("2GiB") == 2**31
    assert read_memory("1.5 MB") == 1_500_000
    assert read_memory(2**21) == 2**21
    for wrong in ("much", "1KiB", 0, -5, True, "2 giB"):
        with pytest.raises(BinomeError, match="memory is"):
            read_memory(wrong)


def test_a_module_with_chance_inside_is_refused():
    class Chance(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x, 0.5, training=True)

    with pytest.raises(BinomeError, match="draws random numbers"):
        explain.attribute(Chance(), torch.rand(2, 3), [0, 1], method="saliency")
