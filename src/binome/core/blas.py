"""Linear algebra on one thread: the same figures whatever the machine, and no waiting."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


def one_thread() -> AbstractContextManager[object]:
    """Matrices of some hundred rows: on a busy machine, threads that wait for each other cost many times the work."""
    limits: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limits


@cache
def _controller() -> ThreadpoolController:
    # At the first use, not at import: it knows the libraries that are loaded by then.
    return ThreadpoolController()
