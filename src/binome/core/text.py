"""Texts in several languages, as study files and plug-ins give them."""

from __future__ import annotations

from collections.abc import Mapping

Text = str | Mapping[str, str]
"""One string for all languages, or a mapping of language codes (`en`, `fr`) to strings."""


def say(text: Text, language: str) -> str:
    """The string for `language`; English, then any language, where it is missing."""
    if isinstance(text, str):
        return text
    for code in (language, "en"):
        if code in text:
            return text[code]
    return next(iter(text.values()), "")
