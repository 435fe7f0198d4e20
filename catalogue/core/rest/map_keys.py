"""Filters and sorts by the keys of a map, such as `attributes.cost_centre` of a system.

Which keys a client can name, and the type of each, is known only at the request. The SQL of a list
is cached, so it must not depend on the keys. Therefore a request gives each of its keys a *slot*,
which is named by its place and its type, and the key itself is a parameter:

    attributes.cost_centre=4711        CASE WHEN jsonb_typeof(system.attributes -> $1) = 'string'
                                       THEN system.attributes ->> $1 END = $2

A value of another JSON type counts as null, since a map can hold values from before a declaration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam

from catalogue.core.codes import LEAST_SIMILARITY, LONGEST_QUOTE, quote, suggest
from catalogue.core.errors import FieldError
from catalogue.core.rest.columns import LARGEST_INTEGER, DialectExpression, parse
from catalogue.core.types import Money

MOST_KEYS = 8
"""The most keys of a map that one request can filter and sort by."""


class ValueKind(StrEnum):
    """The form of the values under a key."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    """A number with two decimal places, as JSON text."""
    DATE = "date"
    """A day in the form of ISO 8601, as JSON text."""
    BOOLEAN = "boolean"


_TYPES: dict[ValueKind, sa.types.TypeEngine[Any]] = {
    ValueKind.TEXT: sa.String(),
    ValueKind.INTEGER: sa.Integer(),
    ValueKind.DECIMAL: Money,
    ValueKind.DATE: sa.Date(),
    ValueKind.BOOLEAN: sa.Boolean(),
}


@dataclass(frozen=True)
class MapKey:
    """A key that a client can name: the form of its values, and its choices if only some fit."""

    kind: ValueKind
    choices: tuple[str, ...] = ()

    def parse(self, text: str) -> Any:
        """Parse a value of a filter. Raises ValueError with the expected form in words."""
        value = parse(_TYPES[self.kind], text)
        if self.choices and value not in self.choices:
            raise ValueError("one of " + ", ".join(self.choices))
        # Both stores compare days as text, because a map can hold text that is no day.
        return value.isoformat() if self.kind is ValueKind.DATE else value


@dataclass(frozen=True, eq=False)
class MapKeys:
    """The declaration that a resource's lists can be filtered and sorted by keys of a map."""

    field: str
    """The field of the resource that is the map."""
    declared: Callable[[Any], Mapping[str, MapKey]]
    """`declared(context)`: the keys that the actor can name."""
    listed_by: str
    """The endpoint that lists the keys."""
    key_pattern: str
    """The regular expression of a key, without anchors."""

    @property
    def prefix(self) -> str:
        return f"{self.field}."

    def are_named(self, arguments: Mapping[str, list[str]]) -> bool:
        """Return whether the parameters of a list name a key."""
        sorts = ",".join(arguments.get("sort", ())).split(",")
        names = [*arguments, *(name.removeprefix("-") for name in sorts)]
        return any(name.startswith(self.prefix) for name in names)


class KeySlots:
    """The slots that one request gives to its keys."""

    def __init__(self, keyed: MapKeys | None, keys: Mapping[str, MapKey]) -> None:
        self._keyed, self._keys = keyed, keys
        self.names: dict[str, str] = {}
        """The name of each slot in use, as the client sent it."""
        self.values: dict[str, Any] = {}
        """The values of the parameters for the keys."""
        self.errors: list[FieldError] = []

    def key(self, name: str) -> MapKey | None:
        """Return the key that a name such as `attributes.cost_centre` stands for, or None."""
        if self._keyed is None or not name.startswith(self._keyed.prefix):
            return None
        return self._keys.get(name.removeprefix(self._keyed.prefix))

    def take(self, name: str) -> str | None:
        """Return the slot for a name, or None if the name stands for no key."""
        key = self.key(name)
        if self._keyed is None or key is None:
            return None
        for slot, known in self.names.items():
            if known == name:
                return slot
        place = len(self.names)
        if place == MOST_KEYS:
            field = self._keyed.field
            detail = f"The request names more than {MOST_KEYS} keys of `{field}`. Name fewer."
            self.errors = [FieldError(f"?{name}", "too_many", detail)]
            place = 0
        slot = slot_of(self._keyed.field, place, key.kind)
        self.names[slot] = name
        self.values[key_parameter(slot)] = name.removeprefix(self._keyed.prefix)
        return slot

    def unknown_parameter(self, parameter: str, name: str) -> FieldError | None:
        """Make the error for a filter by a key that the actor cannot name, if it is one."""
        if self._keyed is None or not name.startswith(self._keyed.prefix):
            return None
        detail = f"There is no parameter {quote(parameter)}."
        return FieldError(f"?{parameter}", "unknown_parameter", detail + self._advice(name))

    def explain_sort(self, name: str) -> str | None:
        """Return the message for a sort by a key that the actor cannot name, if it is one."""
        if self._keyed is None or not name.startswith(self._keyed.prefix):
            return None
        return f"You cannot sort by {quote(name)}." + self._advice(name)

    def _advice(self, name: str) -> str:
        if self._keyed is None:
            return ""
        key = name.removeprefix(self._keyed.prefix).partition("__")[0][:LONGEST_QUOTE]
        closest = get_close_matches(key, list(self._keys), n=2, cutoff=LEAST_SIMILARITY)
        similar = suggest(self._keyed.prefix + each for each in closest)
        return f"{similar} `{self._keyed.listed_by}` lists the keys to filter and sort by."


def slot_of(field: str, place: int, kind: ValueKind) -> str:
    """Return the name of a slot, which stands for a key in the shape of a query."""
    return f"{field}_{place}_{kind.value}"


def key_parameter(slot: str) -> str:
    """Return the name of the parameter for the key in a slot."""
    return f"{slot}__key"


def slots(field: str) -> list[tuple[str, ValueKind]]:
    """List all slots of a map."""
    return [(slot_of(field, place, kind), kind) for place in range(MOST_KEYS) for kind in ValueKind]


def slot_operators(kind: ValueKind) -> frozenset[str]:
    """Return the operators of filters on values of a kind."""
    if kind is ValueKind.BOOLEAN:
        return frozenset({"isnull"})
    others = {"ne"} if kind is ValueKind.TEXT else {"gte", "lte"}
    return frozenset({"isnull", "in", *others})


def slot_value(column: ColumnElement[Any], slot: str, kind: ValueKind) -> DialectExpression:
    """Make the expression for the value under the key in a slot. It is null for another type."""
    key: ColumnElement[str] = bindparam(key_parameter(slot), type_=sa.String(), required=True)
    return DialectExpression(
        postgresql=_on_postgresql(column, sa.cast(key, sa.Text), kind),
        sqlite=_on_sqlite(column, sa.literal_column("'$.'", sa.String) + key, kind),
    )


def _on_postgresql(
    column: ColumnElement[Any], key: ColumnElement[str], kind: ValueKind
) -> ColumnElement[Any]:
    text: ColumnElement[str] = sa.func.jsonb_extract_path_text(column, key, type_=sa.Text())
    json_type = sa.func.jsonb_typeof(sa.func.jsonb_extract_path(column, key))
    is_string = json_type == _constant("string")

    def matches(pattern: str) -> ColumnElement[bool]:
        return text.op("~", return_type=sa.Boolean())(_constant(pattern))

    # A cast stands only behind WHEN, which is decided first, so that no value can make it fail.
    match kind:
        case ValueKind.TEXT:
            return _when(is_string, text)
        case ValueKind.DATE:
            is_day = sa.and_(is_string, matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
            return _when(is_day, sa.collate(text, "C"))
        case ValueKind.DECIMAL:
            is_amount = sa.and_(is_string, matches(r"^-?[0-9]{1,12}\.[0-9]{2}$"))
            return _when(is_amount, sa.cast(text, Money))
        case ValueKind.BOOLEAN:
            return _when(json_type == _constant("boolean"), sa.cast(text, sa.Boolean))
    is_whole = sa.and_(json_type == _constant("number"), matches("^-?[0-9]{1,10}$"))
    in_range = sa.cast(text, sa.BigInteger).between(*_INTEGER_RANGE)
    return _when(is_whole, _when(in_range, sa.cast(text, sa.Integer)))


def _on_sqlite(
    column: ColumnElement[Any], path: ColumnElement[str], kind: ValueKind
) -> ColumnElement[Any]:
    value: ColumnElement[Any] = sa.func.json_extract(column, path, type_=sa.String())
    json_type = sa.func.json_type(column, path)
    is_text = json_type == _constant("text")

    def matches(part: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
        return part.op("GLOB", return_type=sa.Boolean())(_constant(pattern))

    match kind:
        case ValueKind.TEXT:
            return _when(is_text, value)
        case ValueKind.DATE:
            digits = "[0-9]"
            pattern = "-".join(digits * count for count in (4, 2, 2))
            return _when(sa.and_(is_text, matches(value, pattern)), value)
        case ValueKind.DECIMAL:
            ends = sa.func.length(value) - sa.literal_column("3")
            whole = sa.func.substr(value, sa.literal_column("1"), ends)
            digits_of = sa.func.ltrim(whole, _constant("-"))
            is_amount = sa.and_(
                is_text,
                matches(value, "*[0-9].[0-9][0-9]"),
                sa.or_(whole == digits_of, whole == _constant("-").concat(digits_of)),
                sa.not_(matches(digits_of, "*[^0-9]*")),
                sa.func.length(digits_of) <= sa.literal_column("12"),
            )
            return _when(is_amount, sa.type_coerce(sa.cast(value, sa.Numeric), Money))
        case ValueKind.BOOLEAN:
            one, zero = (sa.literal_column(n, sa.Boolean) for n in ("1", "0"))
            return sa.case(
                (json_type == _constant("true"), one),
                (json_type == _constant("false"), zero),
                else_=sa.null(),
            )
    number = sa.type_coerce(value, sa.Integer)
    is_whole = sa.and_(json_type == _constant("integer"), number.between(*_INTEGER_RANGE))
    return _when(is_whole, number)


_INTEGER_RANGE = (
    sa.literal_column(str(-LARGEST_INTEGER), sa.Integer),
    sa.literal_column(str(LARGEST_INTEGER), sa.Integer),
)


def _constant(text: str) -> ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.String)


def _when(condition: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.case((condition, value), else_=sa.null())
