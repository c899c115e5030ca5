"""Whether people followed the model when it was right, and resisted when it was wrong."""

from __future__ import annotations

from binome.analysis import Analysis
from binome.report.analysis.sections.estimates import lowest_and_highest, percents, rows_of
from binome.report.analysis.wording import Words


def finding(analysis: Analysis, words: Words) -> tuple[str, ...]:
    """How often wrong advice was followed, and right advice was not."""
    over, under = rows_of(analysis, "overreliance"), rows_of(analysis, "underreliance")
    if not over and not under:
        return (words["reliance_none"],)
    return tuple(_said(kind, rows, words) for kind, rows in (("over", over), ("under", under)) if rows)


def _said(kind: str, rows: list[dict[str, object]], words: Words) -> str:
    if len(rows) == 1:
        return words.say(f"{kind}_single", value=percents(rows[0], words))
    low, high = lowest_and_highest(rows)
    return words.say(
        f"{kind}_range",
        highest=words.quoted(str(high["condition"])),
        high=percents(high, words),
        lowest=words.quoted(str(low["condition"])),
        low=percents(low, words),
    )
