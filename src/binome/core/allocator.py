"""What malloc does with the memory of tensors that are gone."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Names of mallopt(3)."""
KEPT, MAPPED = 256 * 2**20, 32 * 2**20
"""Bytes: what glibc may keep free at the end of its heap, and the size from which it asks the system each time (its
own highest)."""


@cache
def keep_freed_memory() -> bool:
    """Let this process keep the memory of tensors that are gone for those that follow; once is enough.

    Left alone, glibc gives large blocks back to the system after every operation and takes them again, page by page,
    for the next: a third of the time of a convolutional network's passes on one core, and more on several, which wait
    for each other in the kernel. Whoever has set `MALLOC_TRIM_THRESHOLD_`, `MALLOC_MMAP_THRESHOLD_` or
    `GLIBC_TUNABLES` is obeyed.

    Returns:
        Whether it does; False where the system's malloc is not glibc's or somebody else decided.
    """
    chosen = {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"} & os.environ.keys()
    if chosen or not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(M_MMAP_THRESHOLD, MAPPED) and mallopt(M_TRIM_THRESHOLD, KEPT))
