"""Resources: declarations of a kind of record, with its fields, filters and row rule.

Each response with a record comes from one statement that always includes the row rule. A view
cannot leave the rule out, because a resource cannot be declared without one. `reader` runs the
statements, and `responses` turns the results into HTTP responses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam

from catalogue.core.context import Context
from catalogue.core.database import Entity
from catalogue.core.errors import NotFound
from catalogue.core.rest.columns import DialectExpression, for_dialect
from catalogue.core.rest.map_keys import MapKeys, slot_operators, slot_value, slots
from catalogue.core.rest.profiles import WITHHELD, Profiles
from catalogue.core.rest.query import FilterField, ListParameters
from catalogue.core.rest.schemas import ReadSchema
from catalogue.core.rest.statements import Statements, nullable
from catalogue.core.sharing import Profile
from catalogue.core.sort_keys import searched_in, sorted_by
from catalogue.core.types import UtcDateTime

TODAY: ColumnElement[Any] = bindparam("today", type_=sa.Date(), required=True)
"""The day of the request in the United Kingdom, for columns and row rules."""

A_YEAR_AGO: ColumnElement[Any] = bindparam("a_year_ago", type_=UtcDateTime(), required=True)
"""The moment at which the same day of last year began, for columns and row rules."""

NOW: ColumnElement[Any] = bindparam("now", type_=UtcDateTime(), required=True)
"""The moment of the request, for columns and row rules."""

EVERYONE: ColumnElement[bool] = sa.true()
"""The row rule of reference data, which every agency can see."""

REFERENCE_DATA: dict[Any, "Resource"] = {}
"""The resources that have codes and that every agency can see, by their tables."""

RANGED = (sa.Integer, sa.Numeric, sa.Date, sa.DateTime)


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """A kind of record, declared once for every read, list and response."""

    name: str
    """The name in the singular, as it is in the audit log."""
    path: str
    """The collection's path, such as /v1/systems or /v1/systems/{system_id}/uses."""
    model: type[Entity]
    schema: type[ReadSchema]
    columns: Mapping[str, Any]
    """The SQL of each field, in the order of the fields in a response."""
    visible: ColumnElement[bool]
    """The row rule: the condition of the rows that the actor can see."""
    source: Any = None
    """The tables to select from, if there are more than the model's own."""
    contains: Mapping[str, Any] = field(default_factory=dict)
    """The filters on list fields: for each, a function that makes the condition for a value."""
    part_filters: Mapping[str, FilterField] = field(default_factory=dict)
    """The filters on parts of a record that are no field by themselves, such as a member's id."""
    group_by: Mapping[str, Any] = field(default_factory=dict)
    """The columns or `Entries` of the fields by which the records can be counted."""
    sort_as: Mapping[str, Any] = field(default_factory=dict)
    """Fields that are sorted by another expression, such as a name by its folded form."""
    not_filters: frozenset[str] = frozenset()
    map_keys: MapKeys | None = None
    """The map by whose keys the lists can be filtered and sorted."""
    search: Any = None
    """The folded text that `q` searches."""
    summary_search: Any = None
    """The part of the searched text that the summary profile shows, if there are profiles."""
    profiles: Profiles | None = None
    """The field mask. Without one, every visible row shows all fields."""
    identity: Any = None
    """The column with the id, if it is not the model's own."""
    as_of: Any = None
    """The declaration of as-of reads, if the resource has them.

    Its method `as_of_resource(resource)` returns the resource over the past states of its records.
    """
    was_visible: Callable[[Context, Any, datetime], bool] | None = None
    """`was_visible(context, record, at)`: whether the actor saw a record that ended at a moment.

    The record has `agency_id` and its last `disclosure`. The rule decides who sees a deletion in
    the change feed, and for which readers an old id leads to the survivor of a merger. Without
    one, the feed shows deletions to the owner alone, and records cannot be merged.
    """
    rule_values: Callable[[Context], dict[str, Any]] = lambda _context: {}
    """Values for the row rule from separate queries, which would nest too deeply in the rule."""
    default_sort: str = "name"
    has_etags: bool = True
    """False if no operation reads one record as the lists show it, so a row has no entity tag."""
    owner: str | None = None
    """The model's attribute with the owning agency's id. If None, only an administrator writes."""
    narrowed_to: DialectExpression | None = None
    """The condition of the rows that the lists show, if they leave out some visible rows."""
    administered: bool = False
    """True if administrators can change the records, as for shared reference data."""

    def __post_init__(self) -> None:
        promised = set(self.schema._declared_fields)
        columns = {*self.columns, *([WITHHELD] if self.profiles else [])}
        if promised != columns:
            differing = ", ".join(sorted(promised ^ columns))
            raise TypeError(f"{self.name}: the columns and the schema differ in {differing}.")
        if self.profiles and self.search is not None and self.summary_search is None:
            raise TypeError(f"{self.name}: `summary_search` must name the text of the summary.")
        if self.visible is EVERYONE and "code" in self.columns:
            REFERENCE_DATA[self.model.__table__] = self

    @property
    def noun(self) -> str:
        """The name as words of a sentence."""
        return self.name.replace("_", " ")

    @cached_property
    def list_parameters(self) -> ListParameters:
        """The filters, sorts and fields of the resource's lists."""
        filters: dict[str, FilterField] = {}
        path_fields: dict[str, FilterField] = {}
        sorts: dict[str, Any] = {}
        for name, unmasked in self.columns.items():
            expression = self._masked(name, unmasked)
            column = for_dialect("sqlite", expression)
            if name in self.contains:
                filters[name] = FilterField(expression, frozenset(), self._contains(name))
            elif isinstance(column.type, sa.JSON):
                continue
            else:
                sorts[name] = self._masked(name, sorted_by(self.sort_as.get(name, unmasked)))
                if name not in self.not_filters:
                    can_be_null = bool(self.schema._declared_fields[name].allow_none) and nullable(
                        for_dialect("sqlite", unmasked), self.model.__table__
                    )
                    operators = _operators(column, can_be_null=can_be_null)
                    folded = self._folded(name)
                    if folded is not None:
                        operators |= {"contains"}
                    shown_where = self.profiles.shown_where(name) if self.profiles else None
                    # A parameter that repeats the path would clash with it in generated clients.
                    fields = path_fields if f"{{{name}}}" in self.path else filters
                    fields[name] = FilterField(
                        unmasked, operators, folded=folded, shown_where=shown_where
                    )
        slots_of_map = self._slots()
        return ListParameters(
            fields=self.names,
            filters=filters | dict(self.part_filters),
            sorts=sorts,
            default_sort=tuple(
                (key.removeprefix("-"), key.startswith("-")) for key in self.default_sort.split(",")
            ),
            searchable=self.search is not None,
            has_etags=self.has_etags,
            path_fields=path_fields,
            map_keys=self.map_keys,
            slots=slots_of_map,
            slot_sorts={
                name: self._masked(self.map_keys.field, slot.expression)
                for name, slot in slots_of_map.items()
                if self.map_keys
            },
        )

    def _folded(self, name: str) -> Any:
        """Return the form of a name in which a filter searches, or None for other fields."""
        expression = self.sort_as.get(name)
        column = getattr(expression, "key", None)
        is_name = isinstance(column, str) and column.endswith("_key")
        return searched_in(expression) if is_name else None

    def _slots(self) -> dict[str, FilterField]:
        if self.map_keys is None:
            return {}
        field = self.map_keys.field
        column = for_dialect("postgresql", self.columns[field])
        shown_where = self.profiles.shown_where(field) if self.profiles else None
        return {
            slot: FilterField(
                slot_value(column, slot, kind), slot_operators(kind), shown_where=shown_where
            )
            for slot, kind in slots(field)
        }

    @cached_property
    def statements(self) -> Statements:
        """The SQL of the resource's lists and reads."""
        return Statements(
            columns=self.columns,
            identity=self.model.__table__.c.id if self.identity is None else self.identity,
            source=self.source if self.source is not None else self.model.__table__,
            visible=self.visible,
            narrowed_to=self.narrowed_to,
            search=self.search,
            summary_search=self.summary_search,
            profiles=self.profiles,
            list_parameters=self.list_parameters,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of a response, in order."""
        return (*self.columns, WITHHELD) if self.profiles else tuple(self.columns)

    def _masked(self, name: str, expression: Any) -> Any:
        return self.profiles.masked(name, expression) if self.profiles else expression

    def _contains(self, name: str) -> Any:
        contains = self.contains[name]
        if self.profiles is None or (profile := self.profiles.profile_of(name)) is Profile.SUMMARY:
            return contains
        shows = self.profiles.shows(profile)

        def shown_contains(value: Any) -> Any:
            matches = contains(value)
            if isinstance(matches, DialectExpression):
                return DialectExpression(
                    sa.and_(shows, matches.postgresql), sa.and_(shows, matches.sqlite)
                )
            return sa.and_(shows, matches)

        return shown_contains

    def absent(self) -> NotFound:
        """Make the error for a record that does not exist or that the actor cannot see."""
        return NotFound(
            f"There is no such {self.noun}, or your agency cannot see it. Check its id."
        )

    def explain_unknown(self) -> str:
        """Return the message for a request that refers to a record unknown to the actor."""
        plural = self.path.rsplit("/", 1)[-1].replace("-", " ")
        return f"You can see no {self.noun} with this id. `GET {self.path}` lists the {plural}."

    @cached_property
    def as_of_resource(self) -> "Resource":
        """This resource, read from the past states of its records."""
        resource: Resource = self.as_of.as_of_resource(self)
        return resource

    def statements_at(self, as_of: datetime | None) -> Statements:
        """Return the SQL for the records as they are, or as they stood at a moment."""
        return self.statements if as_of is None else self.as_of_resource.statements


def _operators(column: ColumnElement[Any], *, can_be_null: bool) -> frozenset[str]:
    operators = {"isnull"} if can_be_null else set()
    if not isinstance(column.type, sa.Boolean):
        operators.add("in")
    if isinstance(column.type, (*RANGED, UtcDateTime)):
        operators |= {"gte", "lte"}
    if isinstance(column.type, sa.Enum) or getattr(column, "name", "") == "code":
        operators.add("ne")
    return frozenset(operators)
