from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import resource, torch
from binome.core.allocator import keep_freed_memory

def faults(times):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        together = [torch.ones(4 * 2**20) for _ in range(4)]  # 64 MiB, 16,384 pages
        del together
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

kept = keep_freed_memory()
faults(2)
print(kept, faults(5))
"""


def run(**environment: str) -> list[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=clean | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc")
def test_memory_of_tensors_that_are_gone_is_used_again_without_asking_for_pages() -> None:
    kept, faults = run()
    assert kept == "True"
    assert int(faults) < 20 * 4096 / 2  # all would be 81,920; a few are new where the free block does not suffice


def test_whoever_chose_for_malloc_is_obeyed() -> None:
    kept, faults = run(MALLOC_TRIM_THRESHOLD_="0", MALLOC_MMAP_THRESHOLD_="4096")
    assert kept == "False"
    assert int(faults) > 16384  # as malloc does it by itself
