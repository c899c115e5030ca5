"""The reference page says what the code does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from binome import contexts, models
from binome.contexts import ImageContext
from binome.contexts.images.views import TRANSFORMATIONS
from binome.testing import check_context

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "contexts.md").read_text("utf-8")


def table(heading):
    """The rows of the first table after a line that starts with `heading`, as lists of cells."""
    rows = re.search(rf"^{re.escape(heading)}.*?\n\n(\|.*?)\n\n", PAGE, re.S | re.M).group(1).split("\n")[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_setting_is_documented_and_no_other():
    documented = [row[0].strip("`") for row in table("These keys may stand")]
    assert documented == [field.name for field in fields(models.Settings)]


def test_every_architecture_of_ours_is_documented():
    documented = {row[0].strip("`") for row in table("## Predictors")}
    assert set(models.architectures()) == {name for name in documented if "`" not in name and " " not in name}


def test_every_view_is_documented_in_its_order_with_its_range():
    documented = [(row[0].strip("`"), float(row[1]), float(row[2])) for row in table("### Views")]
    assert documented == [(name, low, high) for name, (_, low, high) in TRANSFORMATIONS.items()]


def test_every_context_is_documented():
    assert [row[0].strip("`") for row in table("## Contexts")] == contexts.names()


def test_the_sizes_of_digits_are_the_documented_ones():
    row = next(row for row in table("## Contexts") if row[0] == "`digits`")
    context = contexts.load("digits")
    sizes = [len(context.split(name).ids) for name in ("train", "calibration", "test")]
    assert [int(size.replace(",", "")) for size in row[3].split("/")] == sizes


def test_the_context_of_the_page_works(monkeypatch):
    monkeypatch.setattr(contexts.registry, "_plugins", dict(contexts.registry._plugins))
    code = next(block for block in re.findall(r"```python\n(.*?)```", PAGE, re.S) if '@context("shades")' in block)
    exec(code, {"__name__": "page"})
    context = contexts.load("shades", operator_view={"noise": 0.1})
    assert isinstance(context, ImageContext)
    check_context(context)
    card = models.evaluate(models.fit(context, "vit_micro", epochs=5), context, resamples=20).as_dict()
    assert card["accuracy"]["value"] == 1


@pytest.mark.parametrize(
    "key",
    [
        "context",
        "training",
        "n",
        "accuracy",
        "macro_f1",
        "per_class",
        "calibration",
        "confusion",
        "groups",
        "robustness",
    ],
)
def test_the_keys_of_the_card_are_documented(key):
    assert any(f"`{key}`" in row[0] for row in table("## The model card"))
