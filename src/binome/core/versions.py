"""Versions of what an artefact was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

RECORDED = ("binome", "numpy", "pillow", "polars", "scipy", "scikit-learn", "timm", "torch", "torchvision")


def versions() -> dict[str, str]:
    """Python's version and that of each recorded package that is installed."""
    found = {"python": platform.python_version()}
    for package in RECORDED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
