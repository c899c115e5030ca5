"""`biopsy`: 569 breast biopsies, benign or malignant, by thirty measures of the cells' nuclei."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from binome.contexts.context import context
from binome.contexts.tables.columns import Column, chosen
from binome.contexts.tables.splitting import divide
from binome.contexts.tables.table import Cases, TableContext
from binome.core.stimulus import Decision, Task

TASK = Task(
    context="biopsy",
    title={"en": "Reading biopsies", "fr": "Lire des biopsies"},
    question={"en": "Is this lump benign or malignant?", "fr": "Cette grosseur est-elle bénigne ou maligne\u00a0?"},
    decisions=(
        Decision("malignant", {"en": "Malignant", "fr": "Maligne"}),
        Decision("benign", {"en": "Benign", "fr": "Bénigne"}),
    ),
)
# Lengths are left without a unit: the source gives pixels of its own digitiser, and not their size.
MEASURES = (
    ("radius", 2, "Radius of the nuclei", "Rayon des noyaux",
     "Mean distance from a nucleus's centre to its edge, in the digitiser's units.",
     "Distance moyenne du centre d’un noyau à son bord, dans l’unité du numériseur."),
    ("texture", 2, "Texture of the nuclei", "Texture des noyaux",
     "How much the grey levels vary inside a nucleus (their standard deviation).",
     "Variation des niveaux de gris à l’intérieur d’un noyau (leur écart type)."),
    ("perimeter", 1, "Outline of the nuclei", "Contour des noyaux",
     "Length of a nucleus's edge, in the digitiser's units.",
     "Longueur du bord d’un noyau, dans l’unité du numériseur."),
    ("area", 1, "Area of the nuclei", "Surface des noyaux",
     "Area of a nucleus, in the digitiser's units squared.",
     "Surface d’un noyau, dans l’unité du numériseur au carré."),
    ("smoothness", 4, "Unevenness of the edge", "Irrégularité du bord",
     "How much the radius changes from one place of the edge to the next: 0 for a circle.",
     "Variation du rayon d’un point du bord au suivant\u00a0: 0 pour un cercle."),
    ("compactness", 4, "Departure from a disc", "Écart à un disque",
     "Outline squared over area, less 1: large for a long or jagged nucleus.",
     "Contour au carré divisé par la surface, moins 1\u00a0: grand pour un noyau allongé ou découpé."),
    ("concavity", 4, "Depth of the dents", "Profondeur des creux",
     "How deep the dents of the edge are: 0 where there are none.",
     "Profondeur des creux du bord\u00a0: 0 s’il n’y en a pas."),
    ("concave_points", 4, "Share of the edge in dents", "Part du bord en creux",
     "How much of the edge lies in dents: 0 where there are none.",
     "Part du bord située dans des creux\u00a0: 0 s’il n’y en a pas."),
    ("symmetry", 4, "Lack of symmetry", "Défaut de symétrie",
     "How much the two halves of a nucleus differ.",
     "Différence entre les deux moitiés d’un noyau."),
    ("fractal_dimension", 4, "Roughness of the edge", "Rugosité du bord",
     "How jagged the edge is at all scales (its fractal dimension, less 1).",
     "Découpe du bord à toutes les échelles (sa dimension fractale, moins 1)."),
)  # fmt: skip
STATISTICS = (
    ("mean", "average", "moyenne",
     "Average over the nuclei of the sample.", "Moyenne sur les noyaux du prélèvement."),
    ("spread", "uncertainty", "incertitude",
     "Standard error of the average over the nuclei.", "Erreur type de la moyenne sur les noyaux."),
    ("worst", "worst nuclei", "pires noyaux",
     "Average of the three nuclei with the largest values.", "Moyenne des trois noyaux aux plus grandes valeurs."),
)  # fmt: skip
COLUMNS = tuple(
    Column(
        f"{measure}_{statistic}",
        {"en": f"{en} ({of_en})", "fr": f"{fr} ({of_fr})"},
        help={"en": f"{help_en} {how_en}", "fr": f"{help_fr} {how_fr}"},
        decimals=decimals,
    )
    for statistic, of_en, of_fr, how_en, how_fr in STATISTICS
    for measure, decimals, en, fr, help_en, help_fr in MEASURES
)


@context("biopsy")
def biopsy(
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
) -> TableContext:
    """Breast Cancer Wisconsin (Diagnostic): 569 fine-needle biopsies, 212 malignant, thirty measures of nuclei.

    Street, Wolberg & Mangasarian 1993 (doi 10.1117/12.148698), UCI Machine Learning Repository (doi 10.24432/C5DW2B,
    CC BY 4.0), by scikit-learn. No protected attribute is known.

    Args:
        features: use only these, in this order; all thirty by default.
    """
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    columns = chosen(COLUMNS, features)
    places = [COLUMNS.index(column) for column in columns]
    values = tuple(data.data[:, place].astype(np.float32) for place in places)
    truths = data.target.astype(np.int64)  # 0 is malignant
    cases = Cases(values, truths, np.arange(1, len(truths) + 1, dtype=np.int64))
    splits = divide(truths, estimates=False)
    return TableContext(TASK, columns, cases, splits, operator_view=operator_view, predictor_view=predictor_view)
