"""From those who began to those who count: what was left out on the way, and why."""

from __future__ import annotations

import textwrap

import polars as pl

from binome.report.analysis.wording import Words
from binome.report.figures.canvas import INK, LINE, NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.labels import LETTER

BOX, STEP, LINE_HEIGHT, GAP = 56.0, 14.0, 17.0, 12.0
AXIS = 24.0
"""Points from the left edge at which the way runs down."""


def participants(flow: pl.DataFrame, words: Words, note: str = "") -> Figure | None:
    """Everybody on top, those analysed at the bottom, a branch for each reason between; None without any step.

    Args:
        flow: of `Findings.flow`.
    """
    if flow.is_empty():
        return None
    rows = flow.to_dicts()

    def lines(row: dict[str, object], width: float) -> list[str]:
        reason = words.reason(str(row["reason"]))
        text = f"{reason[0].upper()}{reason[1:]}: {_counted(row, words)}" if words.language == "en" else (
            f"{reason[0].upper()}{reason[1:]}\u00a0: {_counted(row, words)}"
        )  # fmt: skip
        return textwrap.wrap(text, int((width - 2 * AXIS - 26) / LETTER)) or [""]

    def height(width: float) -> float:
        left_out = [row for row in rows if row["step"] == "left_out"]
        return (
            BOX * (len(rows) - len(left_out))
            + sum(GAP + LINE_HEIGHT * len(lines(row, width)) for row in left_out)
            + 2 * STEP
            + (14 if note else 0)
        )

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=0, right=0, top=0, bottom=0)
        axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
        axes.axis("off")
        y = 0.0
        for i, row in enumerate(rows):
            if row["step"] != "left_out":
                y += STEP if i else 0
                count = words.count(int(row["operators"]))
                axes.text(2, y + 30, count, color=INK, fontsize=24, weight="bold", va="baseline")
                said = words.say(
                    f"flow_{row['step']}", operators=words.counted("operators_only", int(row["operators"])),
                    trials=words.counted("trials", int(row["trials"])),
                )  # fmt: skip
                axes.text(2, y + 48, said, color=SOFT, fontsize=11.5, va="baseline")
                y += BOX
                if i == 0 and len(rows) > 1:
                    start = y + 2
                continue
            text = lines(row, sheet.width)
            middle = y + GAP + LINE_HEIGHT / 2
            axes.plot([AXIS, 2 * AXIS + 6], [middle, middle], color=LINE, linewidth=1.2)
            gone = bool(row["operators"])
            axes.plot(2 * AXIS + 6, middle, "o", color=SERIES[2] if gone else LINE, markersize=6)
            for k, line in enumerate(text):
                axes.text(2 * AXIS + 18, middle + k * LINE_HEIGHT, line, va="center", color=INK, fontsize=11.5)
            y += GAP + LINE_HEIGHT * len(text)
        if len(rows) > 1:
            end = sheet.height - BOX - (14 if note else 0)
            axes.annotate("", (AXIS, end), (AXIS, start), arrowprops={"arrowstyle": "-|>", "color": SOFT, "lw": 1.2})

    sizes = [(width, height(width)) for width in (WIDE, NARROW)]
    return draw("participants", paint, sizes, flow, words["participants_alt"], note)


def _counted(row: dict[str, object], words: Words) -> str:
    """ "2 operators, 80 decisions", as far as there are such."""
    counts = (("operators_only", int(str(row["operators"]))), ("trials", int(str(row["trials"]))))
    return (
        ", ".join(words.counted(kind, count).replace(" ", "\u00a0") for kind, count in counts if count)
        or words.undefined
    )
