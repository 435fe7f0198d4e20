"""A readable thing: which fields it shows, how it may be listed, and who may see its rows.

Every answer with a record in it is made here, from one statement that always carries the row
rule. A view cannot leave the rule out, because a resource cannot be declared without one.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import Response, request
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from catalogue.core import clock
from catalogue.core.actor import Actor, Scope, current_actor
from catalogue.core.database import Entity, work
from catalogue.core.errors import Forbidden, NotFound
from catalogue.core.reach import Profile, reach_of
from catalogue.core.rest.columns import Twin, on
from catalogue.core.rest.etag import etag_of, json_response, require_match
from catalogue.core.rest.moments import taken_from
from catalogue.core.rest.profiles import WITHHELD, Profiles, scope_parameter
from catalogue.core.rest.query import (
    LARGEST_LIMIT,
    MOST_CHOICES,
    Filterable,
    Vocabulary,
    cursor_after,
)
from catalogue.core.rest.schemas import ReadSchema
from catalogue.core.rest.statements import Reading, Statements, nullable
from catalogue.core.types import UtcDateTime

TODAY: ColumnElement[Any] = bindparam("today", type_=sa.Date(), required=True)
"""Stands in columns and row rules for the day of the request."""

A_YEAR_AGO: ColumnElement[Any] = bindparam("a_year_ago", type_=UtcDateTime(), required=True)
"""Stands for the moment at which the day of the request began last year."""

NOW: ColumnElement[Any] = bindparam("now", type_=UtcDateTime(), required=True)
"""Stands for the moment of the request."""

EVERYONE: ColumnElement[bool] = sa.true()
"""The row rule of reference data that every agency shares."""

NARROWING = (Scope.RISKS_READ, Scope.COSTS_READ)
"""Scopes that some fields need besides that of the operation."""

RANGED = (sa.Integer, sa.Numeric, sa.Date, sa.DateTime)


def actor_parameters(actor: Actor) -> dict[str, Any]:
    """The values that columns and row rules refer to."""
    now = clock.now()
    return {
        "actor_agency_id": actor.agency_id,
        "now": now,
        "today": clock.today(),
        "a_year_ago": clock.a_year_ago(),
        **{scope_parameter(scope): actor.has(scope) for scope in NARROWING},
        **reach_of(actor.agency_id).parameters(now),
    }


def past_parameters(actor: Actor, as_of: datetime) -> dict[str, Any]:
    """The same for reading what was. What the actor may see is decided by what is shared now."""
    day = as_of.astimezone(clock.UK).date()
    dated = {"as_of": as_of, "now": as_of, "today": day, "a_year_ago": clock.a_year_before(day)}
    return actor_parameters(actor) | dated


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """Declare a readable thing once; list it, read it and lock it everywhere by that."""

    name: str
    """The singular, as in the audit log and in error texts."""
    path: str
    """The collection's path, such as /v1/systems or /v1/systems/{system_id}/uses."""
    model: type[Entity]
    answer: type[ReadSchema]
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
    past: Any = None
    """How its records are read as they stood at a moment, where they can be: `of(resource)` gives
    the resource over its past."""
    found_first: Callable[[Actor], dict[str, Any]] = lambda _actor: {}
    """Values that the rules ask for, found by a query of their own: what would nest too deep."""
    default_sort: str = "name"
    owner: str | None = None
    """The model's attribute that holds the owning agency's id; none: only an administrator."""
    administered: bool = False
    """Whether an administrator may change it too: shared reference data, never an agency's own."""

    def __post_init__(self) -> None:
        promised = set(self.answer().fields)
        columns = {*self.columns, *([WITHHELD] if self.profiles else [])}
        if promised != columns:
            differing = ", ".join(sorted(promised ^ columns))
            raise TypeError(f"{self.name}: columns and answer differ in {differing}.")
        if self.profiles and self.search is not None and self.summary_search is None:
            raise TypeError(f"{self.name}: say what of its text the summary profile shows.")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What lists of it may be asked for."""
        filters: dict[str, Filterable] = {}
        sorts: dict[str, Any] = {}
        for name, unmasked in self.columns.items():
            expression = self._masked(name, unmasked)
            column = on("sqlite", expression)
            if name in self.contains:
                filters[name] = Filterable(expression, frozenset(), self._contains(name))
            elif isinstance(column.type, sa.JSON):
                continue
            else:
                sorts[name] = self._masked(name, self.sort_as.get(name, unmasked))
                if name not in self.not_filters:
                    operators = _operators(column, self.model.__table__)
                    shown = self.profiles.shown_where(name) if self.profiles else None
                    filters[name] = Filterable(unmasked, operators, shown_where=shown)
        return Vocabulary(
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
            vocabulary=self.vocabulary,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the answer, in order."""
        return (*self.columns, WITHHELD) if self.profiles else tuple(self.columns)

    def _masked(self, name: str, expression: Any) -> Any:
        return self.profiles.masked(name, expression) if self.profiles else expression

    def _contains(self, name: str) -> Any:
        within = self.contains[name]
        if self.profiles is None or (profile := self.profiles.profile_of(name)) is Profile.SUMMARY:
            return within
        shows = self.profiles.shows(profile)

        def shown_within(value: Any) -> Any:
            found = within(value)
            if isinstance(found, Twin):
                return Twin(sa.and_(shows, found.postgresql), sa.and_(shows, found.sqlite))
            return sa.and_(shows, found)

        return shown_within

    def listing(self, **within: Any) -> Response:
        """Answer a list: what the parameters ask for, of what the actor may see.

        `within` narrows it by fields that the path gives, such as the uses of one system.
        """
        arguments, as_of = (request.args, None) if self.past is None else taken_from(request.args)
        asked = self.vocabulary.read(arguments).within(within)
        reading = self._reading(as_of)
        statements = self._statements(as_of)
        found = reading.page(asked, statements)
        page: dict[str, Any] = {"next_cursor": None, "has_more": found.more_after is not None}
        headers: dict[str, str] = {}
        if found.more_after is not None:
            page["next_cursor"] = cursor_after(asked.shape.sort, found.more_after)
            headers["Link"] = _next_link(page["next_cursor"])
        if asked.total:
            page["total"] = reading.count(asked, statements)
        body = b'{"items":[%b],"page":%b}' % (
            b",".join(found.documents),
            orjson.dumps(page),
        )
        return json_response(body, headers=headers)

    def read(
        self,
        identity: UUID,
        *,
        status: int = 200,
        as_of: datetime | None = None,
        **within: UUID,
    ) -> Response:
        """Answer one record as the actor sees it; NotFound when it may not be seen.

        `within` are the fields that the path gives: a record of another system is not there.
        """
        document = self.document(identity, as_of=as_of)
        if within:
            said = orjson.loads(document)
            if any(said[name] != str(value) for name, value in within.items()):
                raise self.absent()
        created = status in {201, 202}
        headers = {"Location": f"{self.path.format(**within)}/{identity}"} if created else {}
        return json_response(document, status=status, headers=headers)

    def document(self, identity: UUID, *, as_of: datetime | None = None) -> bytes:
        """One record's JSON as the actor sees it; NotFound when it may not be seen."""
        found = self._reading(as_of).one(identity, self._statements(as_of))
        if found is None:
            raise self.absent()
        return found

    def documents(
        self, identities: Collection[UUID], *, as_of: datetime | None = None
    ) -> dict[UUID, dict[str, Any]]:
        """Some records by their ids, each as the actor sees it. What it may not see is left out."""
        reading, statements = self._reading(as_of), self._statements(as_of)
        found: dict[UUID, dict[str, Any]] = {}
        wanted = sorted(identities)
        for start in range(0, len(wanted), MOST_CHOICES):
            some = wanted[start : start + MOST_CHOICES]
            # Filled up with the last of them, so that the statement is the same for any number.
            some += [some[-1]] * (MOST_CHOICES - len(some))
            asked = {"id__in": ",".join(map(str, some)), "limit": str(MOST_CHOICES)}
            page = reading.page(self.vocabulary.read(MultiDict(asked)), statements)
            for record in map(orjson.loads, page.documents):
                found[UUID(record["id"])] = record
        return found

    def whole(self, **filters: str) -> Iterator[dict[str, Any]]:
        """Every record that the actor sees and that fits, in the list's own order, page by page."""
        asked = {**filters, "limit": str(LARGEST_LIMIT)}
        reading = self._reading()
        while True:
            query = self.vocabulary.read(MultiDict(asked))
            page = reading.page(query, self.statements)
            yield from map(orjson.loads, page.documents)
            if page.more_after is None:
                return
            asked["cursor"] = cursor_after(query.shape.sort, page.more_after)

    def absent(self) -> NotFound:
        """The error that says there is no such record: none at all, or none to be seen."""
        return NotFound(f"There is no such {self.name}.")

    def seen_by(self, actor: Actor, statement: sa.Select[Any]) -> sa.Select[Any]:
        """A query of one's own, with the row rule in it."""
        values = actor_parameters(actor) | self.found_first(actor)
        return statement.where(self.visible).params(values)

    def get(self, opened: Session, identity: UUID, *, lock: bool = False) -> Any:
        """The entity, if the actor may see it; else NotFound."""
        statement = self.seen_by(
            current_actor(), sa.select(self.model).where(self.model.id == identity)
        )
        if lock:
            statement = statement.with_for_update(of=self.model)
        found = opened.execute(statement.execution_options(populate_existing=True)).scalar()
        if found is None:
            raise self.absent()
        return found

    def require_visible(self, opened: Session, identity: UUID) -> None:
        """NotFound, if the actor may not see it: what belongs to it is then not there either."""
        asked = sa.select(self.model.id).where(self.model.id == identity)
        if opened.scalar(self.seen_by(current_actor(), asked)) is None:
            raise self.absent()

    def for_update(self, opened: Session, identity: UUID, **within: UUID) -> Any:
        """The entity, locked, for its owner to change. `within` is what the path says of it.

        NotFound when the actor may not see it, Forbidden when it may see but not write it,
        PreconditionFailed when If-Match names another state of it.
        """
        found = self.get(opened, identity, lock=True)
        if any(getattr(found, name) != value for name, value in within.items()):
            raise self.absent()
        self.require_owner(found)
        require_match(etag_of(self.document(identity)))
        return found

    def require_owner(self, entity: Any) -> None:
        """Only the owning agency writes a record; shared reference data, an administrator."""
        actor = current_actor()
        owner = getattr(entity, self.owner) if self.owner else None
        if self.administered and actor.has(Scope.ADMIN):
            return
        if owner is None:
            raise Forbidden(f"Only an administrator may change this {self.name}.")
        if owner != actor.agency_id:
            raise Forbidden(f"Only the agency that owns this {self.name} may change it.")

    @cached_property
    def then(self) -> "Resource":
        """The same over its past."""
        then: Resource = self.past.of(self)
        return then

    def _statements(self, as_of: datetime | None) -> Statements:
        return self.statements if as_of is None else self.then.statements

    def _reading(self, as_of: datetime | None = None) -> Reading:
        actor = current_actor()
        watched = (
            self.profiles is not None
            and self.profiles.shows_full(actor)
            and (
                self.profiles.shown_beyond_shares
                or reach_of(actor.agency_id).shows_all(clock.now())
            )
        )
        parameters = actor_parameters(actor) if as_of is None else past_parameters(actor, as_of)
        parameters |= self.found_first(actor)
        return Reading(work(), parameters, self.name if watched else None)


def _operators(column: ColumnElement[Any], table: Any) -> frozenset[str]:
    operators = {"isnull"} if nullable(column, table) else set()
    if not isinstance(column.type, sa.Boolean):
        operators.add("in")
    if isinstance(column.type, (*RANGED, UtcDateTime)):
        operators |= {"gte", "lte"}
    return frozenset(operators)


def _next_link(cursor: str) -> str:
    arguments = request.args.copy()
    arguments["cursor"] = cursor
    query = urlencode(list(arguments.items(multi=True)))
    return f'<{request.path}?{query}>; rel="next"'
