"""Decision tasks: `load` one by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Their import registers them.
from binome.contexts import games as games
from binome.contexts import images as images
from binome.contexts import tables as tables
from binome.contexts.context import Context, Shown, Split, SplitName, context, registry
from binome.contexts.images import ImageContext, Pictures
from binome.contexts.tables import Cases, Column, TableContext, Value
from binome.core import BinomeError, check_params

__all__ = [
    "Cases", "Column", "Context", "ImageContext", "Pictures", "Shown", "Split", "SplitName", "TableContext", "Value",
    "context", "load", "names", "registry",
]  # fmt: skip

TABLES = (".csv", ".tsv", ".parquet")


def load(
    name: str | Path,
    *,
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    base: Path | None = None,
    skip_bad: bool = False,
    **params: Any,
) -> Context:
    """The context of that name.

    Args:
        name: one of `names()`; `torchvision:CIFAR10` or `huggingface:beans` for a data set of these; a folder of
            images, one folder a class; a CSV or Parquet file (with `target`, the column to decide on).
        operator_view, predictor_view: what each side sees of an item, where that is not all of it.
        base: where relative paths among the parameters start; the working directory by default.
        skip_bad: leave out rows and files that cannot be used, and list them in `skipped`, instead of refusing all.
        params: what the context itself takes, e.g. `root` for `fashion`.

    Raises:
        UnknownNameError: for a name that no context has.
        BinomeError: for a parameter that it does not take, or data that cannot be had.
    """
    name, params = _named(name, params, base)
    plugin = registry.get(name)
    views = {"operator_view": operator_view, "predictor_view": predictor_view, "skip_bad": skip_bad}
    # A context without views need not take an empty one.
    params |= {side: view for side, view in views.items() if view}
    check_params("context", name, plugin.target, params, frozenset())
    for param in plugin.declared.get("paths", ()):
        if base is not None and param in params:
            params[param] = str(base / Path(params[param]).expanduser())
    return plugin.target(**params)


def names() -> list[str]:
    """The names that `load` takes, those of other packages included."""
    return registry.names()


def _named(name: str | Path, params: dict[str, Any], base: Path | None) -> tuple[str, dict[str, Any]]:
    """A registered name, with the parameters that another way of naming stands for."""
    text = str(name)
    if text in registry:
        return text, params
    source, colon, dataset = text.partition(":")
    if colon and source in registry:
        return source, {"dataset": dataset, **params}
    path = (base or Path()) / Path(text).expanduser()
    if path.is_dir():
        return "folder", {"folder": text, **params}
    if path.suffix.lower() in TABLES:
        if not path.is_file():
            raise BinomeError(f"there is no file {path}; name a CSV or Parquet file that exists")
        return "table", {"file": text, **params}
    return text, params
