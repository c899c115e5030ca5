"""`diabetes`: scikit-learn's copy of the diabetes data of Efron et al. 2004, to estimate a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn import datasets

from binome.contexts.context import context
from binome.contexts.splitting import split_shares, tenths
from binome.contexts.tables.columns import Column, Values, category
from binome.contexts.tables.table import TableContext
from binome.core.stimulus import Number

YEARS = {"en": "years", "fr": "ans"}
MGDL = "mg/dl"
COLUMNS = (
    Column("age", {"en": "Age", "fr": "Âge"}, YEARS, protected=True, bands=(40, 60)),
    Column("sex", {"en": "Sex", "fr": "Sexe"}, protected=True, category=True,
           help={"en": "The source does not say which code is which.",
                 "fr": "La source ne dit pas quel code est lequel."},
           values={"1": {"en": "code 1", "fr": "code 1"}, "2": {"en": "code 2", "fr": "code 2"}}),
    Column("bmi", {"en": "Body mass index", "fr": "Indice de masse corporelle"}, "kg/m²", decimals=1),
    Column("bp", {"en": "Mean blood pressure", "fr": "Pression artérielle moyenne"}, "mm Hg"),
    Column("s1", {"en": "Total cholesterol", "fr": "Cholestérol total"}, MGDL),
    Column("s2", {"en": "LDL cholesterol", "fr": "Cholestérol LDL"}, MGDL,
           {"en": "Low-density lipoproteins.", "fr": "Lipoprotéines de basse densité."}),
    Column("s3", {"en": "HDL cholesterol", "fr": "Cholestérol HDL"}, MGDL,
           {"en": "High-density lipoproteins.", "fr": "Lipoprotéines de haute densité."}),
    Column("s4", {"en": "Total to HDL cholesterol", "fr": "Cholestérol total sur HDL"}, decimals=1),
    Column("s5", {"en": "Triglycerides (logarithm)", "fr": "Triglycérides (logarithme)"}, decimals=2,
           help={"en": "Logarithm of the serum level, probably.", "fr": "Logarithme du taux sanguin, sans doute."}),
    Column("s6", {"en": "Blood sugar", "fr": "Glycémie"}, MGDL),
)  # fmt: skip
SCALE = Number(0, 350, 1, {"en": "points", "fr": "points"}, tolerance=40)


@context("diabetes")
def diabetes(
    operator_view: Mapping[str, Any] | None = None, predictor_view: Mapping[str, Any] | None = None
) -> TableContext:
    """How far will the disease have gone in a year? 442 patients (Efron et al. 2004, doi 10.1214/009053604000000067).

    An estimate from 0 to 350 points; 40 points off counts as right, half the truths' deviation.
    """
    loader: Any = datasets.load_diabetes  # scikit-learn is not typed
    data = loader(scaled=False)
    truths = np.asarray(data.target, dtype=np.float32)
    values = [
        category(column, [f"{value:.0f}" for value in data.data[:, place]])
        if column.category
        else Values(column, data.data[:, place])
        for place, column in enumerate(COLUMNS)
    ]
    return TableContext(
        "diabetes",
        {"en": "Foreseeing diabetes", "fr": "Prévoir le diabète"},
        {"en": "How far will the disease have gone in a year?", "fr": "Où en sera la maladie dans un an ?"},
        values,
        truths,
        split_shares(tenths(truths), test=0.3, calibration=0.15),
        number=SCALE,
        operator_view=operator_view,
        predictor_view=predictor_view,
    )
