"""A page as data (sections of text, facts, tables, figures, examples), and its Markdown and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Table:
    """Cells as text; all columns but the first are numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Drawing:
    """An SVG figure of our own making, with what it shows in words."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Example:
    """An item: a picture (a data address) or the lines of a case file, with what was decided."""

    caption: str
    right: bool
    picture: str = ""
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a page."""

    title: str
    text: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[Table, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Page:
    """A whole page; `colon` as the language writes it."""

    language: str
    title: str
    lead: str
    sections: tuple[Section, ...]
    colon: str = ":"

    def to_markdown(self) -> str:
        """Without the figures and examples, which Markdown cannot hold in one file."""
        lines = [f"# {self.title}", "", self.lead, ""]
        for section in self.sections:
            if not (section.text or section.facts or section.tables):
                continue
            lines += [f"## {section.title}", ""]
            lines += [line for text in section.text for line in (text, "")]
            lines += [f"- {name}{self.colon} {value}" for name, value in section.facts]
            lines += [""] if section.facts else []
            for table in section.tables:
                lines += [*_rows(table), ""]
        return "\n".join(lines)

    def to_html(self) -> str:
        """One file that needs no other."""
        styles = Markup((FOLDER / "page.css").read_text("utf-8"))
        return _environment().get_template("page.html").render(page=self, styles=styles, safe=Markup)


def _rows(table: Table) -> Sequence[str]:
    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    rule = "|---|" + "---:|" * (len(table.head) - 1)
    caption = [f"{table.caption}", ""] if table.caption else []
    return [*caption, row(table.head), rule, *(row(cells) for cells in table.rows)]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
