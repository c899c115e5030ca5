"""Linear algebra on one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

_CONTROLLER = ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Matrices of some hundred rows: on a busy machine, threads that wait for each other cost many times the work."""
    limits: AbstractContextManager[object] = _CONTROLLER.limit(limits=1, user_api="blas")
    return limits
