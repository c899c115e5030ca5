"""One seed for a study; every part derives its own from it and from its own name."""

from __future__ import annotations

import hashlib


def derive_seed(seed: int, *path: str | int) -> int:
    """A seed in [0, 2**63) that depends on `seed` and on every name of `path`.

    Hashing keeps the parts independent of each other and of the order in which they run, which
    drawing seeds one after the other from a shared generator would not.
    """
    text = "\x1f".join([str(seed), *(f"{type(part).__name__}:{part}" for part in path)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
