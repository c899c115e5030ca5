"""`biopsy`: scikit-learn's copy of the Wisconsin diagnostic breast cancer data, of real patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer

from binome.contexts.context import context
from binome.contexts.splitting import split_shares
from binome.contexts.tables.columns import Column, Values
from binome.contexts.tables.table import TableContext
from binome.core import UnknownNameError
from binome.core.stimulus import Decision

MEASURES: tuple[tuple[str, str, str, str, str, int], ...] = (
    ("radius", "Radius", "Rayon", "Mean distance from the centre of a nucleus to its outline",
     "Distance moyenne du centre du noyau à son contour", 1),
    ("texture", "Texture", "Texture", "How much the grey levels inside a nucleus vary",
     "Variation des niveaux de gris dans le noyau", 1),
    ("perimeter", "Perimeter", "Périmètre", "Length of a nucleus's outline", "Longueur du contour du noyau", 1),
    ("area", "Area", "Aire", "Surface of a nucleus", "Surface du noyau", 0),
    ("smoothness", "Roughness of the outline", "Rugosité du contour",
     "How much the radius varies from one place to the next (called smoothness in the source)",
     "Variation locale du rayon (« smoothness » dans la source)", 3),
    ("compactness", "Departure from a disc", "Écart à un disque",
     "Squared perimeter over area, less 1 (called compactness in the source)",
     "Périmètre au carré sur l’aire, moins 1 (« compactness » dans la source)", 3),
    ("concavity", "Depth of the hollows", "Profondeur des creux", "How deep the hollows of the outline are",
     "Profondeur des creux du contour", 3),
    ("concave points", "Number of hollows", "Nombre de creux", "Share of the outline that is hollow",
     "Part du contour qui est creuse", 3),
    ("symmetry", "Asymmetry", "Asymétrie",
     "How much the two halves of a nucleus differ (called symmetry in the source)",
     "Différence entre les deux moitiés du noyau (« symmetry » dans la source)", 3),
    ("fractal dimension", "Irregularity of the outline", "Irrégularité du contour",
     "Fractal dimension of the outline, less 1", "Dimension fractale du contour, moins 1", 3),
)  # fmt: skip
STATISTICS = (
    ("mean {}", "mean", "moyenne", 0),
    ("{} error", "standard error", "erreur type", 1),
    ("worst {}", "mean of the three largest", "moyenne des trois plus grandes valeurs", 0),
)


def _columns() -> tuple[Column, ...]:
    found = []
    for pattern, english, french, more in STATISTICS:
        for name, label, libelle, help_, aide, decimals in MEASURES:
            found.append(
                Column(
                    pattern.format(name).replace(" ", "_"),
                    {"en": f"{label}, {english}", "fr": f"{libelle}, {french}"},
                    help={"en": f"{help_}.", "fr": f"{aide}."},
                    decimals=decimals + more,
                )
            )
    return tuple(found)


COLUMNS = _columns()


@context("biopsy")
def biopsy(
    features: Sequence[str] = (),
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
) -> TableContext:
    """Is a breast mass malignant? 569 patients, 30 measures of cell nuclei (Wolberg, Street & Mangasarian 1995).

    Wisconsin diagnostic breast cancer, UCI, CC BY 4.0, as scikit-learn embeds it. The source gives no units.

    Args:
        features: ids of the lines to use, in their order; all 30 by default.
    """
    data = load_breast_cancer()
    places = {column.id: place for place, column in enumerate(COLUMNS)}
    unknown = [name for name in features if name not in places]
    if unknown:
        raise UnknownNameError("feature", unknown[0], places)
    chosen = [places[name] for name in features] or list(range(len(COLUMNS)))
    truths = np.asarray(1 - data.target, dtype=np.int64)  # there, 1 is benign
    return TableContext(
        "biopsy",
        {"en": "Reading a biopsy", "fr": "Lire une biopsie"},
        {"en": "Is this mass benign or malignant?", "fr": "Cette masse est-elle bénigne ou maligne ?"},
        [Values(COLUMNS[place], data.data[:, place]) for place in chosen],
        truths,
        split_shares(truths, test=0.35, calibration=0.15),
        decisions=(
            Decision("benign", {"en": "Benign", "fr": "Bénigne"}),
            Decision("malignant", {"en": "Malignant", "fr": "Maligne"}),
        ),
        operator_view=operator_view,
        predictor_view=predictor_view,
    )
