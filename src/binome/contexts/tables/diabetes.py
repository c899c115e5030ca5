"""`diabetes`: 442 patients; estimate how far their diabetes has gone one year later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from binome.contexts.context import context
from binome.contexts.tables.columns import Column, Value, chosen
from binome.contexts.tables.splitting import divide
from binome.contexts.tables.table import Cases, TableContext
from binome.core.stimulus import Number, Task

TASK = Task(
    context="diabetes",
    title={"en": "Foreseeing diabetes", "fr": "Prévoir un diabète"},
    question={
        "en": "How far will this patient's diabetes have gone in one year?",
        "fr": "Où en sera le diabète de cette personne dans un an\u00a0?",
    },
    # Truths go from 25 to 346; 40 is about half their standard deviation (77).
    number=Number(0.0, 350.0, 1.0, {"en": "points", "fr": "points"}, 40.0),
)
COLUMNS = (
    Column("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}, protected=True, bands=(25, 45)),
    Column(
        "sex",
        {"en": "Sex", "fr": "Sexe"},
        help={
            "en": "The source does not say which code stands for women and which for men.",
            "fr": "La source ne dit pas lequel des deux codes désigne les femmes, lequel les hommes.",
        },
        values=(
            Value("1", {"en": "coded 1", "fr": "code 1"}),
            Value("2", {"en": "coded 2", "fr": "code 2"}),
        ),
        protected=True,
    ),
    Column(
        "bmi",
        {"en": "Body mass index", "fr": "Indice de masse corporelle"},
        "kg/m²",
        {
            "en": "Weight over height squared; 18.5 to 25 is usual.",
            "fr": "Poids divisé par la taille au carré\u00a0; d’ordinaire de 18,5 à 25.",
        },
        decimals=1,
    ),
    Column(
        "blood_pressure",
        {"en": "Mean blood pressure", "fr": "Pression artérielle moyenne"},
        {"en": "mmHg", "fr": "mmHg"},
        decimals=0,
    ),
    Column("cholesterol", {"en": "Total cholesterol", "fr": "Cholestérol total"}, "mg/dL"),
    Column(
        "ldl",
        {"en": "LDL cholesterol", "fr": "Cholestérol LDL"},
        "mg/dL",
        {"en": "Often called the bad cholesterol.", "fr": "Souvent appelé le mauvais cholestérol."},
        decimals=1,
    ),
    Column(
        "hdl",
        {"en": "HDL cholesterol", "fr": "Cholestérol HDL"},
        "mg/dL",
        {"en": "Often called the good cholesterol.", "fr": "Souvent appelé le bon cholestérol."},
    ),
    Column(
        "cholesterol_ratio",
        {"en": "Total cholesterol over HDL", "fr": "Cholestérol total divisé par HDL"},
        decimals=2,
    ),
    Column(
        "triglycerides",
        {"en": "Triglycerides (logarithm)", "fr": "Triglycérides (logarithme)"},
        help={
            "en": "Fats in the blood; the source believes this to be the natural logarithm of their level.",
            "fr": "Graisses dans le sang\u00a0; sans doute, selon la source, le logarithme naturel de leur taux.",
        },
        decimals=2,
    ),
    Column("glucose", {"en": "Blood sugar", "fr": "Sucre dans le sang"}, "mg/dL"),
)


@context("diabetes")
def diabetes(
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
) -> TableContext:
    """Diabetes: 442 patients, ten measures, a number to estimate: how far the disease has gone one year later.

    Efron, Hastie, Johnstone & Tibshirani 2004 (doi 10.1214/009053604000000067), by scikit-learn, which states no
    licence for the data. The unit of the outcome and the coding of sex are not documented; those of the serum
    measures are the usual American ones, which their size bears out. Protected: age, sex.

    Args:
        features: use only these, in this order; all ten by default.
    """
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    columns = chosen(COLUMNS, features)
    values = []
    for column in columns:
        raw = data.data[:, COLUMNS.index(column)]
        values.append((raw - 1).astype(np.uint8) if column.values else raw.astype(np.float32))
    truths = data.target.astype(np.float32)
    cases = Cases(tuple(values), truths, np.arange(1, len(truths) + 1, dtype=np.int64))
    splits = divide(truths, estimates=True)
    return TableContext(TASK, columns, cases, splits, operator_view=operator_view, predictor_view=predictor_view)
