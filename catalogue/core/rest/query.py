"""List parameters: the filters, search words, sort, fields and cursor of a request.

Reading them returns a `QueryShape` and the values. The shape alone decides the cached SQL.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import sqlalchemy as sa

from catalogue.core.codes import quote
from catalogue.core.errors import FieldError, bad_parameters
from catalogue.core.rest.columns import for_dialect, parse, sort_key
from catalogue.core.rest.list_format import ListFormat
from catalogue.core.rest.map_keys import KeySlots, MapKey, MapKeys
from catalogue.core.rest.parameter_errors import repeated_parameter, unknown_parameter
from catalogue.core.text import (
    WHITE_SPACE,
    composed,
    fold_for_search,
    has_visible,
    like_pattern,
    pattern_within,
)

DEFAULT_LIMIT, LARGEST_LIMIT, LARGEST_TOTAL_LIMIT = 50, 200, 100_000
MOST_TERMS = 8
LONGEST_TEXT = 200
MOST_CHOICES = 100
MOST_REPEATS = 8  # The most values of a parameter that can be sent several times.
MOST_SORTS = 4
MOST_QUOTES = 5
CONTROLS = ("limit", "cursor", "sort", "fields", "q", "total", "total_limit", "format")
ETAG = "etag"
PAGING = ("limit", "cursor", "total", "total_limit")
"""The parameters for one page, which a request for the whole list as a file must not have."""
_NO_KEYS: Mapping[str, MapKey] = {}
_NO_NAMES: Mapping[str, str] = {}
_WORD = re.compile(f"[^{WHITE_SPACE}]+")


@dataclass(frozen=True)
class FilterField:
    """A field by which clients can filter a list.

    `contains` makes the condition for a field that is itself a list, from a `contained_type`.
    `folded` is the text for searches within it, and `meaning` the description, if it needs its own.
    """

    expression: Any
    operators: frozenset[str] = frozenset()
    contains: Any = None
    contained_type: sa.types.TypeEngine[Any] = field(default_factory=sa.String)
    meaning: str = ""
    folded: Any = None
    shown_where: Any = None
    """The condition of the rows that show the field, or None if all do.

    Filters find no other rows.
    """

    @property
    def type(self) -> sa.types.TypeEngine[Any]:
        """The SQL type of the values with which clients compare the field."""
        return self.contained_type if self.contains else for_dialect("sqlite", self.expression).type


@dataclass(frozen=True)
class Condition:
    """One filter: its field, its operator, and the number of its values."""

    name: str
    operator: str
    values: int


@dataclass(frozen=True)
class QueryShape:
    """All parts of a request that decide the SQL of a list."""

    conditions: tuple[Condition, ...] = ()
    terms: int = 0
    sort: tuple[tuple[str, bool], ...] = ()
    fields: tuple[str, ...] = ()
    after: tuple[bool, ...] = ()
    """For each key of the cursor, whether its value is null. Empty on the first page."""
    tracks_reads: bool = False
    """True if each row names the other agency whose sensitive fields it shows."""


@dataclass
class ListQuery:
    """A request for a list: its shape, and the values for the SQL."""

    shape: QueryShape
    values: dict[str, Any] = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    total: bool = False
    total_limit: int | None = None
    """The most rows to count, or None to count them all."""
    format: ListFormat | None = None
    """The value of `format`. Without one, the header `Accept` decides."""
    etags: bool = False
    """True if each row has the entity tag of its record."""
    key_names: Mapping[str, str] = field(default_factory=dict)
    """The name of each slot of `map_keys` as the client sent it, such as `attributes.cost_centre`."""

    def within(self, fields: Mapping[str, Any]) -> "ListQuery":
        """Narrow the list by fields that the path gives. No parameter can widen the list again."""
        conditions = [Condition(name, "within", 1) for name in fields]
        return replace(
            self,
            shape=replace(self.shape, conditions=(*self.shape.conditions, *conditions)),
            values=self.values | {f"{name}__within_0": value for name, value in fields.items()},
        )


@dataclass(frozen=True)
class ListParameters:
    """The fields that a list can show, filter by and sort by."""

    fields: tuple[str, ...]
    filters: Mapping[str, FilterField]
    sorts: Mapping[str, Any]
    default_sort: tuple[tuple[str, bool], ...]
    searchable: bool
    has_etags: bool = False
    """True if `fields` can name `etag`, the entity tag of the record."""
    path_fields: Mapping[str, FilterField] = field(default_factory=dict)
    """The fields that the path gives. They narrow the list, and are not query parameters."""
    map_keys: MapKeys | None = None
    slots: Mapping[str, FilterField] = field(default_factory=dict)
    """The fields for keys of a map, by their slots (see `map_keys`)."""
    slot_sorts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def selectable(self) -> tuple[str, ...]:
        """The names that `fields` can have."""
        return (*self.fields, ETAG) if self.has_etags else self.fields

    @property
    def names(self) -> list[str]:
        """The names of all query parameters of the list."""
        operators = [
            f"{name}__{operator}"
            for name, filter_field in self.filters.items()
            for operator in sorted(filter_field.operators)
        ]
        return [*CONTROLS, *self.filters, *operators]

    def field_of(self, condition: Condition) -> FilterField:
        """Return the field that a condition compares."""
        if condition.name in self.slots:
            return self.slots[condition.name]
        fields = self.path_fields if condition.operator == "within" else self.filters
        return fields[condition.name]

    def sort_of(self, name: str) -> Any:
        """Return the expression to sort by for a field or a slot."""
        return self.slot_sorts[name] if name in self.slot_sorts else self.sorts[name]

    def read(
        self, arguments: Mapping[str, list[str]], keys: Mapping[str, MapKey] = _NO_KEYS
    ) -> ListQuery:
        """Read the parameters. `keys` are the keys of the map that the actor can name.

        Raises BadRequest with an error for each unknown or invalid parameter.
        """
        return _ParameterReader(self, keys).read(arguments)

    def continue_after(self, query: ListQuery, keys: Sequence[Any]) -> ListQuery:
        """Make the request for the rows after a row with these sort keys."""
        types = self.key_types(query.shape.sort)
        values = {
            f"after_{i}": None if key is None else _key(type_, _text(key))
            for i, (type_, key) in enumerate(zip(types, keys, strict=True))
        }
        shape = replace(query.shape, after=tuple(key is None for key in keys))
        return replace(query, shape=shape, values=query.values | values)

    def key_types(self, sort: tuple[tuple[str, bool], ...]) -> list[sa.types.TypeEngine[Any]]:
        """Return the types of the keys of a cursor: the sorted fields, and the id."""
        return [*(sort_key("sqlite", self.sort_of(name)).type for name, _ in sort), sa.Uuid()]


class _ParameterReader:
    def __init__(self, parameters: ListParameters, keys: Mapping[str, MapKey]) -> None:
        self.list_parameters = parameters
        self.slots = KeySlots(parameters.map_keys, keys)
        self.errors: list[FieldError] = []
        self.values: dict[str, Any] = {}
        self.conditions: list[Condition] = []
        self.etags = False

    def read(self, arguments: Mapping[str, list[str]]) -> ListQuery:
        controls: dict[str, str] = {}
        for name, texts in arguments.items():
            if len(texts) > 1 and (name == "fields" or name.endswith("__in")):
                # Some generated clients repeat the parameter instead of joining its values.
                texts = [",".join(texts)]  # noqa: PLW2901
            if name in CONTROLS and len(texts) == 1:
                controls[name] = texts[0]
            elif name in CONTROLS:
                self.errors.append(repeated_parameter(name))
            else:
                self._filter(name, texts)
        limit = self._number("limit", controls.get("limit"), LARGEST_LIMIT) or DEFAULT_LIMIT
        most = self._number("total_limit", controls.get("total_limit"), LARGEST_TOTAL_LIMIT)
        total = self._flag("total", controls.get("total")) or most is not None
        sort = self._sort(controls.get("sort"))
        fields = self._fields(controls.get("fields"))
        terms = self._terms(controls.get("q"))
        after = self._cursor(controls.get("cursor"), sort)
        list_format = self._format(controls.get("format"))
        self.errors += self.slots.errors
        if self.errors:
            raise bad_parameters(self.errors)
        self.conditions.sort(key=lambda c: (c.name, c.operator))
        shape = QueryShape(tuple(self.conditions), terms, sort, fields, after)
        values = self.values | self.slots.values
        names = self.slots.names
        return ListQuery(shape, values, limit, total, most, list_format, self.etags, names)

    def _refuse(self, name: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(f"?{name}", code, detail))

    def _filter(self, parameter: str, texts: list[str]) -> None:
        sent, separator, operator = parameter.partition("__")
        slot = self.slots.take(sent)
        known = self.list_parameters.filters if slot is None else self.list_parameters.slots
        name = slot or sent
        filter_field = known.get(name)
        if filter_field is None or (separator and operator not in filter_field.operators):
            error = self.slots.unknown_parameter(parameter, sent)
            self.errors.append(error or unknown_parameter(parameter, self.list_parameters.names))
            return
        may_repeat = operator == "ne" or (filter_field.contains and not operator)
        if len(texts) > 1 and not may_repeat:
            self.errors.append(repeated_parameter(parameter))
            return
        texts = [composed(text) for text in texts]
        texts = texts[0].split(",") if operator == "in" else texts
        most = MOST_REPEATS if may_repeat else MOST_CHOICES
        if len(texts) > most:
            detail = f"`{parameter}` has more than {most} values. Send fewer at a time."
            self._refuse(parameter, "too_many", detail)
            return
        texts = texts if operator == "in" else list(dict.fromkeys(texts))
        suffix = f"{separator}{operator}"
        operator = operator or "eq"
        type_ = sa.Boolean() if operator == "isnull" else filter_field.type
        map_key = None if operator == "isnull" else self.slots.key(sent)
        for i, value in enumerate(texts):
            try:
                if operator == "contains":
                    parsed = pattern_within(value, longest=LONGEST_TEXT)
                else:
                    parsed = map_key.parse(value) if map_key else parse(type_, value)
                self.values[f"{name}{suffix}_{i}"] = parsed
            except ValueError as error:
                refused = f" Correct {quote(value)}." if len(texts) > 1 else ""
                self._refuse(parameter, "invalid", f"`{parameter}` must be {error}.{refused}")
                return
        self.conditions.append(Condition(name, operator, len(texts)))

    def _number(self, name: str, text: str | None, largest: int) -> int | None:
        if text is None:
            return None
        if re.fullmatch(f"[0-9]{{1,{len(str(largest))}}}", text) and 1 <= int(text) <= largest:
            return int(text)
        self._refuse(name, "invalid", f"`{name}` must be a whole number from 1 to {largest}.")
        return None

    def _format(self, text: str | None) -> ListFormat | None:
        if text is None:
            return None
        if text not in ListFormat._value2member_map_:
            allowed = ", ".join(list_format.value for list_format in ListFormat)
            self._refuse("format", "invalid", f"`format` must be one of {allowed}.")
            return None
        return ListFormat(text)

    def _flag(self, name: str, text: str | None) -> bool:
        if text not in {None, "true", "false"}:
            self._refuse(name, "invalid", f"`{name}` must be true or false.")
        return text == "true"

    def _sort(self, text: str | None) -> tuple[tuple[str, bool], ...]:
        if text is None:
            return self.list_parameters.default_sort
        sort: list[tuple[str, bool]] = []
        parts = text.split(",", MOST_SORTS)
        if len(parts) > MOST_SORTS:
            self._refuse(
                "sort", "too_many", f"`sort` names more than {MOST_SORTS} fields. Name fewer."
            )
            return self.list_parameters.default_sort
        for part in parts:
            sent = part.removeprefix("-")
            slot = self.slots.take(sent)
            name = slot or sent
            if slot is None and name not in self.list_parameters.sorts:
                allowed = ", ".join(self.list_parameters.sorts)
                detail = (
                    f"{quote(sent)} is not a field to sort by. Use one of: {allowed}. "
                    "A `-` before a field reverses its order."
                )
                unknown_key = self.slots.explain_sort(sent)
                self._refuse("sort", "unknown" if unknown_key else "invalid", unknown_key or detail)
                return self.list_parameters.default_sort
            if name in dict(sort):
                self._refuse("sort", "repeated", f"`sort` names {sent} more than once. Remove one.")
            sort.append((name, part.startswith("-")))
        return tuple(sort)

    def _fields(self, text: str | None) -> tuple[str, ...]:
        if text is None:
            return ()
        names = text.split(",")
        self.etags = self.list_parameters.has_etags and ETAG in names
        known = self.list_parameters.selectable
        unknown = [name for name in names if name not in known]
        if unknown:
            allowed = ", ".join(known)
            named = ", ".join(map(quote, unknown[:MOST_QUOTES]))
            verb = "is not a field" if len(unknown) == 1 else "are not fields"
            self._refuse("fields", "invalid", f"{named} {verb} of the list. Use: {allowed}.")
        return tuple(n for n in self.list_parameters.fields if n == "id" or n in names)

    def _terms(self, text: str | None) -> int:
        if text is None:
            return 0
        # Folding can split a word in two. The search still counts it as one word.
        words = _WORD.findall(text)
        terms = [folded for word in words if has_visible(folded := fold_for_search(word))]
        if not self.list_parameters.searchable:
            self._refuse("q", "unknown_parameter", "This list has no text search. Remove `q`.")
        elif "\x00" in text or len(text) > LONGEST_TEXT or len(words) > MOST_TERMS:
            detail = f"`q` must have at most {MOST_TERMS} words and {LONGEST_TEXT} characters."
            self._refuse("q", "invalid", detail)
        elif words and not terms:
            # Without a term, the search would find everything.
            detail = "`q` has no letter, digit or sign that a search can find. Send other words."
            self._refuse("q", "invalid", detail)
        for i, term in enumerate(terms[:MOST_TERMS]):
            self.values[f"q_{i}"] = like_pattern(term)
        return len(terms)

    def _cursor(self, text: str | None, sort: tuple[tuple[str, bool], ...]) -> tuple[bool, ...]:
        if text is None:
            return ()
        try:
            named, keys = orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
            types = self.list_parameters.key_types(sort)
            if named != _sort_text(sort, self.slots.names) or len(keys) != len(types):
                raise ValueError
            for i, (type_, key) in enumerate(zip(types, keys, strict=True)):
                if not isinstance(key, str | None) or (key is None and i == len(sort)):
                    raise ValueError
                self.values[f"after_{i}"] = None if key is None else _key(type_, key)
        except (ValueError, TypeError, UnicodeError, binascii.Error):
            detail = "`cursor` must be the `next_cursor` of a page with the same `sort`."
            self._refuse("cursor", "invalid", detail)
            return ()
        return tuple(key is None for key in keys)


def _key(type_: sa.types.TypeEngine[Any], text: str) -> Any:
    return text if isinstance(type_, sa.String) and "\x00" not in text else parse(type_, text)


def _sort_text(sort: tuple[tuple[str, bool], ...], key_names: Mapping[str, str]) -> str:
    return ",".join(
        f"{'-' if descending else ''}{key_names.get(name, name)}" for name, descending in sort
    )


def cursor_after(
    sort: tuple[tuple[str, bool], ...],
    keys: Sequence[Any],
    key_names: Mapping[str, str] = _NO_NAMES,
) -> str:
    """Make the opaque cursor for the rows after a row, from that row's sort keys.

    `key_names` are those of the query.
    """
    texts = [None if key is None else _text(key) for key in keys]
    packed = orjson.dumps([_sort_text(sort, key_names), texts])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def _text(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return key.isoformat() if hasattr(key, "isoformat") else str(key)
