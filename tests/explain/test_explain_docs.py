"""The documentation's explainer works as it is printed, and its tables name every plug-in."""

import re
from pathlib import Path

import pytest

from binome import explain, variation
from binome.testing import check_explainer

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "explanations.md"


def test_the_printed_explainer_passes_the_check(monkeypatch):
    monkeypatch.setattr(explain.registry, "_plugins", dict(explain.methods()))  # "smooth" goes with the test
    code = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL).group(1)
    exec(compile(code, str(PAGE), "exec"), {})
    check_explainer("smooth")


@pytest.mark.parametrize("plugins", [explain.methods, variation.metrics, variation.agreements])
def test_the_tables_name_every_plugin_and_its_parameters(plugins):
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    for name in plugins():
        assert any(f"`{name}`" in row.split("|")[1] for row in rows), f"{name} is in no table"


def test_the_table_of_explainers_gives_their_parameters_and_passes():
    for name, plugin in explain.methods().items():
        row = next(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{name}` |"))
        cells = [cell.strip() for cell in row.split("|")[1:-1]]
        assert cells[1] == plugin.declared["family"]
        assert re.findall(r"`(\w+)`", cells[3]) == list(explain.spec(name).params)


def test_the_gallery_shows_every_explainer():
    shown = (PAGE.parent / "gallery.html").read_text("utf-8")
    missing = [name for name in explain.methods() if f"<article id={name}>" not in shown]
    assert not missing, f"run `make gallery`: {', '.join(missing)} is not in it"
