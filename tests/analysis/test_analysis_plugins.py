"""A measure from outside, as the reference page shows it; and the page itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.analysis.measure import registry

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "measures.md"


@pytest.fixture
def documented() -> Iterator[None]:
    """Runs the page's own plug-in."""
    section = PAGE.read_text("utf-8").split("## A measure of your own")[1]
    exec(section.split("```python")[1].split("```")[0], {})
    yield
    del registry._plugins["confident_errors"]


@pytest.mark.usefixtures("documented")
def test_the_documented_plug_in_runs(trials: pl.DataFrame) -> None:
    row = analysis.measure(trials, "confident_errors", resamples=100).row(0, named=True)
    errors = trials.filter(pl.col("final") != pl.col("truth"))["final_confidence"].to_numpy()
    assert (row["value"], row["n"]) == (pytest.approx(np.mean(errors > 0.8)), len(errors))
    assert row["low"] <= row["value"] <= row["high"]


def test_every_measure_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in analysis.measures() if f"`{name}`" not in page] == []


def test_every_measure_says_what_it_is() -> None:
    for plugin in registry:
        assert plugin.summary
        assert plugin.declared["needs"]
