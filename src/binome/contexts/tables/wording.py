"""Values in words: numbers as a language writes them, with their unit."""

from __future__ import annotations

from binome.core.text import Text, say

LANGUAGES = ("en", "fr")
NARROW, WIDE = "\u202f", "\u00a0"
"""No-break spaces: the narrow one parts thousands in French, the wide one a number from its unit."""


def written(value: float, decimals: int, language: str) -> str:
    """A number with its decimals, as `language` writes it: 1,234.5 in English, 1 234,5 in French."""
    # Adding 0 turns the -0 that rounding may leave into 0.
    text = f"{round(float(value), decimals) + 0.0:,.{decimals}f}".replace("-", "\u2212")
    if language == "fr":
        return text.translate({ord(","): NARROW, ord("."): ","})
    return text


def in_words(value: float, decimals: int, unit: Text) -> Text:
    """A number with its unit, by language."""
    words = {}
    for language in _languages(unit):
        mark = say(unit, language)
        # English writes 30% and French 30 %; every other unit stands apart in both.
        space = "" if mark == "%" and language != "fr" else WIDE
        words[language] = written(value, decimals, language) + (f"{space}{mark}" if mark else "")
    return words


def spoken(text: Text) -> Text:
    """A text by language, English and French at least."""
    return {language: say(text, language) for language in _languages(text)}


def labelled(label: Text, value: Text) -> Text:
    """`LABEL: value`, by language."""
    return {
        language: f"{say(label, language)}{WIDE if language == 'fr' else ''}: {say(value, language)}"
        for language in _languages(label, value)
    }


def _languages(*texts: Text) -> list[str]:
    more = [language for text in texts if not isinstance(text, str) for language in text]
    return list(dict.fromkeys([*LANGUAGES, *more]))
