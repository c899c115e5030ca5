"""Decision tasks: `load` one by name."""

from collections.abc import Mapping
from typing import Any

# Their import registers them.
from binome.contexts import digits as digits
from binome.contexts import fashion as fashion
from binome.contexts.context import Context, Split, SplitName, context, registry
from binome.contexts.images import ImageContext, Pictures
from binome.core import check_params

__all__ = ["Context", "ImageContext", "Pictures", "Split", "SplitName", "context", "load", "names", "registry"]


def load(
    name: str,
    *,
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    **params: Any,
) -> Context:
    """The context of that name.

    Args:
        operator_view, predictor_view: what each side sees of an item, where that is not all of it; see `views`.
        params: what the context itself takes, e.g. `root` for `fashion`.

    Raises:
        UnknownNameError: for a name that no context has.
        BinomeError: for a parameter that it does not take, or data that cannot be had.
    """
    factory = registry.get(name).target
    views = {"operator_view": operator_view, "predictor_view": predictor_view}
    # A context without views need not take an empty one.
    params |= {side: view for side, view in views.items() if view}
    check_params("context", name, factory, params, frozenset())
    return factory(**params)


def names() -> list[str]:
    """The names that `load` takes, those of other packages included."""
    return registry.names()
