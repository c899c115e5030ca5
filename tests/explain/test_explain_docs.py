"""The documentation's explainer works as it is printed."""

import re
from pathlib import Path

from binome.testing import check_explainer

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "explanations.md"


def test_the_printed_explainer_passes_the_check():
    code = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL).group(1)
    exec(compile(code, str(PAGE), "exec"), {})
    check_explainer("smooth")
