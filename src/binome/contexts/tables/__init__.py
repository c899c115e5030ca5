"""Case files: rows of numbers and categories, seen through two views."""

# Their import registers them.
from binome.contexts.tables import biopsy as biopsy
from binome.contexts.tables import credit as credit
from binome.contexts.tables import diabetes as diabetes
from binome.contexts.tables import file as file
from binome.contexts.tables import income as income
from binome.contexts.tables import recidivism as recidivism
from binome.contexts.tables.columns import Column, Value
from binome.contexts.tables.table import Cases, TableContext

__all__ = ["Cases", "Column", "TableContext", "Value"]
