"""The tiny study with all phases around its blocks: device check, comprehension, branches, overview, break, return."""

from __future__ import annotations

from pathlib import Path

from tiny_study import STUDY, make_study

from binome import protocol
from binome.core.stimulus import StimulusSet

OPERATORS = "operators: {languages: [fr, en], consent: consent.md, practice: 1, attention_checks: 1}"
PHASES = (
    "operators: {languages: [fr, en], consent: consent.md, practice: 0, device: {width: 300, height: 400, "
    "keyboard: true}, comprehension: {questionnaire: understood, attempts: 2}, breaks: 2}"
)
OVERVIEW = {
    "overview.md": "# The model at a glance\n\nIt looks at shapes.\n\n- Good at shoes.\n- Poor at shirts and coats.\n",
    "overview.fr.md": "# Le modèle en bref\n\nIl regarde les formes.\n\n- Bon pour les chaussures.\n"
    "- Moins bon pour les chemises et les manteaux.\n",
}
UNDERSTOOD = """
title: {en: "Have we been clear?", fr: "Avons-nous été clairs ?"}
citation: ours
licence: CC0-1.0
status: {en: published, fr: published}
questions:
  - id: who
    kind: choice
    text: {en: "Who gives the final answer?", fr: "Qui donne la réponse finale ?"}
    correct: me
    options:
      - {id: model, label: {en: The model, fr: Le modèle}}
      - {id: me, label: {en: I do, fr: Moi}}
"""
OPINION = """
title: {en: What you think, fr: Ce que vous en pensez}
introduction: {en: There are no right answers here., fr: "Il n’y a pas de bonne réponse ici."}
citation: ours
licence: CC0-1.0
status: {en: published, fr: published}
questions:
  - id: used
    kind: choice
    text: {en: "Have you used such an assistant before?", fr: "Avez-vous déjà utilisé un tel assistant ?"}
    options:
      - {id: "often", label: {en: "Yes, often", fr: "Oui, souvent"}}
      - {id: "never", label: {en: "No, never", fr: "Non, jamais"}}
  - id: which
    kind: choice
    many: true
    show_if: {used: ["often"]}
    text: {en: "What for?", fr: "Pour quoi faire ?"}
    options:
      - {id: write, label: {en: Writing, fr: Écrire}}
      - {id: search, label: {en: Searching, fr: Chercher}}
      - {id: other, label: {en: Something else, fr: Autre chose}}
  - id: what
    kind: text
    show_if: {which: [other]}
    text: {en: "What else?", fr: "Quoi d’autre ?"}
  - id: opinion
    kind: matrix
    low: 1
    high: 5
    text: {en: "What do you think of these sentences?", fr: "Que pensez-vous de ces phrases ?"}
    labels:
      - {en: Not at all, fr: Pas du tout}
      - {en: Rather not, fr: Plutôt non}
      - {en: Neither, fr: Ni l’un ni l’autre}
      - {en: Rather yes, fr: Plutôt oui}
      - {en: Entirely, fr: Tout à fait}
    rows:
      - {id: useful, text: {en: The model was useful to me., fr: Le modèle m’a été utile.}}
      - id: clear
        text: {en: I see why the model gave its advice., fr: Je comprends pourquoi le modèle a donné ses conseils.}
      - {id: again, text: {en: I would use it again., fr: Je m’en servirais de nouveau.}}
  - id: likely
    kind: likert
    low: 1
    high: 7
    text: {en: "Would you recommend it?", fr: "Le recommanderiez-vous ?"}
    labels: [{en: not at all, fr: pas du tout}, {en: entirely, fr: tout à fait}]
  - id: effort
    kind: slider
    required: false
    text: {en: "How hard was it?", fr: "Était-ce difficile ?"}
    labels: [{en: easy, fr: facile}, {en: hard, fr: difficile}]
"""


def make_phases(folder: Path, *, sittings: bool = False) -> tuple[protocol.Protocol, StimulusSet]:
    """Write the study and its stimulus set into a folder; with `sittings`, its second block comes a day later."""
    _, stimuli = make_study(folder)
    study = STUDY.replace(OPERATORS, PHASES)
    assert study != STUDY, "the tiny study's operators are written otherwise now"
    study = study.replace("explanation: ig}\n", "explanation: ig, overview: overview.md}\n", 1)
    study = study.replace("before: [demographics], after: [raw_tlx]", "after: [opinion]")
    if sittings:
        study = study.replace("operators: 8}", "operators: 8, sittings: {count: 2, days: 1}}")
    (folder / "study.yaml").write_text(study, "utf-8")
    (folder / "questionnaires").mkdir(exist_ok=True)
    for name, text in {"understood": UNDERSTOOD, "opinion": OPINION}.items():
        (folder / "questionnaires" / f"{name}.yaml").write_text(text, "utf-8")
    for name, text in OVERVIEW.items():
        (folder / name).write_text(text, "utf-8")
    return protocol.load(folder), stimuli
