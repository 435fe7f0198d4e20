"""Rows into the fields of systems, with everything that is wrong with each row."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalogue.data_exchange.fields import Kind
from catalogue.data_exchange.mapping import ColumnMapping, Match
from catalogue.data_exchange.problems import TableProblem, shown
from catalogue.data_exchange.spreadsheets.tables import Cell, Table
from catalogue.data_exchange.values import (
    CapabilityLookup,
    ValueProblem,
    has_month_first,
    is_ambiguous_date,
    read_value,
)

Accept = Callable[[str, Any], Any]
"""Checks a field's value and gives it as operations take it; raises ValueProblem."""

_UNREAD = object()
_LONGEST_REMEMBERED = 60


@dataclass(slots=True)
class Record:
    """What a row says: only fields about which it says something. `problems` spoil the row."""

    number: int
    cells: tuple[Cell, ...]
    fields: dict[str, Any]
    problems: list[TableProblem]


def read_records(
    table: Table,
    mapping: ColumnMapping,
    *,
    capability: CapabilityLookup | None = None,
    accept: Accept | None = None,
) -> Iterator[Record]:
    """Each row of the table as a record, in order."""
    columns = [_ColumnReader(match, table, capability, accept) for match in mapping.matches]
    faults = _faults(table, {match.column.label for match in mapping.matches})
    named_by = mapping.column_of("name") or mapping.column_of("product_name")
    for row in table.rows:
        fields: dict[str, Any] = {}
        problems = faults.pop(row.number, [])
        for column in columns:
            cell = row.cells[column.index]
            if cell is None:
                continue
            value = column.read(cell)
            if isinstance(value, ValueProblem):
                problems.append(_problem(value, row.number, column, cell))
            elif value is not None:
                fields[column.name] = value
        if "name" not in fields and "product_name" in fields:
            fields["name"] = fields["product_name"]
        if "name" not in fields and not problems:
            label = named_by.label if named_by else None
            detail = "The row gives the system no name."
            problems.append(TableProblem("required", detail, row.number, label, field="name"))
        yield Record(row.number, row.cells, fields, problems)


class _ColumnReader:
    """Reads the cells of one column. Short cells often come again, and are read once."""

    def __init__(
        self, match: Match, table: Table, capability: CapabilityLookup | None, accept: Accept | None
    ) -> None:
        self.index = match.column.index
        self.name = match.field.name
        self.label = match.column.label
        self.field = match.field
        self.capability = capability
        self.accept = accept
        self.is_list = match.field.kind in {Kind.LIST, Kind.TAGS, Kind.CAPABILITIES}
        self.month_first = match.field.kind in {Kind.FROM_DATE, Kind.UNTIL_DATE} and any(
            map(has_month_first, {row.cells[self.index] for row in table.rows})
        )
        self.known: dict[Any, Any] = {}

    def read(self, cell: Cell) -> Any:
        """The cell's value, None if it says nothing, or what is wrong with it."""
        # True and 1 are one key to a dictionary, but not one value to a reader.
        key: Any = cell if isinstance(cell, str) else (type(cell), cell)
        value = self.known.get(key, _UNREAD)
        if value is _UNREAD:
            value = self._read(cell)
            if len(key) <= _LONGEST_REMEMBERED:
                self.known[key] = value
        # A list must not be shared between records.
        return list(value) if self.is_list and isinstance(value, list) else value

    def _read(self, cell: Cell) -> Any:
        try:
            if self.month_first and is_ambiguous_date(cell):
                raise ValueProblem(
                    "ambiguous_date",
                    "Another date of this column has the month first, so this one may too. "
                    "Write the column's dates as YYYY-MM-DD.",
                )
            value = read_value(self.field, cell, self.capability)
            if value is None or self.accept is None:
                return value
            return self.accept(self.name, value)
        except ValueProblem as problem:
            return problem


def _problem(found: ValueProblem, row: int, column: _ColumnReader, cell: Cell) -> TableProblem:
    return TableProblem(
        found.code, found.detail, row, column.label, value=shown(cell), field=column.name
    )


def _faults(table: Table, mapped: set[str]) -> defaultdict[int, list[TableProblem]]:
    """What was wrong with rows before they were read. A fault in a column that nobody asked for
    does not spoil its row.
    """
    found: defaultdict[int, list[TableProblem]] = defaultdict(list)
    for problem in table.problems:
        if problem.row is not None and (problem.column is None or problem.column in mapped):
            found[problem.row].append(problem)
    return found
