"""Templates and styles of every page."""

from __future__ import annotations

from pathlib import Path

import jinja2

HERE = Path(__file__).parent


def template(file: Path) -> jinja2.Template:
    """A page's template; it finds those of its own folder and those that all pages share."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([file.parent, HERE]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(file.name)


def style(*more: Path) -> str:
    """The style of all pages, and what a page adds to it."""
    return "\n".join(file.read_text("utf-8").strip() for file in (HERE / "report.css", *more))
