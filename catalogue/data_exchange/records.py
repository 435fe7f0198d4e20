"""Conversion of rows into fields of records, with the problems and notices of each row."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalogue.data_exchange.cells import read_cell
from catalogue.data_exchange.column_mapping import ColumnMapping, Match
from catalogue.data_exchange.fields import ATTRIBUTE_PREFIX, LISTS, Kind
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.spreadsheets.headings import is_blank
from catalogue.data_exchange.spreadsheets.table import Cell, Table
from catalogue.data_exchange.translations import NOTHING_CHOSEN, Translations
from catalogue.data_exchange.values import (
    CapabilityLookup,
    Noted,
    ValueProblem,
    has_month_first,
    is_ambiguous_date,
    without_notice,
)

Validate = Callable[[str, Any], Any]
"""Checks a field's value and returns it for operations. Raises ValueProblem."""

_UNREAD = object()
_REMARKS = frozenset({Noted, ValueProblem})
_DAYS_TO_1904 = 1_462
_LONGEST_CACHED = 60


@dataclass(slots=True)
class Record:
    """A row of a table as fields of a system. Empty cells give no field.

    A row with `problems` is rejected. `notices` are about values that were left out or are in
    doubt.
    """

    number: int
    cells: tuple[Cell, ...]
    fields: dict[str, Any]
    problems: list[TableProblem]
    notices: list[TableProblem] = field(default_factory=list)


def read_records(
    table: Table,
    mapping: ColumnMapping,
    *,
    capability: CapabilityLookup | None = None,
    validate: Validate | None = None,
    translations: Mapping[str, Translations] | None = None,
    leave_out: bool = False,
) -> Iterator[Record]:
    """Yield each row of the table as a record, in order.

    With `leave_out`, an unreadable value of an optional field is left out of its row with a notice.
    """
    chosen = translations or {}
    columns = [
        _ColumnReader(
            match, table, capability, validate, chosen.get(match.field.name, NOTHING_CHOSEN)
        )
        for match in mapping.matches
    ]
    reading_problems = _reading_problems(table, {match.column.label for match in mapping.matches})
    constants = _constants(mapping, chosen, capability, validate)
    for row in table.rows:
        # Rows must not share the map of custom fields.
        fields = {n: dict(v) if isinstance(v, dict) else v for n, v in constants.items()}
        problems = reading_problems.pop(row.number, [])
        notices: list[TableProblem] = []
        for column in columns:
            cell = row.cells[column.index]
            if cell is None and column.of_empty is None:
                continue
            value = column.read(cell)
            if value is None:
                continue
            if value.__class__ not in _REMARKS:
                column.store(fields, value)
                continue
            if isinstance(value, Noted):
                notices.append(_problem(value, row.number, column, cell, is_left_out=False))
                value = value.value
            if isinstance(value, ValueProblem):
                is_left_out = leave_out and not mapping.fields.rejects_unreadable(column.name)
                (notices if is_left_out else problems).append(
                    _problem(value, row.number, column, cell, is_left_out=is_left_out)
                )
            elif value is not None:
                column.store(fields, value)
        # A row with the id of a system needs no name, and must not rename it after its product.
        if "id" not in fields:
            for name, substitute in mapping.fields.substitutes.items():
                if name not in fields and substitute in fields:
                    fields[name] = fields[substitute]
            if not problems:
                problems += _missing(mapping, fields, row.number)
        yield Record(row.number, row.cells, fields, problems, notices)


def _constants(
    mapping: ColumnMapping,
    chosen: Mapping[str, Translations],
    capability: CapabilityLookup | None,
    validate: Validate | None,
) -> dict[str, Any]:
    """Return the fields without a column that have the same value in every row."""
    constants: dict[str, Any] = {}
    for name, translations in chosen.items():
        field = mapping.fields.find(name)
        value = translations.of_empty_cell
        if field is None or value is None or mapping.column_of(name) is not None:
            continue
        read = without_notice(read_cell(field, value, capability))
        if not name.startswith(ATTRIBUTE_PREFIX):
            constants[name] = validate(name, read) if validate else read
            continue
        key = name.removeprefix(ATTRIBUTE_PREFIX)
        if validate and field.label:
            read = validate(name, read)
        elif validate:
            read = validate("attributes", {key: read})[key]
        constants.setdefault("attributes", {})[key] = read
    return constants


def _missing(mapping: ColumnMapping, fields: dict[str, Any], row: int) -> Iterator[TableProblem]:
    """Yield a problem for each needed field that a row does not fill."""
    for name in mapping.fields.needed:
        if name in fields:
            continue
        substitute = mapping.fields.substitutes.get(name)
        column = mapping.column_of(name) or (mapping.column_of(substitute) if substitute else None)
        label = column.label if column else None
        words = name.replace("_", " ")
        detail = (
            f"The row has no {words} for the {mapping.fields.noun}. Fill the column of the {words}."
        )
        yield TableProblem("required", detail, row, label, field=name)


class _ColumnReader:
    """A reader for the cells of one column. It reads a short cell that is repeated only once."""

    def __init__(
        self,
        match: Match,
        table: Table,
        capability: CapabilityLookup | None,
        validate: Validate | None,
        translations: Translations,
    ) -> None:
        self.index = match.column.index
        self.name = match.field.name
        self.label = match.column.label
        self.field = match.field
        self.capability = capability
        self.validate = validate
        self.translations = translations
        self.of_empty = translations.of_empty_cell
        self.answers = match.answers
        self.attribute = self.name.removeprefix(ATTRIBUTE_PREFIX)
        self.is_attribute = self.attribute != self.name
        self.is_list = match.field.kind in LISTS
        self.is_date = match.field.kind in {Kind.DAY, Kind.FROM_DATE, Kind.UNTIL_DATE}
        self.counts_from_1904 = table.counts_from_1904 and self.is_date
        self.month_first = self.is_date and any(
            map(has_month_first, {row.cells[self.index] for row in table.rows})
        )
        self.cache: dict[Any, Any] = {}

    def read(self, cell: Cell) -> Any:
        """Return the cell's value, None if it is empty, or its problem."""
        # True and 1 are equal as keys of a dictionary, but they are different values.
        key: Any = cell if cell.__class__ is str else (type(cell), cell)
        value = self.cache.get(key, _UNREAD)
        if value is _UNREAD:
            value = self._read(cell)
            if len(key) <= _LONGEST_CACHED:
                self.cache[key] = value
        # Records must not share a list.
        return list(value) if self.is_list and isinstance(value, list) else value

    def store(self, fields: dict[str, Any], value: Any) -> None:
        """Add the value to the fields of a row. Several columns can fill a list together."""
        if self.is_attribute:
            fields.setdefault("attributes", {})[self.attribute] = value
        elif self.is_list and self.name in fields:
            fields[self.name] += [each for each in value if each not in fields[self.name]]
        else:
            fields[self.name] = value

    def _read(self, cell: Cell) -> Any:
        if is_blank(cell):
            if self.of_empty is None:
                return None
            cell = self.of_empty
        try:
            if self.month_first and is_ambiguous_date(cell):
                raise ValueProblem(
                    "ambiguous_date",
                    "The date is ambiguous, because another date in this column has the month "
                    "first. Write all dates of the column as YYYY-MM-DD.",
                )
            value: Any = read_cell(
                self.field,
                self._dated(cell),
                self.capability,
                answers=self.answers,
                translations=self.translations,
            )
            if isinstance(value, Noted):
                return replace(value, value=self._validated(value.value, cell))
            return self._validated(value, cell)
        except ValueProblem as problem:
            return problem

    def _dated(self, cell: Cell) -> Cell:
        """Return the number of a date counted from 1900, as most workbooks count dates."""
        if self.counts_from_1904 and isinstance(cell, int | float) and cell is not True:
            return cell + _DAYS_TO_1904
        return cell

    def _validated(self, value: Any, cell: Cell) -> Any:
        if value is None or self.validate is None:
            return value
        if self.attribute != self.name and not self.field.label:
            if isinstance(cell, int | float):
                value = cell
            return self.validate("attributes", {self.attribute: value})[self.attribute]
        return self.validate(self.name, value)


def _problem(
    problem: ValueProblem | Noted, row: int, column: _ColumnReader, cell: Cell, *, is_left_out: bool
) -> TableProblem:
    detail = f"{problem.detail} The value was left out." if is_left_out else problem.detail
    return TableProblem(
        problem.code, detail, row, column.label, value=quoted(cell), field=column.name
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
