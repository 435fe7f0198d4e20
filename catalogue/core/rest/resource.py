"""The declaration of a readable thing: its fields, how it may be listed, and who sees its rows.

Every answer with a record in it is made from one statement that always carries the row rule. A view
cannot leave the rule out, because a resource cannot be declared without one. `reader` runs the
statements, and `responses` answers over HTTP.
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
from catalogue.core.rest.profiles import WITHHELD, Profiles
from catalogue.core.rest.query import FilterField, ListParameters
from catalogue.core.rest.schemas import ReadSchema
from catalogue.core.rest.statements import Statements, nullable
from catalogue.core.sharing import Profile
from catalogue.core.types import UtcDateTime

TODAY: ColumnElement[Any] = bindparam("today", type_=sa.Date(), required=True)
"""Stands in columns and row rules for the day of the request."""

A_YEAR_AGO: ColumnElement[Any] = bindparam("a_year_ago", type_=UtcDateTime(), required=True)
"""Stands for the moment at which the day of the request began last year."""

NOW: ColumnElement[Any] = bindparam("now", type_=UtcDateTime(), required=True)
"""Stands for the moment of the request."""

EVERYONE: ColumnElement[bool] = sa.true()
"""The row rule of reference data that every agency shares."""

RANGED = (sa.Integer, sa.Numeric, sa.Date, sa.DateTime)


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """Declare a readable thing once: the reader and the responses read it everywhere by that."""

    name: str
    """The singular, as in the audit log and in error texts."""
    path: str
    """The collection's path, such as /v1/systems or /v1/systems/{system_id}/uses."""
    model: type[Entity]
    schema: type[ReadSchema]
    columns: Mapping[str, Any]
    """Each field of the answer and the SQL that gives it. The order is the answer's."""
    visible: ColumnElement[bool]
    """The row rule: which rows the actor may see."""
    source: Any = None
    """The tables to select from, where it is more than the model's own."""
    contains: Mapping[str, Any] = field(default_factory=dict)
    """Filters on fields that are lists: a function from the value sought to a condition."""
    sort_as: Mapping[str, Any] = field(default_factory=dict)
    """Fields that are sorted by another expression, such as a name by its folded form."""
    not_filters: frozenset[str] = frozenset()
    search: Any = None
    """The folded text that `q` looks through."""
    summary_search: Any = None
    """What of it the summary profile shows, where there are profiles: a part of that text."""
    profiles: Profiles | None = None
    """Which fields are shown of which rows; without, all fields of all visible rows."""
    identity: Any = None
    """The column with the id, where it is not the model's own."""
    as_of: Any = None
    """How its records are read as they stood at a moment, where they can be:
    `as_of_resource(resource)` gives the resource over its past."""
    rule_values: Callable[[Context], dict[str, Any]] = lambda _context: {}
    """Values that the rules ask for, found by a query of their own: what would nest too deep."""
    default_sort: str = "name"
    owner: str | None = None
    """The model's attribute that holds the owning agency's id; none: only an administrator."""
    administered: bool = False
    """Whether an administrator may change it too: shared reference data, never an agency's own."""

    def __post_init__(self) -> None:
        promised = set(self.schema._declared_fields)
        columns = {*self.columns, *([WITHHELD] if self.profiles else [])}
        if promised != columns:
            differing = ", ".join(sorted(promised ^ columns))
            raise TypeError(f"{self.name}: columns and answer differ in {differing}.")
        if self.profiles and self.search is not None and self.summary_search is None:
            raise TypeError(f"{self.name}: say what of its text the summary profile shows.")

    @cached_property
    def list_parameters(self) -> ListParameters:
        """What lists of it may be asked for."""
        filters: dict[str, FilterField] = {}
        sorts: dict[str, Any] = {}
        for name, unmasked in self.columns.items():
            expression = self._masked(name, unmasked)
            column = for_dialect("sqlite", expression)
            if name in self.contains:
                filters[name] = FilterField(expression, frozenset(), self._contains(name))
            elif isinstance(column.type, sa.JSON):
                continue
            else:
                sorts[name] = self._masked(name, self.sort_as.get(name, unmasked))
                if name not in self.not_filters:
                    operators = _operators(column, self.model.__table__)
                    shown_where = self.profiles.shown_where(name) if self.profiles else None
                    filters[name] = FilterField(unmasked, operators, shown_where=shown_where)
        return ListParameters(
            fields=self.names,
            filters=filters,
            sorts=sorts,
            default_sort=tuple(
                (key.removeprefix("-"), key.startswith("-")) for key in self.default_sort.split(",")
            ),
            searchable=self.search is not None,
        )

    @cached_property
    def statements(self) -> Statements:
        """The SQL of its lists and reads."""
        return Statements(
            columns=self.columns,
            identity=self.model.__table__.c.id if self.identity is None else self.identity,
            source=self.source if self.source is not None else self.model.__table__,
            visible=self.visible,
            search=self.search,
            summary_search=self.summary_search,
            profiles=self.profiles,
            list_parameters=self.list_parameters,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the answer, in order."""
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
        """The error that says there is no such record: none at all, or none to be seen."""
        return NotFound(f"There is no such {self.name}.")

    @cached_property
    def as_of_resource(self) -> "Resource":
        """The same over its past."""
        resource: Resource = self.as_of.as_of_resource(self)
        return resource

    def statements_at(self, as_of: datetime | None) -> Statements:
        """The SQL for its records as they are, or as they stood at a moment."""
        return self.statements if as_of is None else self.as_of_resource.statements


def _operators(column: ColumnElement[Any], table: Any) -> frozenset[str]:
    operators = {"isnull"} if nullable(column, table) else set()
    if not isinstance(column.type, sa.Boolean):
        operators.add("in")
    if isinstance(column.type, (*RANGED, UtcDateTime)):
        operators |= {"gte", "lte"}
    return frozenset(operators)
