"""What another table's columns are, guessed from their names: in English and French, for a person to confirm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from binome.analysis import dictionary

SYNONYMS = {
    "operator": ("participant", "participant_id", "subject", "subject_id", "pid", "sid", "user", "user_id", "worker_id",
                 "prolific_pid", "respondent", "responseid", "response_id", "sujet", "opérateur", "operateur"),
    "item": ("stimulus", "stimulus_id", "item_id", "image", "question_id", "task_id", "essai_item"),
    "condition": ("treatment", "arm", "group", "traitement", "groupe"),
    "truth": ("label", "ground_truth", "correct_answer", "correct_response", "true_label", "gold", "vérité", "verite"),
    "advice": ("ai_advice", "ai_prediction", "ai_decision", "model_prediction", "prediction", "recommendation",
               "conseil"),
    "advice_confidence": ("ai_confidence", "model_confidence"),
    "initial": ("initial_decision", "first_answer", "pre_answer", "decision_1", "réponse_initiale", "reponse_initiale"),
    "final": ("final_decision", "final_answer", "response", "answer", "decision", "decision_2", "réponse", "reponse"),
    "initial_confidence": (),
    "final_confidence": ("confidence", "confiance"),
    "position": ("trial_index", "trial_number", "essai"),
    "advice_shown": ("ai_shown",),
    "delegated": ("delegate", "délégué", "delegue"),
}  # fmt: skip
"""How other tables call our columns, in lower case; those whose unit may differ (times) are left to be said."""

VOCABULARY = {
    "numbering": "id code number no nr num index name",
    "persons": "participant subject user worker respondent person rater annotator sujet operateur prolific",
    "things": "item stimulus image img picture photo case question instance sample cas",
    "groups": "condition cond treatment arm group traitement groupe",
    "trials": "trial essai",
    "nouns": (
        "decision answer response guess estimate est resp ans estimation choice judgment judgement prediction pred "
        "label class diagnosis reponse choix jugement diagnostic classe value"
    ),
    "first": "initial initiale first pre before prior alone 1 avant premier premiere",
    "people": "human user own participant humain humaine",
    "last": "final finale last post after second revised updated team 2 apres seconde deuxieme",
    "advisers": (
        "ai ia advice advisor adviser model modele machine algorithm algo algorithme system "
        "recommendation recommended suggestion suggested conseil conseille"
    ),
    "truths": "truth gt gold verite true actual groundtruth ground vrai vraie",
    "sure": "confidence conf confiance certainty certitude sureness",
    "places": "t q trial item case question image task essai cas",
}
"""Words of names, by what they say; without accents."""

(NUMBERING, PERSONS, THINGS, GROUPS, TRIALS, NOUNS, FIRST, PEOPLE, LAST, ADVISERS, TRUTHS, SURE, PLACES) = (
    frozenset(words.split()) for words in VOCABULARY.values()
)
LEAST_PLACES = 3
"""Columns that differ in a number alone, from which on they are taken for places, not for stages."""


def guess_columns(names: Collection[str]) -> dict[str, str]:
    """Ours by theirs, for columns that other platforms often call so; to be confirmed by a person.

    Columns already named as ours are not in it, nor is a column that two of theirs could be.
    """
    by_lower: dict[str, list[str]] = {}
    for name in names:
        by_lower.setdefault(re.sub(r"[\s\-.]+", "_", name.strip()).lower(), []).append(name)
    listed = {
        ours: [name for synonym in (ours, *synonyms) for name in by_lower.get(synonym, [])]
        for ours, synonyms in SYNONYMS.items()
    }
    taken = {name for found in listed.values() for name in found}
    built: dict[str, list[str]] = {}
    for name in names:
        role = _role(_words(name))
        if role is not None and name not in taken and name not in dictionary.COLUMNS:
            built.setdefault(role, []).append(name)
    guesses = {ours: listed[ours] or built.get(ours, []) for ours in SYNONYMS if ours not in names}
    return {ours: found[0] for ours, found in guesses.items() if len(found) == 1}


def guess_map(names: Collection[str]) -> dict[str, Any]:
    """The `columns` and `wide` of a `TrialMap`: also of tables whose columns differ in the number of the item."""
    wide = _guess_wide(names)
    taken = {name for template in wide.values() for name in names if _fits(template, name)}
    columns = guess_columns([name for name in names if name not in taken])
    rest = {ours: theirs for ours, theirs in columns.items() if ours not in wide and not (wide and ours == "item")}
    return {key: part for key, part in (("columns", rest), ("wide", wide)) if part}


def _role(words: frozenset[str]) -> str | None:
    """Which of our columns has a name of these words; None where some word says nothing."""
    rest = words - NOUNS
    if words & SURE:
        rest -= SURE
        stages = {"advice_confidence": ADVISERS, "initial_confidence": FIRST | PEOPLE, "final_confidence": LAST}
        return next((role for role, known in stages.items() if rest and rest <= known), None)
    sorts: Iterable[tuple[str, bool]] = (
        ("operator", bool(words & PERSONS) and words <= PERSONS | NUMBERING),
        ("item", bool(words & THINGS) and words <= THINGS | NUMBERING),
        ("condition", bool(words & GROUPS) and words <= GROUPS | NUMBERING),
        ("position", bool(words & TRIALS) and words <= TRIALS | NUMBERING),
        ("truth", bool(rest) and (rest <= TRUTHS or (rest == {"correct"} and bool(words & NOUNS)))),
        ("advice", bool(rest) and rest <= ADVISERS),
        ("initial", bool(rest) and (rest <= FIRST | PEOPLE and bool(rest & FIRST or words & NOUNS))),
        ("final", bool(rest) and rest <= LAST | PEOPLE and bool(rest & LAST)),
    )
    return next((role for role, holds in sorts if holds), None)


def _guess_wide(names: Collection[str]) -> dict[str, str]:
    """Our columns by their template; empty unless the decision is among them."""
    places: dict[str, set[str]] = {}
    for name in names:
        for number in re.finditer(r"\d+", name):
            places.setdefault(f"{name[: number.start()]}{{}}{name[number.end() :]}", set()).add(number[0])
    by_role: dict[str, list[str]] = {}
    for template, numbers in places.items():
        if len(numbers) < LEAST_PLACES or template == "{}":
            continue
        words = _words(template) - PLACES
        role = next((ours for ours in SYNONYMS if "_".join(sorted(words)) == ours), None) or _role(words)
        role = "final" if role is None and words and words <= NOUNS else role
        if role is not None:
            by_role.setdefault(role, []).append(template)
    wide = {role: found[0] for role, found in by_role.items() if len(found) == 1}
    return wide if "final" in wide else {}


def _fits(template: str, name: str) -> bool:
    before, after = map(re.escape, template.split("{}"))
    return re.fullmatch(rf"{before}\d+{after}", name) is not None


def _words(name: str) -> frozenset[str]:
    """The words of a name without accents: `finalGuess`, `final_guess` and `Final guess` have the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", plain)
    return frozenset(re.findall(r"[a-z]+|\d+", parted.lower()))
