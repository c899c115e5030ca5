"""The grid of a variation study: its levels, and every configuration that they make."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError, Spec, digest

FACETS = ("architecture", "training", "method", "setting", "seed", "noise")
"""What varies between configurations of one item."""


@dataclass(frozen=True)
class Trained:
    """A predictor of the grid: `training` is the seed that it was trained with, within its architecture."""

    module: nn.Module
    architecture: str = "predictor"
    training: int = 0

    @property
    def name(self) -> str:
        return f"{self.architecture} {self.training}"

    @cached_property
    def key(self) -> str:
        """Changes with any parameter or buffer."""
        return fingerprint(self.module)


@dataclass(frozen=True)
class Method:
    """An explanation method with the settings to try, each a full set of its parameters."""

    name: str
    settings: tuple[Spec, ...]

    @cached_property
    def control(self) -> bool:
        return bool(explain.find(self.settings[0].name).declared.get("control"))

    def parameters(self, setting: int) -> str:
        """What tells a setting from the method's others, in words."""
        specs = [spec.params for spec in self.settings]
        names = [name for name in specs[setting] if any(params.get(name) != specs[setting][name] for params in specs)]
        return ", ".join(f"{name.replace('_', ' ')} {_short(specs[setting][name])}" for name in names)


@dataclass(frozen=True)
class Configuration:
    """One way to explain an item: places among the grid's levels, and the key that its cells are kept under.

    Attributes:
        seed: place among the seeds; None where the method draws nothing, so that one run serves for all seeds.
    """

    predictor: int
    method: int
    setting: int
    seed: int | None
    noise: int
    spec: Spec
    key: str


@dataclass(frozen=True)
class Grid:
    """What varies.

    Attributes:
        predictors, methods, seeds, noise: the levels; noise is a standard deviation in the unit of the inputs.
        draws: by the key of a method's setting, whether it draws anything.
        fraction: one in so many of the full factorial's cells, by a regular fraction; 1 for all.
        salt: what else decides maps: the background, the noise's seed and scale, as a hash.
    """

    predictors: tuple[Trained, ...]
    methods: tuple[Method, ...]
    seeds: tuple[int, ...]
    noise: tuple[float, ...]
    draws: Mapping[str, bool]
    fraction: int = 1
    salt: str = ""

    @cached_property
    def configurations(self) -> tuple[Configuration, ...]:
        """Every configuration that is run, in a fixed order."""
        return tuple(
            self._configuration(p, m, s, seed, z)
            for p in range(len(self.predictors))
            for z in range(len(self.noise))
            for m, method in enumerate(self.methods)
            for s in range(len(method.settings))
            for seed in self._seeds(method.settings[s])
            if self.holds(p, s, seed, z)
        )

    def holds(self, predictor: int, setting: int, seed: int | None, noise: int) -> bool:
        """Whether the fraction has this cell: level numbers add up to a multiple of it, so that it stays balanced.

        With prime `fraction` and as many levels, any two facets still meet in all their combinations
        (Box & Hunter 1961). A method that draws nothing is run wherever one of its seeds would be.
        """
        seeds = range(len(self.seeds)) if seed is None else [seed]
        return any((predictor + setting + each + noise) % self.fraction == 0 for each in seeds)

    def _seeds(self, spec: Spec) -> Sequence[int | None]:
        return list(range(len(self.seeds))) if self.draws[spec.key] else [None]

    def _configuration(self, p: int, m: int, s: int, seed: int | None, z: int) -> Configuration:
        spec, sd = self.methods[m].settings[s], self.noise[z]
        made = {
            "predictor": self.predictors[p].key,
            "explainer": spec.as_dict(),
            "seed": None if seed is None else self.seeds[seed],
            "noise": sd,
            # Without noise its seed and scale change nothing.
            "salt": self.salt if sd else self.salt.split("+")[0],
        }
        return Configuration(p, m, s, seed, z, spec, digest(made)[:32])


def read_methods(methods: Mapping[str, Any]) -> tuple[Method, ...]:
    """Methods as a caller, or a study file, gives them.

    Args:
        methods: by name, a method's name, or a mapping with `method`, its parameters and, to try several, `settings`: a
            list of mappings, each with the parameters that it changes.

    Raises:
        BinomeError: for a method or parameter that does not exist, one that gives no maps or must see all items at
            once, or two settings that are the same.
    """
    if not methods:
        raise BinomeError("no method is given; name one or more in `methods`")
    if not isinstance(methods, Mapping):
        raise BinomeError(f"methods are {methods!r}; give them by name, as {{'ig': 'integrated_gradients'}}")
    found = []
    for name, given in methods.items():
        options: dict[str, Any] = {"method": given} if isinstance(given, str) else dict(given)
        method, settings = options.pop("method", name), options.pop("settings", [{}])
        if isinstance(settings, Mapping):
            raise BinomeError(f"method {name} has settings {dict(settings)!r}; give a list of them, one each")
        specs = tuple(_spec(name, method, {**options, **dict(changed)}) for changed in settings or [{}])
        if len({spec.key for spec in specs}) < len(specs):
            raise BinomeError(f"method {name} has two settings with the same parameters; remove one")
        found.append(Method(name, specs))
    return tuple(found)


def _spec(name: str, method: Any, params: Mapping[str, Any]) -> Spec:
    plugin = explain.find(method, params)
    if (what := explain.gives(plugin)) != "maps":
        raise BinomeError(f"method {name} gives {what}, not maps; leave it out of the grid")
    if plugin.declared.get("whole"):
        raise BinomeError(
            f"method {name} ({plugin.name}) must see all items at once, so that no item has a map of its own; use "
            "`shuffled` as the control"
        )
    return explain.spec(method, params)


@contextmanager
def told(method: Method, setting: int) -> Iterator[None]:
    """Errors inside say which method and setting they are about."""
    try:
        yield
    except BinomeError as error:
        parameters = method.parameters(setting)
        which = f"{method.settings[setting].name}, {parameters}" if parameters else method.settings[setting].name
        raise BinomeError(f"method {method.name} ({which}): {error}") from error


def fingerprint(module: nn.Module) -> str:
    """SHA-256 of a module's structure as it prints itself, and of its parameters and buffers with their names.

    Two modules that differ in neither, but in code or in attributes that they do not print, cannot be told apart.
    """
    printed = re.sub(r" at 0x[0-9a-f]+", "", repr(module))  # addresses are other ones in each process
    sha = hashlib.sha256(f"{type(module).__qualname__} {printed}".encode())
    for name, value in module.state_dict().items():
        sha.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        sha.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return sha.hexdigest()


def content(array: Any) -> str:
    """SHA-256 of an array's type, shape and values; of nothing for None."""
    if array is None:
        return ""
    values = np.ascontiguousarray(array.detach().cpu().numpy() if isinstance(array, torch.Tensor) else array)
    return hashlib.sha256(f"{values.dtype} {values.shape}".encode() + values.tobytes()).hexdigest()


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
