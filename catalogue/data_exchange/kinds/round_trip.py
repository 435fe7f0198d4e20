"""Comparison of a value in a file with the value that an export wrote."""

from typing import Any

from catalogue.core.rest.table_cells import cell_of
from catalogue.data_exchange.fields import ImportField
from catalogue.data_exchange.spreadsheets.text_repairs import repair
from catalogue.data_exchange.values import ValueProblem, read_value, without_notice


def is_as_exported(field: ImportField | None, present: Any, value: Any) -> bool:
    """Return whether a value equals the record's present value after an export and an import.

    Some strings change on the way: spaces at their ends and invisible characters are lost.
    """
    if present == value:
        return True
    if field is None or not isinstance(present, str | list):
        return False
    cell = cell_of(present)
    if isinstance(cell, str) and (repaired := repair(cell)):
        cell, _ = repaired
    try:
        return bool(without_notice(read_value(field, cell)) == value)
    except ValueProblem:
        return False
