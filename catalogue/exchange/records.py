"""Rows into the fields of systems, with everything that is wrong with each row."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalogue.exchange.fields import Kind
from catalogue.exchange.mapping import ColumnMapping, Match
from catalogue.exchange.problems import TableProblem, shown
from catalogue.exchange.tables import Cell, Row, Table
from catalogue.exchange.values import (
    CapabilityLookup,
    ValueProblem,
    has_month_first,
    is_ambiguous_date,
    read_value,
)


@dataclass(slots=True)
class Record:
    """What a row says: only fields about which it says something. `problems` spoil the row."""

    number: int
    cells: tuple[Cell, ...]
    fields: dict[str, Any]
    problems: list[TableProblem]

    @property
    def external_id(self) -> str | None:
        return self.fields.get("external_id")

    @property
    def name(self) -> str | None:
        return self.fields.get("name")


def read_records(
    table: Table, mapping: ColumnMapping, *, capability: CapabilityLookup | None = None
) -> Iterator[Record]:
    """Each row of the table as a record, in order."""
    cells_wrong = defaultdict(list)
    mapped = {match.column.label for match in mapping.matches}
    for problem in table.problems:
        # What is wrong with a column that nobody asked for does not spoil the row.
        if problem.column is None or problem.column in mapped:
            cells_wrong[problem.row].append(problem)
    month_first = {
        match.field.name
        for match in mapping.matches
        if match.field.kind in {Kind.FROM_DATE, Kind.UNTIL_DATE}
        and any(has_month_first(row.cells[match.column.index]) for row in table.rows)
    }
    known: dict[tuple[str, type, Cell], Any] = {}
    for row in table.rows:
        record = Record(row.number, row.cells, {}, list(cells_wrong[row.number]))
        for match in mapping.matches:
            _fill(record, row, match, known, capability, match.field.name in month_first)
        if not record.name and "product_name" in record.fields:
            record.fields["name"] = record.fields["product_name"]
        if not record.name and not record.problems:
            record.problems.append(_nameless(row, mapping))
        yield record


def _fill(
    record: Record,
    row: Row,
    match: Match,
    known: dict[tuple[str, type, Cell], Any],
    capability: CapabilityLookup | None,
    month_first: bool,
) -> None:
    cell = row.cells[match.column.index]
    if cell is None:
        return
    field = match.field
    key = (field.name, type(cell), cell)
    value = known.get(key, known)  # `known` itself stands for "not there yet"
    if value is known:
        try:
            if month_first and is_ambiguous_date(cell):
                raise ValueProblem(
                    "ambiguous_date",
                    "Another date of this column has the month first, so this one may too. "
                    "Write the column's dates as YYYY-MM-DD.",
                )
            value = read_value(field, cell, capability)
        except ValueProblem as problem:
            value = problem
        if field.kind is not Kind.TEXT:
            known[key] = value
    if isinstance(value, ValueProblem):
        record.problems.append(
            TableProblem(
                value.code,
                value.detail,
                row=row.number,
                column=match.column.label,
                value=shown(cell),
                field=field.name,
            )
        )
    elif value is not None:
        record.fields[field.name] = value


def _nameless(row: Row, mapping: ColumnMapping) -> TableProblem:
    column = mapping.column_of("name") or mapping.column_of("product_name")
    return TableProblem(
        "required",
        "The row gives the system no name.",
        row=row.number,
        column=column.label if column else None,
        field="name",
    )
