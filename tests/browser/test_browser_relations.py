"""Every relation between operator and model in a real browser, to the exported row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kinds_session import OWN, Deed, Kept, filled, taken
from kinds_study import SURE
from playwright.sync_api import Browser

from binome.experiment import read_operators

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def related(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A session with every relation, in French, on a phone."""
    with taken(tmp_path_factory.mktemp("relations"), "relations", browser) as (kept, take):
        deeds: dict[Any, Deed] = {
            ("offer", 2): lambda operator: operator.hand_over(2),
            ("single", 3): lambda operator: operator.hand_over(),
            ("supervised", 1): lambda operator: operator.veto(),
        }
        deeds |= {("supervised", place): lambda operator: operator.veto() for place in (2, 3)}
        take(deeds, hand="touch", language="fr")
        yield kept


def test_items_are_handed_over_before_they_are_seen(related: Kept) -> None:
    kept, *given = related.of("offered")
    assert filled(kept) == OWN | {"offer_seconds"}
    assert (kept["offered"], kept["delegated"], kept["seen"], kept["decided_by"]) == (True, False, True, "operator")
    for row in given:
        assert (row["delegated"], row["seen"], row["decided_by"]) == (True, False, "model")
        assert row["final"] == row["advice"]
        assert row["points"] == (10 if row["final"] == row["truth"] else -2) - 3
    assert [row["offered"] for row in given] == [True, False]
    assert [filled(row) for row in given] == [{"final", "offer_seconds"}, {"final"}]
    assert related.parts[2, "offer"] == set()
    assert (3, "offer") not in related.parts


def test_an_item_is_handed_over_after_it_is_seen(related: Kept) -> None:
    kept, given, after = related.of("afterwards")
    assert [row["delegated"] for row in (kept, given, after)] == [False, True, False]
    assert filled(given) == {"final", "final_seconds"}
    assert (given["seen"], given["offered"], given["decided_by"]) == (True, False, "model")
    assert given["final"] == given["advice"]
    assert filled(kept) == OWN
    assert related.parts[5, "single"] == {"options", "delegate"}


def test_the_model_hands_over_what_it_is_not_sure_of(related: Kept) -> None:
    rows = related.of("handover")
    handled = [row["advice_confidence"] == SURE for row in rows]
    assert {*handled} == {True, False}
    for row, is_handled in zip(rows, handled, strict=True):
        number = row["position"] + 1
        assert row["decided_by"] == ("model" if is_handled else "operator")
        assert (row["delegated"], row["advice_shown"], row["seen"]) == (False, False, True)
        assert filled(row) == ({"final"} if is_handled else OWN)
        if is_handled:
            assert related.parts[number, "handled"] == {"advice", "sure"}
            assert row["final"] == row["advice"]
        else:
            assert related.parts[number, "single"] == {"options"}


def test_a_veto_makes_the_decision_the_operators_own(related: Kept) -> None:
    for row in related.of("supervised"):
        assert filled(row) == {"final", "final_seconds", "veto_seconds", "vetoed", "overridden"}
        assert (row["vetoed"], row["overridden"], row["decided_by"]) == (True, True, "operator")
        assert row["final"] != row["advice"]
        assert row["veto_seconds"] == row["final_seconds"] > 0
        assert row["points"] == (10 if row["final"] == row["truth"] else -2) - 1
        assert related.parts[row["position"] + 1, "supervised"] == {"advice", "sure", "time", "veto"}


def test_what_is_let_pass_is_the_models_and_a_wrong_one_an_omission(related: Kept) -> None:
    rows = related.of("watched")
    assert {row["advice"] == row["truth"] for row in rows} == {True, False}
    for row in rows:
        assert filled(row) == {"final", "vetoed", "overridden"}
        assert (row["vetoed"], row["overridden"], row["decided_by"]) == (False, False, "model")
        assert (row["advice_shown"], row["timed_out"], row["final"]) == (True, False, row["advice"])


def test_points_are_added_up_and_paid(related: Kept) -> None:
    (person,) = read_operators(*related.served)
    points = sum(row["points"] for row in related.trials())
    assert person["points"] == pytest.approx(50 + points)
    assert person["payment"] == pytest.approx(max(0, round(0.01 * (50 + points), 2)))
