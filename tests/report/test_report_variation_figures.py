"""The variation page's figures and maps: their data are the tables', their colours those of the study."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from variation_tables import write_tables

from binome.report import Findings, read_findings
from binome.report.variation import figures, maps
from binome.report.variation.figures.alike import without
from binome.report.variation.figures.parts import part_of
from binome.report.variation.wording import words_of
from binome.stimuli.rendering import CLIP, legend_colours, shares

EN, FR = words_of("en"), words_of("fr")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return read_findings(write_tables(tmp_path_factory.mktemp("grid"), items=8, side=8, noises=(0.0, 0.1)))


def opened(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,"))))


def test_maps_have_the_colours_of_a_stimulus_set() -> None:
    assert legend_colours() == maps.MAGMA
    assert maps.CLIP == CLIP
    values = np.random.default_rng(0).exponential(size=(9, 13))
    picture = np.asarray(opened(maps.map_picture(values)).convert("RGB"), float)
    assert picture.shape == (9, 13, 3)
    stops = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in maps.MAGMA], float)
    place = shares(values.astype(np.float32)) * (len(stops) - 1)
    wanted = np.stack([np.interp(place, np.arange(len(stops)), stops[:, c]) for c in range(3)], -1)
    # Half a step between two of the picture's colours.
    assert np.abs(picture - wanted).max() <= 0.5 * 6 / (maps.LEVELS - 1) * np.abs(np.diff(stops, axis=0)).max() + 0.5


def test_maps_show_sizes_on_the_scale_they_are_given() -> None:
    values = np.array([[0.0, -1.0], [0.5, 1.0]])
    signed, absolute = maps.map_picture(values), maps.map_picture(np.abs(values))
    assert signed == absolute
    assert maps.map_picture(values, 2.0) == maps.coloured(np.abs(values) / 2, maps.MAGMA)
    assert maps.top_of(np.zeros((2, 2))) == 1.0
    assert maps.top_of(np.full((2, 2), np.nan)) == 1.0


def test_what_is_undefined_is_transparent() -> None:
    picture = opened(maps.share_picture(np.array([[np.nan, 0.0], [1.0, 0.5]]))).convert("RGBA")
    alpha = np.asarray(picture)[..., 3]
    assert alpha.tolist() == [[0, 255], [255, 255]]
    assert picture.getpixel((0, 1))[:3] == (0xFE, 0xE8, 0x38)


def test_large_maps_are_averaged() -> None:
    values = np.kron(np.arange(16.0).reshape(4, 4), np.ones((56, 56)))
    assert maps.smaller(values).shape == (56, 56)
    np.testing.assert_allclose(maps.smaller(values), np.kron(np.arange(16.0).reshape(4, 4), np.ones((14, 14))))
    assert maps.smaller(np.ones((1, 200))).shape == (1, 56)


@pytest.mark.parametrize(
    ("term", "held", "part"),
    [
        ("pixel", True, "common"),
        ("pixel:method", True, "method"),
        ("pixel:method:setting", True, "setting"),
        ("pixel:method:setting:seed,error", True, "seed"),
        ("pixel:architecture:training", True, "training"),
        ("pixel:training:method", True, "together"),
        ("pixel:training:method:setting:seed:noise,error", True, "together"),
        ("method:setting", False, "level"),
    ],
)
def test_terms_belong_to_parts(term: str, held: bool, part: str) -> None:
    assert part_of(term, held) == part


def test_parts_add_up_to_all(findings: Findings) -> None:
    figure = figures.parts(findings.components, findings.methods, EN)
    assert figure is not None
    sums = figure.data.group_by("reference", "method").agg(pl.col("share").sum())["share"]
    np.testing.assert_allclose(sums, 1)
    assert len(sums) == 3 * 7
    own = findings.components.filter(
        (pl.col("of") == "maps") & (pl.col("method") == "") & (pl.col("reference") == "") & (pl.col("term") == "pixel")
    )
    assert f">{EN.number(100 * own['share'][0], 0)}<" in figure.file


def test_data_are_the_tables(findings: Findings) -> None:
    maps_alone = pl.col("of") == "maps"
    drawn = figures.dependability(findings.dependability, findings.methods, EN)
    assert drawn is not None
    assert drawn.data.equals(findings.dependability.filter(maps_alone))
    curves = figures.curves(findings.decisions, findings.methods, FR)
    assert curves is not None
    assert curves.data.equals(findings.decisions.filter(maps_alone & (pl.col("reference") == "")))
    assert ">0,8<" in curves.file
    facets = figures.facets(findings.facets, "", EN)
    assert facets is not None
    assert facets.data.equals(findings.facets.filter(maps_alone & (pl.col("method") == "")))
    ranks = figures.differences(findings.differences, "all", findings.controls, EN)
    assert ranks is not None
    assert ranks.data["rank"].is_sorted()
    assert EN.say("critical", number="1.20") in ranks.file


def test_pairs_with_a_placebo_are_no_variation(findings: Findings) -> None:
    own = without(findings.agreements, findings.controls)
    between = own.filter(pl.col("facet") == "method")
    assert "placebo" not in {*between["a"], *between["b"]}
    assert own.filter(pl.col("facet") != "method").equals(findings.agreements.filter(pl.col("facet") != "method"))
    assert without(own, set(findings.methods)).equals(own)


def test_drawings_are_whole_and_differ_by_language(findings: Findings) -> None:
    for words in (EN, FR):
        figure = figures.alike(findings.agreements, "spearman", findings.controls, words)
        assert figure is not None
        for drawing in figure.drawings:
            ET.fromstring(drawing)
        assert words["alike_axis"] in figure.file


def test_the_page_needs_neither_torch_nor_the_machine_half() -> None:
    code = (
        "import sys, binome.report.variation.page; "
        "print([m for m in ('torch', 'binome.variation', 'binome.explain', 'binome.models', 'binome.contexts',"
        " 'binome.stimuli') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not [path for path in Path(maps.__file__).parent.rglob("*.py") if "import torch" in path.read_text("utf-8")]
