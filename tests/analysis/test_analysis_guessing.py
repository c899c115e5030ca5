"""Guessing what another table's columns are."""

import pytest

from binome import analysis


def test_columns_are_guessed_in_either_language() -> None:
    assert analysis.guess_columns(["Participant ID", "Réponse", "Ground-Truth", "rt", "Traitement"]) == {
        "operator": "Participant ID", "final": "Réponse", "truth": "Ground-Truth", "condition": "Traitement"
    }  # fmt: skip
    assert analysis.guess_columns(["operator", "subject", "answer", "response"]) == {}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "participant_id image human_guess ai_pred final_guess gt group",
            "operator item initial advice final truth condition",
        ),
        (
            "sujet essai reponse_initiale conseil reponse_finale verite",
            "operator position initial advice final truth",
        ),
        ("Subject Item Estimate1 Advice Estimate2 Truth RT", "operator item initial advice final truth ."),
        (
            "subjectId preDecision aiDecision postDecision correctLabel preConfidence postConfidence aiConfidence",
            "operator initial advice final truth initial_confidence final_confidence advice_confidence",
        ),
        # What says whether something was right, where it came from, or how long it took, is no decision.
        (
            "worker_id is_correct final_correct ai_correct advice_source final_time human_prediction model_prediction",
            "operator . . . . . initial advice",
        ),
        # A table with our names: only what it lacks, and nothing from columns that are ours.
        ("operator final trial ai_pred gt", ". . . advice truth"),
        ("user q1 q2 q3 q4", "operator . . . ."),
    ],
)
def test_words_in_names_tell_the_role(names: str, expected: str) -> None:
    wanted = {ours: theirs for theirs, ours in zip(names.split(), expected.split(), strict=True) if ours != "."}
    assert analysis.guess_columns(names.split()) == wanted


def test_wide_tables_are_guessed_from_what_differs_in_a_number() -> None:
    stages = [f"t{i}_{stage}" for i in (1, 2, 3) for stage in ("initial", "advice", "final", "truth")]
    assert analysis.guess_map(["ResponseId", "Condition", *stages]) == {
        "columns": {"operator": "ResponseId", "condition": "Condition"},
        "wide": {"initial": "t{}_initial", "advice": "t{}_advice", "final": "t{}_final", "truth": "t{}_truth"},
    }
    answers = ["pid", *(f"{kind}_{i}" for kind in ("answer", "ai") for i in range(1, 11))]
    assert analysis.guess_map(answers)["wide"] == {"final": "answer_{}", "advice": "ai_{}"}
    # Two are two stages of one decision.
    assert analysis.guess_map(["pid", "response_1", "response_2"]) == {
        "columns": {"operator": "pid", "initial": "response_1", "final": "response_2"}
    }
