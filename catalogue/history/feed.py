"""Change feed: the events that an actor can see, page by page, as the API shows them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.database import Base, pairs
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import Profile
from catalogue.core.types import same_json
from catalogue.history.access_query import (
    LAST_PLACE,
    access_event,
    access_events,
    event_once_seen,
    is_access,
)
from catalogue.history.audience.comparison import WITHDRAWN
from catalogue.history.audience.settlement import AFTER_EVENTS
from catalogue.history.event_kinds import is_wanted
from catalogue.history.event_levels import QueryKey
from catalogue.history.event_query import events, kind_of, visible_ids, visible_keys
from catalogue.history.feed_fields import KINDS, FeedSpec, Lookups, feed_spec
from catalogue.history.models import HistoryHead

HEAD = sa.select(HistoryHead.number).where(HistoryHead.id == 1)


@dataclass(frozen=True, order=True)
class Position:
    """A place in the order of the commits. Clients never see it: gaps would reveal hidden changes."""

    number: int = 0
    ordinal: int = 0


BEGINNING = Position()
END = Position(2**62)


def end_of(number: int) -> Position:
    """Return the place after all events of a change set."""
    return Position(number, AFTER_EVENTS)


class UnknownEvent(LookupError):
    """The error for an event that does not exist or that the actor never saw."""


@dataclass(frozen=True)
class EventPage:
    """The events of a page as the API shows them, and whether more follow."""

    items: list[dict[str, Any]]
    has_more: bool
    positions: list[Position]
    """The place of each event, for readers within the service."""


@dataclass(frozen=True)
class Feed:
    """A reader of events for the actor of a context."""

    context: Context
    kinds: tuple[str, ...]
    """The kinds of records whose events are read."""
    history_of: UUID | None = None
    """The id of the record whose history is read, or None for the feed."""
    resource_id: UUID | None = None
    """The id of the record whose events of the feed are read, or None for all records."""
    event_kinds: frozenset[str] = frozenset()
    """The kinds of events, as they are shown, or `system.*`. All kinds if it is empty."""
    newest_first: bool = False

    def position_of(self, event_id: UUID) -> Position:
        """Find the place of an event. Raises UnknownEvent if the actor never saw it."""
        access = None if self.history_of else self._access(event_id)
        if access is not None:
            return Position(access.number, access.ordinal)
        found = self._find(event_id)
        if found is not None:
            row, _item = found
        else:
            row = None if self.history_of else self._event_once_seen(event_id)
        if row is None:
            raise UnknownEvent
        is_last = row.ordinal == row.event_count and not self.newest_first
        return end_of(row.number) if is_last else Position(row.number, row.ordinal)

    def page(self, after: Position, limit: int) -> EventPage:
        """Read the events that follow a place, or come before it if the newest are first."""
        shown: list[tuple[Any, dict[str, Any]]] = []
        # One event more than the page holds shows whether more follow.
        while len(shown) <= limit:
            rows = self._rows_beyond(after, limit + 1)
            items = self._shown(rows)
            shown += [each for each in items if self._is_wanted(each[1])]
            if len(rows) <= limit:
                break
            after = Position(rows[-1].number, rows[-1].ordinal)
        self._note_reads([row for row, _ in shown[:limit] if not is_access(row)])
        return EventPage(
            [item for _, item in shown[:limit]],
            len(shown) > limit,
            [Position(row.number, row.ordinal) for row, _ in shown[:limit]],
        )

    def find(self, event_id: UUID) -> dict[str, Any] | None:
        """Return an event as the actor sees it now, or None if the actor cannot see it."""
        found = self._find(event_id)
        if found is None:
            return None
        row, item = found
        if not is_access(row):
            self._note_reads([row])
        return item

    def _find(self, event_id: UUID) -> tuple[Any, dict[str, Any]] | None:
        access = None if self.history_of else self._access(event_id)
        if access is not None:
            rows: Sequence[Any] = [access]
        else:
            kind = self.context.session.scalar(kind_of(event_id))
            if kind is None or kind not in self.kinds:
                return None
            key = replace(self._key(), kinds=(kind,), single=True)
            rows = self._rows(key, event_id=event_id)
        shown = self._shown(rows)
        return shown[0] if shown else None

    def _access(self, event_id: UUID) -> Any:
        values = {"event_id": event_id, "agency": self.context.actor.agency_id}
        row = self.context.session.execute(access_event(), values).first()
        return row if row is not None and row.resource in self.kinds else None

    def end(self) -> Position:
        """Return the place after all that the feed holds now."""
        number = self._last_number()
        last = self.context.session.execute(LAST_PLACE, {"number": number}).scalar()
        return max(end_of(number), Position(number, last or 0))

    def _last_number(self) -> int:
        return int(self.context.session.execute(HEAD).scalar() or 0)

    def _key(self) -> QueryKey:
        return QueryKey(
            self.context.database.dialect,
            self.kinds,
            of_record=self.history_of is not None,
            of_one=self.resource_id is not None,
            newest_first=self.newest_first,
        )

    def _is_wanted(self, item: dict[str, Any]) -> bool:
        return is_wanted(item["kind"], self.event_kinds)

    def _rows_beyond(self, after: Position, limit: int) -> list[Any]:
        """Read the next events and changes of access, in one order."""
        if not self.kinds:
            return []
        reads_access = self.history_of is None and self.context.actor.agency_id is not None
        # Without a common end, the later of two statements could read past what the earlier missed.
        last = self._last_number() if reads_access else END.number
        values: dict[str, Any] = {
            "number": after.number,
            "ordinal": after.ordinal,
            "last": last,
            "limit": limit,
        }
        rows = list(self._rows(self._key(), **values))
        if reads_access:
            values |= {"agency": self.context.actor.agency_id, "kinds": list(self.kinds)}
            if self.resource_id is not None:
                values["record_id"] = self.resource_id
            statement = access_events(
                newest_first=self.newest_first, of_one=self.resource_id is not None
            )
            rows += self.context.session.execute(statement, values).all()
            rows.sort(key=lambda row: (row.number, row.ordinal), reverse=self.newest_first)
        return rows[:limit]

    def _event_once_seen(self, event_id: UUID) -> Any:
        """Find an event of a record that the actor saw later, until its end or a withdrawal."""
        values = {"event_id": event_id, "agency": self.context.actor.agency_id}
        return self.context.session.execute(event_once_seen(), values).first()

    def _rows(self, key: QueryKey, **values: Any) -> Sequence[Any]:
        values = {"limit": 1} | values
        if self.history_of or self.resource_id:
            values["record_id"] = self.history_of or self.resource_id
        return self.context.connection.execute(
            events(key), values | rule_parameters(self.context)
        ).all()

    def _shown(self, rows: Sequence[Any]) -> list[tuple[Any, dict[str, Any]]]:
        of_log = [row for row in rows if not is_access(row)]
        given = self._still_given([row for row in rows if is_access(row)])
        lookups = self._look_up(of_log)
        shown = [
            (row, _access_item(row, given))
            if is_access(row)
            else (row, self._item(row, feed_spec(row.resource), lookups))
            for row in rows
        ]
        return [(row, item) for row, item in shown if item is not None]

    def _still_given(self, rows: Sequence[Any]) -> dict[tuple[str, UUID], str | None]:
        """Find the addresses of those records of changes of access that the actor sees now."""
        by_kind: defaultdict[str, set[UUID]] = defaultdict(set)
        for row in rows:
            by_kind[row.resource].add(row.resource_id)
        addresses: dict[tuple[str, UUID], str | None] = {}
        for kind, ids in by_kind.items():
            spec = feed_spec(kind)
            values = rule_parameters(self.context) | {"ids": list(ids)}
            for row in self.context.session.execute(visible_keys(kind), values):
                addresses[kind, row.id] = spec.path(row.id, dict(row._mapping))
        return addresses

    def _look_up(self, rows: Sequence[Any]) -> Lookups:
        """Look up the codes and visible records of all rows, with one query for each table."""
        codes: defaultdict[str, set[UUID]] = defaultdict(set)
        references: defaultdict[Resource, set[UUID]] = defaultdict(set)
        for row in rows:
            codes["agency"] |= {each for each in (row.agency_id, row.acting_id) if each}
            for key, field in feed_spec(row.resource).fields.items():
                for recorded in (row.before, row.state):
                    if recorded and key in recorded:
                        for table, identity in field.codes(recorded[key]):
                            codes[table].add(identity)
                        for resource, identity in field.references(recorded[key]):
                            references[resource].add(identity)
        return Lookups(
            {table: self._codes(table, ids) for table, ids in codes.items() if ids},
            {to.name: self._visible_ids(to, ids) for to, ids in references.items()},
        )

    def _codes(self, table: str, ids: set[UUID]) -> dict[UUID, str]:
        # Packages above define most of these tables, so this refers to them by their names.
        named = Base.metadata.tables[table]
        word = named.c.code if "code" in named.c else named.c.name
        statement = sa.select(named.c.id, word).where(named.c.id.in_(ids))
        return pairs(self.context.session, statement)

    def _visible_ids(self, to: Resource, ids: set[UUID]) -> frozenset[UUID]:
        values = rule_parameters(self.context) | {"ids": list(ids)}
        return frozenset(self.context.session.scalars(visible_ids(to), values))

    def _item(self, row: Any, spec: FeedSpec, lookups: Lookups) -> dict[str, Any] | None:
        """Make an event as the API shows it, or None if nothing changed that the actor sees."""
        owned = self._is_owner(row.agency_id)
        if not owned and row.state is None and not self._saw_end(row, spec):
            return bare_item(row, row.kind, None) if row.saw_end else None
        changes = _changes(row, spec, lookups, owned=owned)
        if not changes and (row.before or (row.before is None and row.state is not None)):
            return None
        known = {self.context.actor.agency_id}
        if not spec.hides_owner:
            known.add(row.agency_id)
        acting = owned or not (spec.hides_actor or spec.hides_owner) or row.acting_id in known
        return {
            "id": row.id,
            "at": row.at,
            "kind": _kind(row),
            "resource": row.resource,
            "resource_id": row.resource_id,
            "path": None if row.state is None else spec.path(row.resource_id, row.state),
            "agency": (
                None if spec.hides_owner and not owned else lookups.code("agency", row.agency_id)
            ),
            "acting_agency": lookups.code("agency", row.acting_id) if acting else None,
            "client_id": row.client_id if owned else None,
            "person": row.person if owned else None,
            "reason": row.reason if owned else None,
            "import_id": row.import_id if owned else None,
            "changes": changes,
            "withheld": spec.withheld(row.level),
        }

    def _saw_end(self, row: Any, spec: FeedSpec) -> bool:
        """Return whether the actor saw another agency's record until its deletion."""
        was_visible = spec.resource.was_visible
        return was_visible is not None and was_visible(self.context, row, row.at)

    def _is_owner(self, owner: UUID | None) -> bool:
        if owner is None:
            return self.context.actor.has(Scope.ADMIN)
        return owner == self.context.actor.agency_id

    def _note_reads(self, rows: list[Any]) -> None:
        """Note the sensitive fields of other agencies that the page shows, for the access log."""
        for kind in {row.resource for row in rows}:
            spec = feed_spec(kind)
            full = [key for key, profile in spec.profiles.items() if profile is Profile.FULL]
            if not full:
                continue
            foreign = {
                (row.resource_id, row.agency_id)
                for row in rows
                if row.resource == kind
                and row.level >= Profile.FULL
                and row.agency_id not in {None, self.context.actor.agency_id}
                and (row.level_before < Profile.FULL or set(full) & set(row.before or full))
            }
            names = tuple(sorted(spec.fields[key].name for key in full))
            self.context.note_read(spec.resource.name, names, sorted(foreign))


def _access_item(row: Any, given: Mapping[tuple[str, UUID], str | None]) -> dict[str, Any] | None:
    """Make a change of access as the API shows it: the record, and nothing else about it."""
    record = row.resource, row.resource_id
    if row.verb == WITHDRAWN:
        return bare_item(row, f"{row.resource}.{row.verb}", None)
    if record not in given:
        return None
    return bare_item(row, f"{row.resource}.{row.verb}", given[record])


def bare_item(row: Any, kind: str, path: str | None) -> dict[str, Any]:
    """Make an event that shows only which record it concerns."""
    return {
        "id": row.id,
        "at": row.at,
        "kind": kind,
        "resource": row.resource,
        "resource_id": row.resource_id,
        "path": path,
        "agency": None,
        "acting_agency": None,
        "client_id": None,
        "person": None,
        "reason": None,
        "import_id": None,
        "changes": {},
        "withheld": [],
    }


def kinds_for(actor: Actor, kinds: Sequence[str] = KINDS) -> tuple[str, ...]:
    """Return the kinds of records that the actor's token permits."""
    return tuple(kind for kind in kinds if actor.has(feed_spec(kind).scope))


def _kind(row: Any) -> str:
    """Return the kind of event, with a general verb for an actor who sees part of the record."""
    if row.state is None or min(row.level, row.level_before) >= Profile.FULL:
        return str(row.kind)
    return f"{row.resource}.{'created' if row.before is None else 'updated'}"


def _changes(
    row: Any, spec: FeedSpec, lookups: Lookups, *, owned: bool
) -> dict[str, dict[str, Any]]:
    before, state = row.before or {}, row.state or {}
    changes = {}
    for key, profile in spec.profiles.items():
        if profile > row.level or (key in spec.owner_only and not owned):
            continue
        # A field that the actor saw before the change shows its change. Any other field appears
        # as new, which hides its old value and whether it changed.
        was_seen = row.before is not None and profile <= row.level_before
        if was_seen and key not in before:
            continue
        field = spec.fields[key]
        was = field.value(before[key], lookups) if was_seen else None
        now = field.value(state.get(key), lookups) if row.state is not None else None
        if not same_json(was, now):
            changes[field.name] = {"before": was, "after": now}
    return changes
