"""Registries of plug-ins: one decorator, one lookup, entry points from other packages."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from binome.core.errors import BinomeError, UnknownNameError, did_you_mean

T = TypeVar("T", bound=Callable[..., Any])


@dataclass(frozen=True)
class Plugin(Generic[T]):
    """A registered function or class with what its decorator declared about it."""

    name: str
    target: T
    declared: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.target) or "").split("\n", 1)[0]


class Registry(Generic[T]):
    """Plug-ins of one kind, by name.

    Args:
        kind: singular noun for messages, e.g. `explainer`.
        group: entry-point group that other packages fill, e.g. `binome.explainers`. An entry point's
            value names a module (or an object in it) whose import registers its plug-ins.
    """

    def __init__(self, kind: str, group: str) -> None:
        self.kind, self.group = kind, group
        self._plugins: dict[str, Plugin[T]] = {}
        self._entry_points_loaded = False

    def register(self, name: str, **declared: Any) -> Callable[[T], T]:
        """Decorator that registers a function or class under `name` and returns it unchanged."""

        def decorate(target: T) -> T:
            if name in self._plugins and self._plugins[name].target is not target:
                raise BinomeError(f"two {self.kind} plug-ins are named {name!r}; rename one of them")
            self._plugins[name] = Plugin(name, target, declared)
            return target

        return decorate

    def get(self, name: str) -> Plugin[T]:
        """The plug-in of that name.

        Raises:
            UnknownNameError: naming the nearest known one.
        """
        self._load_entry_points()
        if not isinstance(name, str) or name not in self._plugins:
            raise UnknownNameError(self.kind, str(name), self._plugins)
        return self._plugins[name]

    def names(self) -> list[str]:
        self._load_entry_points()
        return sorted(self._plugins)

    def __contains__(self, name: object) -> bool:
        self._load_entry_points()
        return name in self._plugins

    def __iter__(self) -> Iterator[Plugin[T]]:
        return iter([self._plugins[name] for name in self.names()])

    def _load_entry_points(self) -> None:
        if not self._entry_points_loaded:
            self._entry_points_loaded = True
            for entry in entry_points(group=self.group):
                entry.load()


def parameters_of(target: Callable[..., Any], reserved: Container[str] = ()) -> list[str] | None:
    """The parameters that `target` takes by name, without those that the harness passes; None when it takes any."""
    parameters = inspect.signature(target).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return [p.name for p in parameters if p.name not in reserved]


def check_params(
    kind: str, name: str, target: Callable[..., Any], params: Mapping[str, Any], reserved: Container[str]
) -> None:
    """Refuse a parameter that `target` does not take, or one that the harness itself passes.

    Raises:
        BinomeError: naming the parameter, the nearest one and all that exist.
    """
    known = parameters_of(target, reserved)
    for param in params:
        if known is not None and param not in known:
            near = did_you_mean(param, known)
            listing = ", ".join(known) or "none"
            raise BinomeError(
                f"{kind} {name!r} has no parameter {param!r}; {near + ' ' if near else ''}it takes: {listing}"
            )
