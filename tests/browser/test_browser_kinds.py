"""Every kind of help in a real browser, to the exported row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kinds_session import FIRST, MAP, OWN, SAID, Deed, Kept, Row, filled, taken
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def helped(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A session with every kind of help, by keys."""
    with taken(tmp_path_factory.mktemp("help"), "help", browser) as (kept, take):
        deeds: dict[Any, Deed] = {
            ("final", 2): lambda operator: operator.change("It has no sleeves."),
            ("open", 1): lambda operator: operator.request(),
            ("single", 7): lambda operator: operator.let_pass(),
        }
        take(deeds, hand="keys")
        yield kept


HELP: dict[str, tuple[dict[str, set[str]], set[str], Row]] = {
    "alone": ({"single": set()}, OWN, {"advice_shown": False}),
    "before": ({"single": {"advice", "sure", "map"}}, OWN | MAP | {"overridden"}, {"advice_shown": True}),
    "free": (
        {"initial": set(), "final": {"advice", "sure", "map", "own"}}, OWN | MAP | FIRST | {"overridden"},
        {"advice_shown": True, "explanation": "ig", "explanation_opened": True},
    ),
    "reasoned": (
        {"initial": set(), "final": {"advice", "own", "reason"}}, OWN | FIRST | {"overridden", "reason"},
        {"advice_shown": True, "reason": "It has no sleeves."},
    ),
    "asked": (
        {"open": {"request"}, "final": {"advice", "map"}},
        OWN | MAP | {"overridden", "advice_requested", "alone_seconds"},
        {"advice_requested": True, "advice_shown": True},
    ),
    "unasked": (
        {"open": {"request"}}, OWN | {"advice_requested"},
        {"advice_requested": False, "advice_shown": False, "explanation": None},
    ),
    "delayed": (
        {"wait": {"time"}, "final": {"advice"}}, OWN | {"overridden", "alone_seconds"}, {"advice_shown": True}
    ),
    "evidence": ({"single": {"map"}}, OWN | MAP, {"advice_shown": False, "explanation": "ig"}),
    "praised": (
        {"single": {"advice"}}, OWN | SAID | {"overridden"},
        {"reliability_stated": 0.95, "reliability_manipulated": True},
    ),
    "measured": (
        {"single": {"advice"}}, OWN | SAID | {"overridden"},
        {"reliability_stated": 0.75, "reliability_manipulated": False},
    ),
    "scored": ({"single": {"advice", "score"}}, OWN | {"overridden"}, {"advice_shown": True}),
    "hurried": ({"single": {"time"}}, set(), {"timed_out": True, "decided_by": None, "points": -2.0}),
}  # fmt: skip
"""By condition: what its pages have beside the options; the columns that are filled; some of their values."""


@pytest.mark.parametrize("condition", HELP)
def test_each_kind_of_help_shows_and_records_what_is_its_own(helped: Kept, condition: str) -> None:
    pages, columns, values = HELP[condition]
    (row,) = helped.of(condition)
    number = list(HELP).index(condition) + 1
    own = {stage: parts | ({"options"} if stage != "wait" else set()) for stage, parts in pages.items()}
    assert {stage: parts for (trial, stage), parts in helped.parts.items() if trial == number} == own
    assert filled(row) == columns
    assert {column: row[column] for column in values} == values
    usual = {"timed_out": condition == "hurried", "delegated": False, "offered": False, "seen": True, "vetoed": None,
             "practice": False, "attention_check": False, "position": number - 1, "block": number - 1,
             "sitting": 1}  # fmt: skip
    assert {column: row[column] for column in usual} == usual
    if not row["timed_out"]:
        assert (row["decided_by"], row["final_confidence"]) == ("operator", 0.75)
        assert row["points"] == (10 if row["final"] == row["truth"] else -2)
    if row["overridden"] is not None:
        assert row["overridden"] == (row["final"] != row["advice"])


def test_times_are_those_of_their_pages(helped: Kept) -> None:
    rows = {row["condition"]: row for row in helped.trials()}
    assert rows["delayed"]["alone_seconds"] >= 0.3 - 0.05
    assert rows["asked"]["alone_seconds"] > 0
    assert all(row["onset"] > 0 for row in rows.values())
    assert rows["free"]["explanation_seconds"] <= rows["free"]["final_seconds"] + 0.05


def test_the_model_is_described_before_its_block_and_the_truth_told_after_its_trial(helped: Kept) -> None:
    (pages,) = helped.pages
    headings = [heading for _, heading in pages]
    overview = headings.index("The model at a glance")
    assert pages[overview - 1][0] == "pages"
    assert pages[overview + 1][0] == "single"
    assert [kind for kind, _ in pages].count("feedback") == 1


def test_the_export_has_the_rows_as_they_were_read(helped: Kept) -> None:
    rows, written = helped.trials(), helped.exported()
    assert [row["condition"] for row in written] == list(HELP)
    by_name = {row["condition"]: row for row in written}
    assert by_name["hurried"]["final"] == ""
    assert by_name["hurried"]["timed_out"] == "true"
    assert by_name["reasoned"]["reason"] == "It has no sleeves."
    assert [float(row["final_seconds"] or 0) for row in written] == [row["final_seconds"] or 0 for row in rows]
