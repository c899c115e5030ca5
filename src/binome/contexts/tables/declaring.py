"""Columns of a file, as the caller describes them or as its cells show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from binome.contexts.tables.columns import Column, Value
from binome.contexts.tables.source import Source
from binome.contexts.tables.survey import MOST_VALUES, Found, shown_decimals
from binome.core import BinomeError, did_you_mean
from binome.core.text import Text

KINDS = ("number", "category")
KEYS = ("label", "unit", "help", "kind", "values", "decimals", "protected", "bands")

Wishes = Mapping[str, Mapping[str, Any]]


def read_wishes(features: Any, others: Sequence[str], source: Source) -> Wishes:
    """What the caller says of each feature, in order.

    Args:
        features: a list of columns; or by column what is said of it; or None for all but `others`.
        others: columns that are no features: the target, the ids, the splits.

    Raises:
        BinomeError: naming the feature, the key and the mend.
    """
    if features is None:
        wishes: dict[str, Mapping[str, Any]] = {name: {} for name in source.names if name not in others}
    elif isinstance(features, Mapping):
        wishes = {str(name): {} if said is None else said for name, said in features.items()}
    elif isinstance(features, Sequence) and not isinstance(features, str):
        wishes = {str(name): {} for name in features}
    else:
        raise BinomeError(f"features is {features!r}; give a list of columns, or what is to be said of each")
    if not wishes:
        raise BinomeError(f"{source.path} has no feature; give columns besides the target")
    for name, said in wishes.items():
        source.check(name, "features")
        if name in others:
            raise BinomeError(f"features names {name!r}, which is the target, the ids or the splits; leave it out")
        _check(name, said)
    return wishes


def declare(name: str, said: Mapping[str, Any], found: Found, source: Source) -> Column:
    """The column, with what was not said of it taken from its cells.

    Raises:
        BinomeError: when it can be neither a number nor a category.
    """
    kind = said.get("kind") or ("category" if "values" in said or not found.is_number else "number")
    if not found.filled:
        raise BinomeError(f"{source.path}: column {name!r} is empty; leave it out of the features")
    common: dict[str, Any] = {
        "label": said.get("label", name), "unit": said.get("unit", ""), "help": said.get("help", ""),
        "protected": bool(said.get("protected", False)), "source": name,
    }  # fmt: skip
    if kind == "number":
        bands = tuple(float(band) for band in said.get("bands", ()))
        decimals = int(said.get("decimals", shown_decimals(found)))
        if common["protected"] and not bands:
            raise BinomeError(
                f"features.{name} is a protected number; give its bands, e.g. bands: [25, 45], to tell groups"
            )
        return Column(name, decimals=decimals, bands=bands, **common)
    return Column(name, values=values_of(name, said.get("values"), found, source), **common)


def values_of(name: str, labels: Mapping[Any, Text] | None, found: Found, source: Source) -> tuple[Value, ...]:
    """The values of a category: those that were named, in their order, or else those that are there, sorted."""
    if labels is not None:
        return tuple(Value(written(code), label) for code, label in labels.items())
    if len(found.values) > MOST_VALUES:
        raise BinomeError(
            f"{source.path}: column {name!r} holds more than {MOST_VALUES} different texts, too many for a category; "
            f"leave it out of the features"
        )
    texts = sorted(found.values)
    if found.numbers == found.filled:
        texts.sort(key=lambda text: float(text.replace(",", ".")))
    return tuple(Value(text, text) for text in texts)


def written(code: Any) -> str:
    """A value as the file writes it, where YAML has read it as a number or a truth value."""
    return str(code).lower() if isinstance(code, bool) else str(code)


def _check(name: str, said: Any) -> None:
    field = f"features.{name}"
    if not isinstance(said, Mapping):
        raise BinomeError(f"{field} is {said!r}; give what is to be said of it, e.g. {{label: {name}}}")
    for key in said:
        if key not in KEYS:
            near = did_you_mean(str(key), KEYS)
            raise BinomeError(f"{field} has no key {key!r}; {near + '; ' if near else ''}it takes: {', '.join(KEYS)}")
    if said.get("kind") not in (None, *KINDS):
        raise BinomeError(f"{field}.kind is {said['kind']!r}; give number or category")
    for key in ("label", "unit", "help"):
        check_text(said.get(key, ""), f"{field}.{key}")
    if "values" in said:
        if said.get("kind") == "number":
            raise BinomeError(f"{field} is a number with values; drop its kind or its values")
        check_labels(said["values"], f"{field}.values")
    if not isinstance(said.get("protected", False), bool):
        raise BinomeError(f"{field}.protected is {said['protected']!r}; give true or false")
    decimals = said.get("decimals", 0)
    if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 12:
        raise BinomeError(f"{field}.decimals is {decimals!r}; give a whole number from 0 to 12")
    bands = said.get("bands", ())
    numbers = isinstance(bands, Sequence) and all(
        isinstance(band, int | float) and not isinstance(band, bool) for band in bands
    )
    if not numbers or list(bands) != sorted(set(bands)):
        raise BinomeError(f"{field}.bands is {bands!r}; give increasing numbers, e.g. [25, 45]")


def check_text(text: Any, field: str) -> None:
    """Refuse what is neither a text nor texts by language."""
    texts = list(text.values()) if isinstance(text, Mapping) else [text]
    if not all(isinstance(each, str) for each in texts) or not texts:
        raise BinomeError(f"{field} is {text!r}; give a text, or texts by language, e.g. {{en: Age, fr: Âge}}")


def check_labels(labels: Any, field: str) -> None:
    """Refuse what is no mapping of values to labels."""
    if not isinstance(labels, Mapping) or not labels:
        raise BinomeError(f"{field} is {labels!r}; give a label by value, e.g. {{yes: Yes, no: No}}")
    for code, label in labels.items():
        check_text(label, f"{field}.{code}")
