"""Studies that have, together, every kind of help, relation, design and phase; the garments of the tiny one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from phases_study import OPINION, OVERVIEW, UNDERSTOOD
from tiny_study import CONSENT, GARMENTS, garment, heat, write_garments

from binome import protocol
from binome.core import ArtefactStore, Recipe
from binome.core.stimulus import Role, Stimulus, StimulusSet, read_stimuli

SURE, UNSURE = 0.9, 0.6
"""How sure the model is of T-shirts and of dresses; of dresses it is wrong every other time."""
HELP = """\
binome: 1
study: help
title: {en: Every kind of help, fr: Toutes les aides}
context: {name: fashion}
predictor: {architecture: vit_micro}
explanations:
  ig: {method: integrated_gradients}
stimuli: {items: 12}
conditions:
  alone: {}
  before: {advice: before, confidence: true, explanation: ig}
  free: {advice: after_initial, confidence: true, explanation: ig}
  reasoned: {advice: after_initial, update: reasoned}
  asked: {advice: on_request, explanation: ig}
  unasked: {advice: on_request, explanation: ig}
  delayed: {advice: delayed, delay: 0.3}
  evidence: {explanation: ig}
  praised: {advice: before, reliability: 0.95, overview: overview.md}
  measured: {advice: before, reliability: measured}
  scored: {advice: before, feedback: true, score: true}
  hurried: {seconds: 0.3}
design: {kind: within, order: fixed, operators: 4}
rewards: {correct: 10, wrong: -2}
operators: {languages: [en, fr], practice: 0}
"""
RELATIONS = """\
binome: 1
study: relations
title: {en: Every relation, fr: Toutes les relations}
context: {name: fashion}
predictor: {architecture: vit_micro}
stimuli: {items: 15}
conditions:
  offered: {delegation: {when: before, most: 2}}
  afterwards: {delegation: {when: after}}
  handover: {handover: 0.8, confidence: true}
  supervised: {supervision: {seconds: 20}, confidence: true}
  watched: {supervision: {seconds: 0.3}}
design: {kind: within, order: fixed, operators: 4}
rewards: {correct: 10, wrong: -2, delegation: 3, veto: 1, confidence: 4, flat: 50, rate: 0.01}
operators: {languages: [en, fr], practice: 0}
"""
BETWEEN = """\
binome: 1
study: between
title: {en: Around the decisions, fr: Autour des décisions}
context: {name: fashion}
predictor: {architecture: vit_micro}
stimuli: {items: 3}
conditions:
  alone: {}
  advised: {advice: before, confidence: true}
design: {kind: between, operators: 4, assignment: {kind: stratified, by: [used]}}
operators:
  languages: [en, fr]
  device: {width: 300, height: 400, keyboard: true}
  screening: {questionnaire: screen, accept: {used: [often, rarely]}}
  comprehension: {questionnaire: understood, attempts: 2}
  practice: 1
  attention_checks: 1
  completion_code: CLOTHES-7
questionnaires: {before: [demographics], during: [{show: [now], after: [2]}], after_block: [raw_tlx], after: [opinion]}
"""
FACTORIAL = """\
binome: 1
study: factorial
title: {en: Two factors and two sittings, fr: Deux facteurs et deux séances}
context: {name: fashion}
predictor: {architecture: vit_micro}
stimuli: {items: 8}
conditions:
  alone: {}
  advised: {advice: before}
  alone_told: {feedback: true}
  advised_told: {advice: before, feedback: true}
design:
  kind: factorial
  operators: 4
  blocks: 2
  order: fixed
  factors:
    help: {levels: {without: [alone, alone_told], with: [advised, advised_told]}}
    outcome: {between: true, levels: {hidden: [alone, advised], told: [alone_told, advised_told]}}
  sittings: {count: 2, days: 1}
operators: {languages: [en, fr], practice: 0, breaks: 0.3}
"""
MIXED = """\
binome: 1
study: mixed
title: {en: Two groups, fr: Deux groupes}
context: {name: fashion}
predictor: {architecture: vit_micro}
stimuli: {items: 2}
conditions:
  alone: {}
  advised: {advice: before}
  checked: {advice: after_initial}
design: {kind: mixed, order: fixed, operators: 4, groups: {first: [alone, advised], second: [alone, checked]}}
operators: {languages: [en, fr], practice: 0}
"""
RECORDED = """\
binome: 1
study: recorded
title: {en: A picture and the pointer, fr: Une image et le pointeur}
context: {name: fashion}
predictor: {architecture: vit_micro}
stimuli: {items: 2}
conditions: {checked: {advice: after_initial}}
design: {kind: within, order: fixed, operators: 4}
operators:
  languages: [en, fr]
  practice: 0
  record: {mouse: true}
  pictures: {page: {file: pictures/page.svg, alt: {en: A wide drawing, fr: Un dessin large}}}
"""
GALLERY = """\
binome: 1
study: gallery
title: {en: Sorting clothes with a machine, fr: Trier des vêtements avec une machine}
context: {name: fashion}
predictor: {architecture: vit_micro}
explanations:
  ig: {method: integrated_gradients}
stimuli: {items: 14}
conditions:
  shared: {delegation: {when: both, most: 5}, seconds: 60}
  handed: {handover: 0.8, confidence: true}
  supervised: {supervision: {seconds: 60}, confidence: true, explanation: ig}
  asked: {advice: on_request, explanation: ig}
  reasoned: {advice: after_initial, update: reasoned, confidence: true, explanation: ig, reliability: 0.95,
             overview: overview.md}
  delayed: {advice: delayed, delay: 4, score: true, feedback: true}
  evidence: {explanation: ig}
design: {kind: within, order: fixed, operators: 40, sittings: {count: 2, days: 1}}
rewards: {correct: 10, wrong: -2, delegation: 3, veto: 1, confidence: 4, flat: 50, rate: 0.01}
operators:
  languages: [en, fr]
  device: {width: 300, height: 400}
  screening: {questionnaire: screen, accept: {used: [often, rarely]}}
  comprehension: {questionnaire: understood, attempts: 2}
  practice: 1
  attention_checks: 1
  breaks: 4
  completion_code: CLOTHES-7
  record: {mouse: true}
  pictures:
    page:
      file: pictures/page.svg
      alt:
        en: "A garment at the left; at the right the answers, and the button to confirm, numbered from 1 to 3."
        fr: "À gauche, un vêtement ; à droite, les réponses, et le bouton pour confirmer, numérotés de 1 à 3."
questionnaires:
  before: [demographics]
  during: [{show: [now], after: [1], conditions: [evidence]}]
  after: [raw_tlx, opinion]
"""
STUDIES = {
    "help": HELP,
    "relations": RELATIONS,
    "between": BETWEEN,
    "factorial": FACTORIAL,
    "mixed": MIXED,
    "recorded": RECORDED,
    "gallery": GALLERY,
}
PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="720" height="330" font-family="system-ui, sans-serif" font-size="26">
<rect width="720" height="330" fill="#f6f7f8"/>
<rect x="40" y="40" width="230" height="230" rx="12" fill="#808080"/>
<path d="M105 90 l50-15 l50 15 l30 40 l-25 18 l-12-12 v110 h-86 v-110 l-12 12 l-25-18z" fill="#e8e8e8"/>
<g fill="#fff" stroke="#77818b" stroke-width="2">
<rect x="330" y="40" width="165" height="60" rx="10"/><rect x="515" y="40" width="165" height="60" rx="10"/>
<rect x="330" y="118" width="165" height="60" rx="10"/><rect x="515" y="118" width="165" height="60" rx="10"/></g>
<rect x="470" y="212" width="210" height="62" rx="10" fill="#0b5c86"/>
<g fill="#6a4405"><circle cx="40" cy="40" r="24"/>
<circle cx="330" cy="40" r="24"/><circle cx="470" cy="212" r="24"/></g>
<g fill="#fff" font-weight="700" text-anchor="middle">
<text x="40" y="49">1</text><text x="330" y="49">2</text><text x="470" y="221">3</text></g>
</svg>
"""
SCREEN = """\
title: {en: Before we begin, fr: Avant de commencer}
citation: ours
licence: CC0-1.0
status: {en: published, fr: published}
questions:
  - id: used
    kind: choice
    text: {en: "Do you sort clothes?", fr: "Triez-vous des vêtements ?"}
    options:
      - {id: often, label: {en: Often, fr: Souvent}}
      - {id: rarely, label: {en: Rarely, fr: Rarement}}
      - {id: never, label: {en: Never, fr: Jamais}}
"""
NOW = """\
title: {en: In between, fr: Entre deux}
citation: ours
licence: CC0-1.0
status: {en: published, fr: published}
questions:
  - id: tired
    kind: likert
    low: 1
    high: 5
    text: {en: "How tired are you now?", fr: "Êtes-vous fatigué·e en ce moment ?"}
    labels: [{en: not at all, fr: pas du tout}, {en: very much, fr: beaucoup}]
"""
QUESTIONNAIRES = {"screen": SCREEN, "now": NOW, "understood": UNDERSTOOD, "opinion": OPINION}


def make_kinds(folder: Path, name: str) -> tuple[protocol.Protocol, StimulusSet]:
    """Write one of `STUDIES` and its stimulus set into a folder, made when missing."""
    return make_garments(folder, STUDIES[name])


def make_garments(folder: Path, study: str) -> tuple[protocol.Protocol, StimulusSet]:
    """Write a study about garments, and as many of them as it asks for, into a folder."""
    (folder / "questionnaires").mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(study, "utf-8")
    for file, text in {**CONSENT, **OVERVIEW}.items():
        (folder / file).write_text(text, "utf-8")
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "pictures" / "page.svg").write_text(PICTURE, "utf-8")
    for questionnaire, text in QUESTIONNAIRES.items():
        (folder / "questionnaires" / f"{questionnaire}.yaml").write_text(text, "utf-8")
    loaded = protocol.load(folder)
    items = loaded.study.stimuli.items
    built = ArtefactStore(folder / "artefacts").make(Recipe("stimuli", {"kinds": items}), partial(_draw, items=items))
    return loaded, read_stimuli(built)


def _draw(folder: Path, items: int) -> None:
    """T-shirts and dresses in turn, and a coat to practise on."""
    media = folder / "media"
    media.mkdir(exist_ok=True)
    drawn = [_item(media, index, ("t-shirt", "dress")[index % 2], "trial") for index in range(items)]
    write_garments(folder, [*drawn, _item(media, items, "coat", "practice")])


def _item(media: Path, index: int, truth: str, role: Role) -> Stimulus:
    garment(index).save(media / f"item{index}.png")
    heat(index % 5).save(media / f"heat{index}.png")
    ids, right = list(GARMENTS), truth != "dress" or index % 4 == 1
    return Stimulus(
        id=f"s{index}", source=str(index), role=role, truth=truth,
        advice=truth if right else ids[(ids.index(truth) + 2) % len(ids)],
        advice_confidence=UNSURE if truth == "dress" else SURE,
        image=f"item{index}.png", explanations={"ig": f"heat{index}.png"},
    )  # fmt: skip
