"""What operators said of the machine, how well their answers hold together, and whether trust was deserved."""

from __future__ import annotations

from typing import Any

import polars as pl

from binome.analysis.trust import Mediation, Trust
from binome.report.analysis.wording import Words
from binome.report.tables import Cell, Table, table

NAMED = 4
GOOD = 0.7
"""α from which the answers of a scale are said to hold together."""


def shown(found: Trust | None, words: Words) -> dict[str, Any] | None:
    """All that the page says of trust."""
    if found is None:
        return None
    return {
        "said": finding(found, words),
        "reliability": reliability(found, words),
        "means": means(found, words),
        "slopes": slopes(found, words),
        "reasons": reasons(found, words),
    }


def mediation_shown(found: Mediation | None, words: Words) -> dict[str, Any] | None:
    """All that the page says of what passes through trust."""
    if found is None:
        return None
    return {
        "said": mediation_said(found, words),
        "caveat": words.code(found.caveat) if found.caveat else "",
        "table": effect_table(found, words),
        "reasons": [words.code(code) for code in dict.fromkeys(found.reasons.values())],
    }


def finding(found: Trust, words: Words) -> tuple[str, ...]:
    """Trust beside what the advice deserved, and whether the scales hold together."""
    gaps = found.gaps.drop_nulls("value").filter(pl.col("target") == "advice")
    few = [_gap(row, words) for row in gaps.head(NAMED).iter_rows(named=True)]
    if gaps.height > 1:
        over, under = gaps.filter(pl.col("low") > 0).height, gaps.filter(pl.col("high") < 0).height
        names = {"over": words.count(over), "under": words.count(under), "total": words.count(gaps.height)}
        few.insert(0, words.say("trust_counts", **names) if over or under else words["trust_even_all"])
    alphas = found.reliability.drop_nulls("alpha").to_dicts()
    if alphas:
        worst = min(alphas, key=lambda row: float(row["alpha"]))
        few.append(
            words.say(
                "alpha_good" if worst["alpha"] >= GOOD else "alpha_poor",
                scale=words.quoted(_name(worst["scale"])),
                alpha=words.interval(worst["alpha"], worst["alpha_low"], worst["alpha_high"], 2),
            )
        )
    return tuple(few) or (words["trust_empty"],)


def _gap(row: dict[str, Any], words: Words) -> str:
    clear = row["low"] is not None and (row["low"] > 0 or row["high"] < 0)
    key = "trust_even" if not clear else "trust_over" if row["value"] > 0 else "trust_under"
    low, high = (None if row[end] is None else 100 * row[end] for end in ("low", "high"))
    condition = words["all_groups"] if row["condition"] is None else words.quoted(row["condition"])
    points = words.say("points", number=words.signed(100 * row["value"], 0))
    return words.say(key, condition=condition, points=points, limits=words.limits(low, high, 0))


def reliability(found: Trust, words: Words) -> Table | None:
    """α and ω of each scale."""
    if found.reliability.is_empty():
        return None
    rows: list[list[Cell | str]] = []
    for row in found.reliability.iter_rows(named=True):
        note = words.code(row["reason"]) if row["reason"] else ""
        rows.append(
            [
                Cell(_name(row["scale"]), (note,) if note else ()),
                words.count(row["items"]),
                words.count(row["operators"]),
                words.interval(row["alpha"], row["alpha_low"], row["alpha_high"], 2),
                words.interval(row["omega"], row["omega_low"], row["omega_high"], 2),
            ]
        )
    head = [words[key] for key in ("scale", "scale_items", "operators_head", "alpha", "omega")]
    return table(words["reliability_caption"], head, rows)


def means(found: Trust, words: Words) -> Table | None:
    """Mean scores by condition."""
    if found.means.is_empty():
        return None
    rows: list[list[Cell | str]] = [
        [
            _name(row["scale"]),
            Cell(row["condition"], condition=row["condition"]) if row["condition"] else Cell(words["whole_session"]),
            words.interval(row["value"], row["low"], row["high"], 2),
            words.count(row["n"]),
            words.count(row["undefined"]),
        ]
        for row in found.means.iter_rows(named=True)
    ]
    head = [words[key] for key in ("scale", "condition", "mean", "n", "undefined")]
    return table(words["means_caption"], head, rows, text=2)


def slopes(found: Trust, words: Words) -> Table | None:
    """Change of each score from one time of asking to the next."""
    full = found.slopes.drop_nulls("value")
    if full.is_empty():
        return None
    rows: list[list[Cell | str]] = [
        [
            _name(row["scale"]),
            Cell(row["condition"], condition=row["condition"]) if row["condition"] else Cell(words["whole_session"]),
            words.interval(row["value"], row["low"], row["high"], 2),
            words.count(row["operators"]),
        ]
        for row in full.iter_rows(named=True)
    ]
    head = [words[key] for key in ("scale", "condition", "slope_head", "operators_head")]
    return table(words["slopes_caption"], head, rows, text=2)


def reasons(found: Trust, words: Words) -> list[str]:
    """What could not be computed, scale by scale."""
    return [words.say("part_missing", part=_name(part), why=words.code(code)) for part, code in found.reasons.items()]


def mediation_said(found: Mediation, words: Words) -> tuple[str, ...]:
    """The total effect, and how much of it passes through trust."""
    rows = {row["effect"]: row for row in found.effects.drop_nulls("value").iter_rows(named=True)}
    if not {"total", "acme"} <= set(rows):
        return (words["mediation_empty"],)
    acme, total = rows["acme"], rows["total"]
    clear = acme["low"] is not None and (acme["low"] > 0 or acme["high"] < 0)
    said = words.say(
        "mediation_some" if clear else "mediation_none",
        first=words.quoted(found.first),
        second=words.quoted(found.second),
        total=_effect(total, found, words),
        acme=_effect(acme, found, words),
    )
    zero = found.rho_zero.drop_nulls("value")
    if zero.is_empty() or not clear:
        return (said,)
    return said, words.say("rho_said", rho=words.signed(zero["value"][0], 2))


def _effect(row: dict[str, Any], found: Mediation, words: Words) -> str:
    factor, digits = (100, 1) if found.link == "logit" else (1, 3)
    value = words.signed(factor * row["value"], digits)
    text = words.say("points", number=value) if found.link == "logit" else value
    if row["low"] is None:
        return text
    low, high = (words.signed(factor * row[end], digits) for end in ("low", "high"))
    return f"{text} [{low}{words['to']}{high}]"


def effect_table(found: Mediation, words: Words) -> Table | None:
    """Effects and paths, as numbers."""
    rows: list[list[Cell | str]] = []
    for kind, frame in (("effect", found.effects), ("path", found.paths)):
        for row in frame.iter_rows(named=True):
            name = str(words.words["effects"].get(row[kind], row[kind].replace("_", " ")))
            rows.append(
                [
                    name,
                    words.number(row["value"]),
                    words.limits(row["low"], row["high"]) or words.undefined,
                    words.bare_p(row["p"]),
                ]
            )
    head = [words[key] for key in ("effect_head", "value", "limits", "p")]
    return table(words["effects_caption"], head, rows) if rows else None


def _name(scale: str) -> str:
    return scale.replace("_", " ")
