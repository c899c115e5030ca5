"""Memory: budgets are kept, and when it runs out the work goes on in smaller pieces."""

import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError
from binome.explain.room import Meter, Resident, read_memory

MIB = 2**20


@pytest.fixture
def wide():
    """Much memory for few operations."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(16, 8192), nn.Tanh(), nn.Linear(8192, 3)).eval()


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
    x = torch.rand(1000, 16, generator=torch.Generator().manual_seed(0))
    few = {"samples": 8} if method == "smooth_grad" else {"samples": 80} if method == "kernel_shap" else {}
    with Meter() as meter:
        maps = explain.attribute(wide, x, [0] * 1000, method=method, memory="40MiB", batch_size=2000, **few)
    assert 10 * MIB < meter.peak < 44 * MIB
    whole = explain.attribute(wide, x, [0] * 1000, method=method, **few)
    torch.testing.assert_close(maps, whole, rtol=1e-4, atol=1e-6)


def test_what_the_process_takes_is_known_and_given_back():
    resident = Resident()
    kept = torch.ones(20 * MIB)
    assert 80 * MIB <= resident.peak < 120 * MIB
    del kept
    resident.restart()
    assert resident.peak < 40 * MIB
    resident.remember(50 * MIB)
    assert resident.peak == 50 * MIB


def test_where_no_system_tells_nothing_is_counted(monkeypatch, tmp_path):
    monkeypatch.setattr("binome.explain.room.CLEAR", tmp_path / "nowhere" / "clear_refs")
    resident = Resident()
    assert resident.peak == 0
    resident.restart()
    assert resident.peak == 0


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
