"""`publish_variation`: the pages of a variation study, their figures as SVG with their data."""

from __future__ import annotations

from pathlib import Path

from binome.core import Text
from binome.report.files import clear, page_file, write_whole
from binome.report.page import OtherPage
from binome.report.variation.findings import Findings
from binome.report.variation.page import Pictures, render
from binome.report.variation.wording import words_of

PAGES = {language: page_file("variation", language) for language in ("en", "fr")}


def publish_variation(folder: Path, findings: Findings, *, title: Text) -> list[Path]:
    """Write the variation study's pages into a folder.

    `variation.html` is in English, `variation.fr.html` in French; each is whole in itself and opens from disk without
    a network. `variation/` holds each figure as SVG (`NAME.svg`, `NAME.fr.svg`) with its data as CSV. The same
    findings give the same bytes; figures of an earlier page that this one no longer has are removed. It links to the
    study's report where that is there already.

    Args:
        title: of the study.

    Returns:
        The pages, the English one first.
    """
    pictures = Pictures.of(findings)
    texts: dict[Path, str] = {}
    for language, name in PAGES.items():
        other = next(OtherPage(file, code) for code, file in PAGES.items() if code != language)
        twin = page_file("report", language)
        page = render(findings, pictures, words_of(language), title, other, twin if (folder / twin).exists() else None)
        texts[folder / name] = page.html
        suffix = "" if language == "en" else f".{language}"
        for figure in page.figures:
            texts[folder / "variation" / f"{figure.name}{suffix}.svg"] = figure.file
            texts[folder / "variation" / f"{figure.name}.csv"] = figure.data.write_csv()
    for path, text in texts.items():
        write_whole(path, text)
    clear(folder / "variation", set(texts))
    return [folder / name for name in PAGES.values()]
