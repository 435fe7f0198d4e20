"""The different values of a column, and its empty cells."""

from typing import Any

from catalogue.data_exchange.problems import quoted
from catalogue.data_exchange.spreadsheets.headings import is_blank
from catalogue.data_exchange.spreadsheets.table import Column, Table

_SAMPLE_VALUES = 200
_SAMPLES_SHOWN = 3


def distinct_values(table: Table, column: Column) -> list[Any]:
    """Return the first 200 different values of a column."""
    distinct: dict[Any, Any] = {}
    for row in table.rows:
        cell = row.cells[column.index]
        if not is_blank(cell):
            distinct.setdefault((type(cell), cell), cell)
            if len(distinct) == _SAMPLE_VALUES:
                break
    return list(distinct.values())


def has_gaps(table: Table, column: Column) -> bool:
    """Return whether some cells of a column are empty."""
    return any(is_blank(row.cells[column.index]) for row in table.rows)


def samples_of(values: list[Any]) -> tuple[str, ...]:
    """Return the first three values, shortened for a report."""
    return tuple(map(quoted, values[:_SAMPLES_SHOWN]))
