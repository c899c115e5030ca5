"""The levels of a grid as a caller gives them, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from binome.core import BinomeError
from binome.core.kinds import check_count, is_number, is_whole
from binome.variation.sweep.grid import Trained


def predictors_of(given: Any) -> tuple[Trained, ...]:
    """A module, modules by name, or a list of modules or `Trained` ones; plain modules of a list are trainings of one
    architecture, counted from 0.

    Raises:
        BinomeError: for none, two of one name, or what is no module.
    """
    if isinstance(given, nn.Module):
        found = [Trained(given)]
    elif isinstance(given, Mapping):
        found = [Trained(module, str(name), 0) for name, module in given.items()]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        found = [one if isinstance(one, Trained) else Trained(one, training=place) for place, one in enumerate(given)]
    else:
        raise BinomeError(f"predictors are a {type(given).__name__}; give a module, or several by name or in a list")
    for one in found:
        if not isinstance(one.module, nn.Module):
            raise BinomeError(f"predictor {one.name} is a {type(one.module).__name__}; give a torch.nn.Module")
    names = [level.name for level in found]
    if not found or len(set(names)) != len(names):
        raise BinomeError(f"predictors are {names}; give one or more, each with a name of its own")
    return tuple(found)


def seeds_of(given: Any) -> tuple[int, ...]:
    """Explainer seeds, or how many of them.

    Raises:
        BinomeError: for none, one that comes twice, or what is no whole number.
    """
    found = tuple(range(given)) if is_whole(given) else _list(given)
    if not found or not all(map(is_whole, found)) or len(set(found)) != len(found):
        said = list(found) if found is not None else given
        raise BinomeError(f"seeds are {said!r}; give one or more different whole numbers, or how many")
    return found


def noise_of(given: Any) -> tuple[float, ...]:
    """Standard deviations of noise.

    Raises:
        BinomeError: for none, one that comes twice, or what is no number from 0.
    """
    found = _list(given)
    if not found or not all(is_number(one) and one >= 0 for one in found):
        raise BinomeError(f"noise is {given!r}; give a list of different standard deviations, 0 for none")
    if len(set(found)) != len(found):
        raise BinomeError(f"noise is {list(found)}; give different standard deviations, 0 for none")
    return tuple(map(float, found))


def check_counts(fraction: Any, references: Any, resamples: Any) -> None:
    """Refuse counts that cannot be used.

    Raises:
        BinomeError: naming the one.
    """
    check_count("resamples", resamples)
    if not is_whole(references) or references < 0:
        raise BinomeError(f"references is {references!r}; give a whole number of items, 0 for none")
    # Sums of level numbers are spread evenly over what is left by a prime alone.
    if not is_whole(fraction) or fraction < 1 or any(fraction % divisor == 0 for divisor in range(2, fraction)):
        raise BinomeError(f"fraction is {fraction!r}; give 1 for the full grid, or a small prime number")


def check_list(name: str, given: Any) -> None:
    """Refuse one name where several are asked for, which would be read letter by letter.

    Raises:
        BinomeError: saying how to write a list of one.
    """
    if isinstance(given, str):
        raise BinomeError(f"{name} is {given!r}; give a list: [{given!r}]")


def _list(given: Any) -> Any:
    return tuple(given) if not isinstance(given, str) and hasattr(given, "__iter__") else None
