import re
import string

import pytest

from binome.report.wording import LANGUAGES, wording


def test_languages_have_the_same_keys_and_placeholders():
    assert set(LANGUAGES) == {"en", "fr"}
    english = wording("en").words
    for language in LANGUAGES:
        words = wording(language).words
        assert set(words) == set(english)
        for key, value in words.items():
            if isinstance(value, dict):
                assert set(value) == set(english[key])
            else:
                # `measure_first` is `measure` with a capital, where a language begins a sentence with it.
                fields = [
                    {f.removesuffix("_first") for _, f, *_ in string.Formatter().parse(str(text)) if f}
                    for text in (value, english[key])
                ]
                assert fields[0] == fields[1], key


def test_french_typography():
    for key, value in wording("fr").words.items():
        if key != "to" and isinstance(value, str):
            assert not re.search(r"(?<=\w) [;:?!%»]|« ", value), (key, value)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "−0.050 [−0.125, 0.025]"), ("fr", "−0,050 [−0,125 ; 0,025]")]
)
def test_numbers_as_each_language_writes_them(language, expected):
    words = wording(language)
    assert words.interval(-0.05, -0.125, 0.025) == expected
    assert words.interval(None, None, None) == "–"
    assert words.p(0.0004) == ("< 0.001" if language == "en" else "< 0,001")
    assert words.p(None) == "= –"
