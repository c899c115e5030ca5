"""Several processes that train one predictor together, each on its own GPU (torchrun)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Workers:
    """This process's number (from 0), and how many there are."""

    rank: int = 0
    count: int = 1

    def share(self, index: torch.Tensor) -> torch.Tensor:
        """This process's part of a batch."""
        return index[self.rank :: self.count]

    def weight(self, part: int, whole: int) -> float:
        """What a loss over `part` of `whole` items is multiplied with, for the mean of all to be the whole's."""
        return part * self.count / whole

    def joined(self, objective: nn.Module) -> nn.Module:
        """The objective, its gradients averaged over all processes."""
        return DistributedDataParallel(objective, broadcast_buffers=False) if self.count > 1 else objective

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            distributed.barrier()


@contextmanager
def workers(device: torch.device) -> Iterator[Workers]:
    """The processes that torchrun started; this one alone without it."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1 or distributed.is_initialized():
        yield (
            Workers(distributed.get_rank(), distributed.get_world_size()) if distributed.is_initialized() else Workers()
        )
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=timedelta(minutes=30))
    try:
        yield Workers(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
