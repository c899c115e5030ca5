"""Whether explanations agree."""

from __future__ import annotations

import polars as pl

from binome.report.variation.figures.alike import without
from binome.report.variation.findings import FACETS, Findings
from binome.report.variation.wording import Words


def measures(findings: Findings) -> tuple[str, ...]:
    """The measures of agreement, the study's first one first."""
    return tuple(findings.agreements["measure"].unique(maintain_order=True))


def finding(findings: Findings, words: Words) -> tuple[str, ...]:
    """What maps agree on least and most, beside the references; a reason where nothing can be said."""
    if not findings.included and findings.same_prediction:
        return (words["agree_no_items"],)
    names = measures(findings)
    if not names:
        return (words["agree_missing"],)
    table = without(findings.agreements.filter(pl.col("measure") == names[0]).drop_nulls("value"), findings.controls)
    means = {
        (row["reference"], row["facet"]): row
        for row in table.group_by("reference", "facet").agg(
            pl.col("value").mean().alias("mean"), pl.col("value").min().alias("least"),
            pl.col("value").max().alias("most"), pl.len().alias("pairs"),
        ).iter_rows(named=True)
    }  # fmt: skip
    own = [facet for facet in FACETS if ("", facet) in means]
    if not own:
        return (words["agree_undefined"],)
    own.sort(key=lambda facet: float(means["", facet]["mean"]))
    least = means["", own[0]]
    values = {"change": words.words["facets_changed"][own[0]], "value": words.number(least["mean"], 2)}
    ends = {"low": words.number(least["least"], 2), "high": words.number(least["most"], 2)}
    said = [
        words.say("agree_least", **values, **ends) if least["pairs"] > 1 else words.say("agree_least_pair", **values)
    ]
    said.append(words.say("agree_measure", measure=words.quoted(words.agreement(names[0]))))
    if len(own) > 1:
        most = means["", own[-1]]
        change = words.words["facets_changed"][own[-1]]
        said.append(words.say("agree_most", change=change, value=words.number(most["mean"], 2)))
    texts = [
        words.say(
            "agree_reference",
            reference=words.words["references_for"][name],
            value=words.number(means[name, own[0]]["mean"], 2),
        )
        for name in ("shuffled", "random_weights")
        if (name, own[0]) in means
    ]
    return (*said, words.say("agree_references", list=words.listed(texts))) if texts else tuple(said)
