"""Make `docs/reference/gallery.html`: every explainer on the same items, drawn as operators see it.

Pictures are Fashion-MNIST's, for a small Vision Transformer (a small convolutional network for methods that are not
defined for transformers); case files are `recidivism`'s, for gradient-boosted trees and a linear model. Predictors are
trained on the way, on a part of the items: about three minutes on two slow cores.

Usage: python docs/gallery.py [FILE]
"""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from binome import contexts, explain, models
from binome.core.progress import bar
from binome.core.text import say
from binome.stimuli import LEGEND
from binome.stimuli.rendering import enlarge, overlay

SIDE, ITEMS, CASES = 112, 5, 2
FAMILIES = {
    "gradient": "Gradients", "attention": "Attention", "perturbation": "Perturbation", "structure": "Structure",
    "consensus": "Consensus", "example": "Examples", "control": "Controls",
}  # fmt: skip
CNN_ONLY = ("deep_lift", "guided_backprop")
PARAMS: dict[str, dict[str, Any]] = {
    "occlusion": {"window": 4, "stride": 2},
    "rise": {"samples": 1000},
    "kernel_shap": {"units": "patch", "size": 4, "samples": 800},
    "lime": {"units": "patch", "size": 4, "samples": 800},
    "exact_shapley": {"units": "patch", "size": 7},
    "feature_ablation": {"units": "patch", "size": 4},
    "nearest_examples": {"count": 2, "contrast": 1},
    "consensus": {
        "of": ["input_x_gradient", "integrated_gradients", "smooth_grad", "gradient_rollout", "attn_lrp", "occlusion"],
        "veil": 0.5,
    },
}
TABLES = ("feature_ablation", "lime", "kernel_shap", "exact_shapley", "tree_shap", "linear", "saliency", "consensus")
TABLE_PARAMS: dict[str, dict[str, Any]] = {
    "feature_ablation": {"baseline": "background"}, "lime": {"baseline": "background", "samples": 400},
    "kernel_shap": {"baseline": "background", "samples": 100}, "exact_shapley": {"baseline": "background"},
    "consensus": {"of": [
        {"method": "feature_ablation", "baseline": "background"}, {"method": "exact_shapley", "baseline": "background"},
        {"method": "lime", "baseline": "background"}], "veil": None},
}  # fmt: skip
STYLE = """
:root { color-scheme: light dark; --ink: #16181c; --soft: #5a6270; --line: #d5d9df; --page: #f6f7f9; --card: #fff;
  --for: #0b5c88; --against: #b0660a }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef1; --soft: #a3abb8; --line: #353b44; --page: #111417;
  --card: #1b1f24; --for: #7cbfe8; --against: #f0b357 } }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: 0 } h2 { margin: 2.5rem 0 .5rem } h3 { margin: 0; font-size: 1.05rem }
p { margin: .3rem 0; max-width: 46rem } .soft { color: var(--soft); font-size: .9rem }
article { display: grid; grid-template-columns: minmax(14rem, 1fr) auto; gap: .5rem 1.5rem; align-items: start;
  padding: 1rem 0; border-top: 1px solid var(--line) }
.row { display: flex; flex-wrap: wrap; gap: .5rem } figure { margin: 0; width: 112px }
figure img { display: block; width: 112px; height: 112px; border-radius: 6px; image-rendering: auto }
figcaption { font-size: .8rem; line-height: 1.3; margin-top: .25rem }
.scale { height: .8rem; width: 14rem; border-radius: 3px } .ends { display: flex; justify-content: space-between;
  width: 14rem; font-size: .8rem }
table { border-collapse: collapse; font-size: .85rem; min-width: 19rem }
th, td { text-align: left; padding: .15rem .5rem }
th { font-weight: 500; color: var(--soft) } td.bar { width: 8rem; padding: 0 }
.track { position: relative; height: .8rem;
  background: linear-gradient(var(--line), var(--line)) center/1px 100% no-repeat }
.track i { position: absolute; top: 0; bottom: 0; background: var(--for) } .track i.minus { background:
  repeating-linear-gradient(45deg, var(--against) 0 4px, transparent 4px 6px); outline: 1px solid var(--against) }
@media (max-width: 50rem) { article { grid-template-columns: minmax(0, 1fr) } .wide { overflow-x: auto } }
"""


def main(target: Path) -> None:
    sections: dict[str, list[str]] = {family: [] for family in FAMILIES}
    pictures(sections)
    files, table_intro = case_files()
    parts = [
        f"<section><h2>{title}</h2>{''.join(sections[family])}</section>"
        for family, title in FAMILIES.items()
        if sections[family]
    ]
    body = HEAD + items_row() + "".join(parts) + table_intro + "".join(files)
    target.write_text(page(body), "utf-8")
    print(f"{target}: {target.stat().st_size / 1024:.0f} kB")


HEAD = """<h1>Every explanation, on the same items</h1>
<p>Maps are drawn as operators see them: channels added, absolute values, divided by the map's 99th percentile, one
colour scale for all. They explain the model's own answer. Parameters are the defaults where none are given.</p>"""
shown: list[str] = []


def items_row() -> str:
    colours = ", ".join(LEGEND.colours)
    low, high = say(LEGEND.low, "en"), say(LEGEND.high, "en")
    return (
        f"<article><div><h3>The items</h3><p class=soft>True answer; the model's answer where it differs.</p>"
        f"<div class=scale style='background:linear-gradient(90deg, {colours})'></div>"
        f"<div class=ends><span>{low}</span><span>{high}</span></div></div>"
        f"<div class=row>{''.join(shown)}</div></article>"
    )


def pictures(sections: dict[str, list[str]]) -> None:
    context = contexts.load("fashion")
    test, train = context.split("test"), context.split("train")
    vit = models.fit(context, "vit_micro", seed=0, limit=12_000, epochs=4)
    cnn = models.fit(context, "cnn_micro", seed=0, limit=6_000, epochs=2)
    labels = [say(decision.label, "en") for decision in context.task.decisions]
    # The first item of every other decision, one that the model got wrong included.
    wrong = (vit.predict(test.inputs[:400]).decisions != test.truths[:400]).nonzero()[:1, 0].tolist()
    chosen = [int((test.truths == truth).nonzero()[0]) for truth in (9, 8, 1, 0)][: ITEMS - 1] + wrong
    inputs, truths = test.inputs[chosen], test.truths[chosen].tolist()
    base = explain.CaseBase(train.inputs[:5000], train.truths[:5000])
    plain = [enlarge(_picture(context, test.ids[place]), SIDE) for place in chosen]
    answers = {id(module): module.predict(inputs).decisions for module in (vit, cnn)}
    for picture, truth, answer in zip(plain, truths, answers[id(vit)].tolist(), strict=True):
        also = "" if truth == answer else f"<br>model: {labels[answer]}"
        shown.append(figure(picture, labels[truth] + also))
    methods = [name for name, plugin in explain.methods().items() if plugin.declared["family"] in FAMILIES]
    with bar("pictures", len(methods)) as counter:
        for name in methods:
            counter.note(name)
            counter.advance()
            family = explain.methods()[name].declared["family"]
            gives = explain.gives(name)
            if family == "structure" or gives == "counterfactuals":
                continue
            module = cnn if name in CNN_ONLY else vit
            targets, params = answers[id(module)], PARAMS.get(name, {})
            if gives == "maps":
                maps = explain.attribute(module, inputs, targets, name, background=train.inputs[:50], **params)
                reduced = explain.reduce(maps, channels="sum", sign="absolute")
                tiles = [figure(over(picture, values), "") for picture, values in zip(plain, reduced, strict=True)]
            else:
                found = explain.by_example(module, inputs, targets, base, name, **params)
                cited = [one for row in found[:2] for one in row]
                tiles = [
                    figure(
                        enlarge(_picture(context, train.ids[one.place]), SIDE),
                        f"{one.kind}: {labels[int(train.truths[one.place])]}",
                    )
                    for one in cited
                ]
            of = "convolutional network" if module is cnn else ""
            sections[family].append(article(name, params, tiles, of))


def case_files() -> tuple[list[str], str]:
    view = {"hide": ["race"]}
    context = contexts.load("recidivism", operator_view=view, predictor_view=view)
    train, test = context.split("train"), context.split("test")
    trees = models.fit(context, "gradient_boosting", seed=0)
    flat = models.fit(context, "linear", seed=0)
    features = [context.task.features[line] for line in context.inputs_of]
    base = explain.CaseBase(
        train.inputs, train.truths, context.categories, tuple(f.id for f in features),
        tuple(f.id for f in features if f.protected),
    )  # fmt: skip
    chosen = [3, 8][:CASES]
    inputs = test.inputs[chosen]
    said = [say(decision.label, "en") for decision in context.task.decisions]
    words = [
        [say(context.show(test.ids[place]).case[line] or "", "en") for line in context.inputs_of] for place in chosen
    ]
    names = [say(feature.label, "en") for feature in features]
    out = []
    for name in TABLES:
        module = flat if name in ("linear", "saliency") else trees
        targets = module.predict(inputs).decisions
        params = TABLE_PARAMS.get(name, {})
        maps = explain.attribute(module, inputs, targets, name, background=train.inputs[:100], **params)
        tables = [bars(names, words[row], maps[row].tolist(), said[int(targets[row])]) for row in range(len(chosen))]
        out.append(article(name, params, tables, "linear model" if module is flat else "gradient-boosted trees"))
    targets = trees.predict(inputs).decisions
    found = explain.by_example(trees, inputs, targets, base, "counterfactuals")
    tables = []
    for row in range(len(chosen)):
        lines = [
            [names[f], words[row][f], say(context.show(train.ids[one.place]).case[context.inputs_of[f]] or "", "en")]
            for one in found[row] for f in one.features
        ]  # fmt: skip
        tables.append(
            listing(
                [f"instead of “{said[int(targets[row])]}”", "here", "would be"], lines or [["none was found", "", ""]]
            )
        )
    out.append(article("counterfactuals", {}, tables, "gradient-boosted trees"))
    for name in ("nearest_examples", "prototypes"):
        found = explain.by_example(trees, inputs, targets, base, name)
        lines = [
            [f"{one.kind}, {said[int(train.truths[one.place])]}",
             ", ".join(say(context.show(train.ids[one.place]).case[line] or "", "en") for line in context.inputs_of)]
            for one in found[0]
        ]  # fmt: skip
        out.append(article(name, {}, [listing(["example", ", ".join(names)], lines)], "gradient-boosted trees"))
    intro = (
        "<h2>Case files</h2><p>Two persons' files of the recidivism context. Blue speaks for the model's answer, "
        "hatched orange against it; each table has its own scale.</p>"
    )
    return out, intro


def article(name: str, params: dict[str, Any], tiles: Sequence[str], of: str = "") -> str:
    plugin = explain.methods()[name]
    declared = plugin.declared
    facts = [f"{declared['forward']} F"] + ([f"{declared['backward']} B"] if declared["backward"] != "0" else [])
    if declared["needs"]:
        facts.append(f"needs {declared['needs']}")
    given = (
        f"<p class=soft><code>{escape(', '.join(f'{k}={v!r}' for k, v in params.items()))}</code></p>" if params else ""
    )
    return (
        f"<article id={name}><div><h3><code>{name}</code>{f' · {of}' if of else ''}</h3><p>{told(plugin.summary)}</p>"
        f"<p class=soft>{told('; '.join(facts))}. {told(declared['paper'])}</p>{given}</div>"
        f"<div class='row wide'>{''.join(tiles)}</div></article>"
    )


def told(text: str) -> str:
    """A text of the code in HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def figure(picture: Image.Image, caption: str) -> str:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "WEBP", quality=80, method=6)
    data = base64.b64encode(buffer.getvalue()).decode()
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure><img alt='' src='data:image/webp;base64,{data}'>{below}</figure>"


def over(picture: Image.Image, values: Any) -> Image.Image:
    drawn = overlay(values, picture.size)
    return Image.alpha_composite(picture.convert("RGBA"), drawn)


def bars(names: Sequence[str], words: Sequence[str], values: Sequence[float], answer: str) -> str:
    most = max(map(abs, values)) or 1.0
    rows = []
    for name, word, value in zip(names, words, values, strict=True):
        width = 50 * abs(value) / most
        side = f"left:50%;width:{width:.1f}%" if value >= 0 else f"right:50%;width:{width:.1f}%"
        mark = "" if value >= 0 else " class=minus"
        rows.append(
            f"<tr><th>{escape(name)}<td>{escape(word)}<td class=bar><div class=track><i{mark} style='{side}'></i></div>"
        )
    return f"<table><caption class=soft>answer: {escape(answer)}</caption>{''.join(rows)}</table>"


def listing(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}" for cell in head)
    return f"<table><tr>{top}{''.join('<tr>' + ''.join(f'<td>{escape(cell)}' for cell in row) for row in rows)}</table>"


def page(body: str) -> str:
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Binome: every explanation on the same items</title><style>{STYLE}</style><body>{body}</body></html>\n"
    )


def _picture(context: Any, item: str) -> Image.Image:
    picture = context.show(item).picture
    assert picture is not None
    return picture


if __name__ == "__main__":
    torch.set_num_threads(2)
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "reference" / "gallery.html")
