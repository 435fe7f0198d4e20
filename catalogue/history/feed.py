"""Change feed: the events that an actor can see, page by page, as the API shows them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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
from catalogue.history.event_query import QueryKey, events, kind_of, visible_ids
from catalogue.history.feed_fields import KINDS, FeedSpec, Lookups, feed_spec
from catalogue.history.models import HistoryHead

HEAD = sa.select(HistoryHead.number).where(HistoryHead.id == 1)


@dataclass(frozen=True, order=True)
class Position:
    """A place in the order of the commits. Clients never see it: gaps would reveal hidden changes."""

    number: int = 0
    ordinal: int = 0


BEGINNING = Position()


def end_of(number: int) -> Position:
    """Return the place after all events of a change set."""
    return Position(number + 1)


class UnknownEvent(LookupError):
    """The error for an event that does not exist or that the actor cannot see."""


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
    record: UUID | None = None
    """The id of the record whose events are read, or None for all records."""

    def position_of(self, event_id: UUID) -> Position:
        """Find the place of an event. Raises UnknownEvent if the actor cannot see it."""
        found = self._find(event_id)
        if found is None:
            raise UnknownEvent
        row, _item = found
        is_last = row.ordinal == row.event_count
        return end_of(row.number) if is_last else Position(row.number, row.ordinal)

    def page(self, after: Position, limit: int) -> EventPage:
        """Read the events that follow a place."""
        key = QueryKey(self._dialect, self.kinds, self._of_record)
        shown: list[tuple[Any, dict[str, Any]]] = []
        # One event more than the page holds shows whether more follow.
        while len(shown) <= limit:
            rows = self._rows(key, number=after.number, ordinal=after.ordinal, limit=limit + 1)
            shown += self._shown(rows)
            if len(rows) <= limit:
                break
            after = Position(rows[-1].number, rows[-1].ordinal)
        self._note_reads([row for row, _ in shown[:limit]])
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
        self._note_reads([row])
        return item

    def _find(self, event_id: UUID) -> tuple[Any, dict[str, Any]] | None:
        kind = self.context.session.scalar(kind_of(event_id))
        if kind is None or kind not in self.kinds:
            return None
        key = QueryKey(self._dialect, (kind,), self._of_record, single=True)
        shown = self._shown(self._rows(key, event_id=event_id))
        return shown[0] if shown else None

    def head(self) -> int:
        """Return the number of the last change set."""
        return int(self.context.session.execute(HEAD).scalar() or 0)

    @property
    def _dialect(self) -> str:
        return self.context.database.dialect

    @property
    def _of_record(self) -> bool:
        return self.record is not None

    def _rows(self, key: QueryKey, **values: Any) -> Sequence[Any]:
        if not key.kinds:
            return ()
        values = {"limit": 1, "record_id": self.record} | values
        if not self._of_record:
            del values["record_id"]
        return self.context.session.execute(
            events(key), values | rule_parameters(self.context)
        ).all()

    def _shown(self, rows: Sequence[Any]) -> list[tuple[Any, dict[str, Any]]]:
        lookups = self._look_up(rows)
        shown = [(row, self._item(row, feed_spec(row.resource), lookups)) for row in rows]
        return [(row, item) for row, item in shown if item is not None]

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
        # Packages above define the tables with codes, so this refers to them by their names.
        named = Base.metadata.tables[table]
        statement = sa.select(named.c.id, named.c.code).where(named.c.id.in_(ids))
        return pairs(self.context.session, statement)

    def _visible_ids(self, to: Resource, ids: set[UUID]) -> frozenset[UUID]:
        values = rule_parameters(self.context) | {"ids": list(ids)}
        return frozenset(self.context.session.scalars(visible_ids(to), values))

    def _item(self, row: Any, spec: FeedSpec, lookups: Lookups) -> dict[str, Any] | None:
        """Make an event as the API shows it, or None if nothing changed that the actor sees."""
        owned = self._is_owner(row.agency_id)
        if not owned and row.state is None and not self._saw_end(row, spec):
            return None
        changes = _changes(row, spec, lookups)
        if not changes and (row.before or (row.before is None and row.state is not None)):
            return None
        acting = (
            owned
            or not spec.hides_actor
            or row.acting_id in {row.agency_id, self.context.actor.agency_id}
        )
        return {
            "id": row.id,
            "at": row.at,
            "kind": _kind(row),
            "resource": row.resource,
            "resource_id": row.resource_id,
            "agency": lookups.code("agency", row.agency_id),
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


def kinds_for(actor: Actor, kinds: Sequence[str] = KINDS) -> tuple[str, ...]:
    """Return the kinds of records that the actor's token permits."""
    return tuple(kind for kind in kinds if actor.has(feed_spec(kind).scope))


def _kind(row: Any) -> str:
    """Return the kind of event, with a general verb for an actor who sees part of the record."""
    if row.state is None or min(row.level, row.level_before) >= Profile.FULL:
        return str(row.kind)
    return f"{row.resource}.{'created' if row.before is None else 'updated'}"


def _changes(row: Any, spec: FeedSpec, lookups: Lookups) -> dict[str, dict[str, Any]]:
    before, state = row.before or {}, row.state or {}
    changes = {}
    for key, profile in spec.profiles.items():
        if profile > row.level:
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
