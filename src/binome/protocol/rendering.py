"""Which rendering fits which explanation, and how one is shown when the study does not say."""

from __future__ import annotations

from typing import Any

from binome.core.stimulus import Rendering, RenderingKind
from binome.protocol.schema import RenderingSpec, Study

MAPS: tuple[RenderingKind, ...] = ("overlay", "contour", "regions", "side_by_side", "sentence")
CONTRIBUTIONS: tuple[RenderingKind, ...] = ("bars", "sentence")
BY_GIVES: dict[str, tuple[RenderingKind, ...]] = {
    "examples": ("examples",),
    "counterfactuals": ("counterfactuals",),
}
"""What else than maps a method may give, and how it can be shown; the first is the default."""
OWN: dict[str, tuple[str, ...]] = {"contour": ("levels",), "regions": ("share", "count")}
"""Parameters that only one kind has."""
WITH_TEXT = ("overlay", "contour", "regions", "side_by_side", "bars")
DEFAULTS: dict[str, dict[str, Any]] = {"contour": {"levels": [0.25, 0.5, 0.75]}, "regions": {"share": 0.15}}

Fault = tuple[str, str, str]
"""A field of the rendering (empty for all of it), what was found, what is expected."""


def possible(gives: str | None, cases: bool | None) -> tuple[RenderingKind, ...]:
    """The kinds that can show what a method gives.

    Args:
        gives: `maps`, `examples` or `counterfactuals`; None where that is not known.
        cases: whether the items are case files rather than pictures or boards; None where that is not known.
    """
    if gives in BY_GIVES:
        return BY_GIVES[gives]
    maps = MAPS if cases is False else CONTRIBUTIONS if cases else tuple(dict.fromkeys(MAPS + CONTRIBUTIONS))
    return maps if gives is not None else (*maps, *(kind for kinds in BY_GIVES.values() for kind in kinds))


def faults(spec: RenderingSpec | None, gives: str | None, cases: bool | None) -> list[Fault]:
    """What of a rendering does not fit its method, its items or itself; the default fits by itself."""
    if spec is None:
        return []
    kinds = possible(gives, cases)
    kind = spec.kind or kinds[0]
    if kind not in kinds:
        what = gives if gives in BY_GIVES else _maps_of(gives, cases)
        return [("", f"{kind!r} of a method that gives {what}", f"one of {', '.join(kinds)}")]
    found: list[Fault] = []
    known = spec.kind is not None or len(kinds) == 1 or (gives is not None and cases is not None)
    for owner, names in OWN.items():
        if known and kind != owner:
            wrong = [name for name in names if getattr(spec, name) is not None]
            found += [(name, f"{name} with {kind!r}", f"kind: {owner} with it") for name in wrong]
    if spec.text and known and kind not in WITH_TEXT:
        found.append(("text", f"text with {kind!r}", f"one of {', '.join(WITH_TEXT)} with it"))
    if spec.levels is not None and spec.levels != sorted(set(spec.levels)):
        found.append(("levels", str(spec.levels), "shares in rising order, each once"))
    return found


def rendering_of(study: Study, name: str, gives: str, cases: bool) -> Rendering:
    """An explanation's rendering with all that it depends on filled in; it must have no `faults`.

    What is made from another explanation (a placebo) looks like it, unless the study says otherwise.
    """
    spec = declared(study, name)
    kind = (spec.kind if spec else None) or possible(gives, cases)[0]
    params: dict[str, Any] = dict(DEFAULTS.get(kind, {}))
    if spec is not None:
        params |= {name: value for name in OWN.get(kind, ()) if (value := getattr(spec, name)) is not None}
        if spec.text:
            params["text"] = True
    return Rendering(kind, params)


def declared(study: Study, name: str) -> RenderingSpec | None:
    """What the study says of an explanation's rendering, or of the one that it is made from."""
    seen: set[str] = set()
    while name in study.explanations and name not in seen:
        spec = study.explanations[name]
        if spec.rendering is not None:
            return spec.rendering
        seen.add(name)
        name = str(spec.params.get("of"))
    return None


def _maps_of(gives: str | None, cases: bool | None) -> str:
    """What maps are of, in words."""
    if gives is None or cases is None:
        return gives or "something else"
    return "contributions of a case file's lines" if cases else "maps of pictures"
