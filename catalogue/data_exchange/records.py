"""Conversion of rows into fields of systems, with the problems of each row."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalogue.data_exchange.fields import Kind
from catalogue.data_exchange.mapping import ColumnMapping, Match
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.spreadsheets.tables import Cell, Table
from catalogue.data_exchange.values import (
    CapabilityLookup,
    ValueProblem,
    has_month_first,
    is_ambiguous_date,
    read_value,
)

Validate = Callable[[str, Any], Any]
"""Checks a field's value and returns it for operations. Raises ValueProblem."""

_UNREAD = object()
_LONGEST_CACHED = 60


@dataclass(slots=True)
class Record:
    """A row with only the fields that it fills. A row with `problems` is rejected."""

    number: int
    cells: tuple[Cell, ...]
    fields: dict[str, Any]
    problems: list[TableProblem]


def read_records(
    table: Table,
    mapping: ColumnMapping,
    *,
    capability: CapabilityLookup | None = None,
    validate: Validate | None = None,
) -> Iterator[Record]:
    """Yield each row of the table as a record, in order."""
    columns = [_ColumnReader(match, table, capability, validate) for match in mapping.matches]
    reading_problems = _reading_problems(table, {match.column.label for match in mapping.matches})
    named_by = mapping.column_of("name") or mapping.column_of("product_name")
    for row in table.rows:
        fields: dict[str, Any] = {}
        problems = reading_problems.pop(row.number, [])
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
            detail = "The row has no name for the system. Fill the column of the name."
            problems.append(TableProblem("required", detail, row.number, label, field="name"))
        yield Record(row.number, row.cells, fields, problems)


class _ColumnReader:
    """A reader of the cells of one column, which reads a repeated short cell once."""

    def __init__(
        self,
        match: Match,
        table: Table,
        capability: CapabilityLookup | None,
        validate: Validate | None,
    ) -> None:
        self.index = match.column.index
        self.name = match.field.name
        self.label = match.column.label
        self.field = match.field
        self.capability = capability
        self.validate = validate
        self.is_list = match.field.kind in {Kind.LIST, Kind.TAGS, Kind.CAPABILITIES}
        self.month_first = match.field.kind in {Kind.FROM_DATE, Kind.UNTIL_DATE} and any(
            map(has_month_first, {row.cells[self.index] for row in table.rows})
        )
        self.cache: dict[Any, Any] = {}

    def read(self, cell: Cell) -> Any:
        """Return the cell's value, None if it is empty, or its problem."""
        # True and 1 are equal as keys of a dictionary, but they are different values.
        key: Any = cell if isinstance(cell, str) else (type(cell), cell)
        value = self.cache.get(key, _UNREAD)
        if value is _UNREAD:
            value = self._read(cell)
            if len(key) <= _LONGEST_CACHED:
                self.cache[key] = value
        # Records must not share a list.
        return list(value) if self.is_list and isinstance(value, list) else value

    def _read(self, cell: Cell) -> Any:
        try:
            if self.month_first and is_ambiguous_date(cell):
                raise ValueProblem(
                    "ambiguous_date",
                    "The date is ambiguous, because another date in this column has the month first. "
                    "Write all dates of the column as YYYY-MM-DD.",
                )
            value = read_value(self.field, cell, self.capability)
            if value is None or self.validate is None:
                return value
            return self.validate(self.name, value)
        except ValueProblem as problem:
            return problem


def _problem(problem: ValueProblem, row: int, column: _ColumnReader, cell: Cell) -> TableProblem:
    return TableProblem(
        problem.code, problem.detail, row, column.label, value=quoted(cell), field=column.name
    )


def _reading_problems(table: Table, mapped: set[str]) -> defaultdict[int, list[TableProblem]]:
    """Return problems found while reading the file, by row.

    A problem in a column that fills no field does not reject its row.
    """
    by_row: defaultdict[int, list[TableProblem]] = defaultdict(list)
    for problem in table.problems:
        if problem.row is not None and (problem.column is None or problem.column in mapped):
            by_row[problem.row].append(problem)
    return by_row
