"""Several processes train as one."""

import os
import subprocess
import sys

import pytest
import torch

from binome import models
from binome.models.workers import Workers


def test_each_process_takes_its_part_and_the_mean_of_all_is_the_whole_batchs():
    batch, losses = torch.arange(7), torch.rand(7, generator=torch.Generator().manual_seed(0))
    parts = [Workers(rank, 3).share(batch) for rank in range(3)]
    assert sorted(torch.cat(parts).tolist()) == list(range(7))
    weighted = [losses[part].mean() * Workers(rank, 3).weight(len(part), 7) for rank, part in enumerate(parts)]
    torch.testing.assert_close(torch.stack(weighted).mean(), losses.mean())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_give_the_weights_of_one(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "import os, sys, torch\n"
        "from binome import contexts, models\n"
        "torch.set_num_threads(1)\n"
        "digits = contexts.load('digits')\n"
        "predictor = models.fit(digits, 'vit_micro', epochs=2, batch_size=64, limit=300, device='cpu')\n"
        "if int(os.environ.get('RANK', '0')) == 0:\n"
        "    models.save(predictor, sys.argv[1])\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    alone = [sys.executable, str(script), str(tmp_path / "one")]
    together = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        str(script), str(tmp_path / "two"),
    ]  # fmt: skip
    for command in (alone, together):
        subprocess.run(command, check=True, env=environment, timeout=280, capture_output=True)
    one, two = (models.load(tmp_path / name).state_dict() for name in ("one", "two"))
    for name, value in one.items():
        torch.testing.assert_close(value, two[name], rtol=1e-3, atol=1e-4)
