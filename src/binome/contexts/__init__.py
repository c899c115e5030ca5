"""Decision tasks: `load` one by name."""

from typing import Any

# Their import registers them.
from binome.contexts import digits as digits
from binome.contexts import fashion as fashion
from binome.contexts.context import Context, Split, SplitName, context, registry
from binome.contexts.images import ImageContext, Pictures
from binome.core import check_params

__all__ = ["Context", "ImageContext", "Pictures", "Split", "SplitName", "context", "load", "names", "registry"]


def load(name: str, **params: Any) -> Context:
    """The context of that name.

    Args:
        params: `operator_view` and `predictor_view` (mappings, see `views`), and what the context itself takes.

    Raises:
        UnknownNameError: for a name that no context has.
        BinomeError: for a parameter that it does not take, or data that cannot be had.
    """
    factory = registry.get(name).target
    check_params("context", name, factory, params, frozenset())
    return factory(**params)


def names() -> list[str]:
    return registry.names()
