"""The records of a list as rows of a table: one column for each field, with cells of its type.

A list is one cell with its values joined. An object has a column for each of its fields, named
`object.field`. A map, such as the custom fields, has a column for each key in the listed records.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
import orjson
from marshmallow import fields

from catalogue.core.rest.map_keys import MapKey, ValueKind
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.schemas import MoneyField
from catalogue.core.tables.cells import Cell
from catalogue.core.tables.lists import join_list

MOST_KEYS = 200
"""The keys of a map that become columns."""
_NO_KEYS: Mapping[str, Collection[str]] = {}
_NONE_DECLARED: Mapping[str, MapKey] = {}
_AMOUNT = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
_EARLIEST = date(1900, 1, 1)
"""The first day that a workbook can hold as a date."""

Convert = Callable[[Any], Cell]


@dataclass(frozen=True)
class TableColumn:
    """A column: its heading, the path of its value in a record, and the conversion of the value."""

    heading: str
    path: tuple[str, ...]
    convert: Convert


def maps_of(resource: Resource, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the fields that are maps. Their keys are not in the schema."""
    declared = resource.schema._declared_fields
    return tuple(name for name in names if isinstance(declared[name], fields.Dict))


def columns_of(
    resource: Resource,
    names: Iterable[str],
    keys: Mapping[str, Collection[str]] = _NO_KEYS,
    declared: Mapping[str, MapKey] = _NONE_DECLARED,
) -> tuple[TableColumn, ...]:
    """Return the columns of a list that shows these fields. `keys` are the keys of each map.

    A key in `declared` has cells of its type. A map without keys has a single column. So has a map
    with too many keys, or with keys that differ by case alone, because no import could read a
    column for each.
    """
    columns: list[TableColumn] = []
    for name in names:
        usable = _usable(keys.get(name, ()))
        columns += [
            TableColumn(f"{name}.{key}", (name, key), _conversion_of_key(declared.get(key)))
            for key in usable
        ]
        if not usable:
            columns += _columns(resource.schema._declared_fields[name], (name,))
    return tuple(columns)


def keys_in(maps: tuple[str, ...], documents: Iterable[bytes]) -> dict[str, set[str]]:
    """Return the keys that maps have in the records."""
    keys: dict[str, set[str]] = {name: set() for name in maps}
    for document in documents:
        record = orjson.loads(document)
        for name in maps:
            keys[name].update(record[name] or ())
    return keys


def _usable(keys: Collection[str]) -> list[str]:
    differing = len({key.casefold() for key in keys}) == len(keys) <= MOST_KEYS
    return sorted(keys) if differing else []


def rows_of(columns: tuple[TableColumn, ...], documents: Iterable[bytes]) -> Iterator[list[Cell]]:
    """Make the row of each record from its JSON."""
    for document in documents:
        record = orjson.loads(document)
        yield [
            None if (value := _value_at(record, column.path)) is None else column.convert(value)
            for column in columns
        ]


def _columns(field: Any, path: tuple[str, ...]) -> Iterator[TableColumn]:
    if isinstance(field, fields.Nested):
        nested: ma.Schema = field.schema
        for name, inner in nested._declared_fields.items():
            yield from _columns(inner, (*path, name))
    else:
        yield TableColumn(".".join(path), path, _conversion(field))


def _value_at(record: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        if value is None:
            return None
        value = value.get(name)
    return value


def _conversion(field: Any) -> Convert:
    """Return the function that converts a value to a cell, for the declared type of the field."""
    match field:
        case fields.DateTime():
            return datetime.fromisoformat
        case fields.Date():
            return date.fromisoformat
        case MoneyField():
            return Decimal
        case fields.Boolean() | fields.Number():
            return _unchanged
        case _:
            return cell_of


def _conversion_of_key(key: MapKey | None) -> Convert:
    """Return the function that converts a value under a key of a map to a cell."""
    if key is not None and key.kind is ValueKind.DATE:
        return _day_or_text
    if key is not None and key.kind is ValueKind.DECIMAL:
        return _amount_or_text
    return cell_of


def _day_or_text(value: Any) -> Cell:
    """Make a cell for a day. A value from before the declaration can be any other."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return cell_of(value)
    return day if day >= _EARLIEST and day.isoformat() == value else cell_of(value)


def _amount_or_text(value: Any) -> Cell:
    is_amount = isinstance(value, str) and _AMOUNT.fullmatch(value)
    return Decimal(value) if is_amount else cell_of(value)


def _unchanged(value: Cell) -> Cell:
    return value


def cell_of(value: Any) -> str | int | float | None:
    """Make a cell from a string, a number, a list, or an object without declared fields."""
    if isinstance(value, list):
        return join_list(map(_text, value)) or None
    if isinstance(value, dict):
        return join_list(_entry(name, entry) for name, entry in value.items()) or None
    return value if isinstance(value, int | float) else str(value)


def _text(value: Any) -> str:
    """Write a value within a list. Fields of an object that are null are left out."""
    if isinstance(value, dict):
        return ", ".join(_entry(name, entry) for name, entry in value.items() if entry is not None)
    if isinstance(value, list):
        return join_list(map(_text, value))
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return str(value)


def _entry(name: str, value: Any) -> str:
    return f"{name}: {_text(value)}"
