"""Case files: tables of which each row is one item."""

# Their import registers them.
from binome.contexts.tables import biopsy as biopsy
from binome.contexts.tables import credit as credit
from binome.contexts.tables import diabetes as diabetes
from binome.contexts.tables import file as file
from binome.contexts.tables import income as income
from binome.contexts.tables import recidivism as recidivism
from binome.contexts.tables.columns import Column, Values, category
from binome.contexts.tables.table import TableContext

__all__ = ["Column", "TableContext", "Values", "category"]
