"""The events that an actor may know of, page by page, as the API shows them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.database import Base, pairs
from catalogue.core.reach import Profile
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.rest.resource import Resource
from catalogue.core.types import same_json
from catalogue.history.models import HistoryHead
from catalogue.history.selection import Asked, events, kind_of, visible_ids
from catalogue.history.telling import KINDS, Known, Told, told

HEAD = sa.select(HistoryHead.number).where(HistoryHead.id == 1)


@dataclass(frozen=True, order=True)
class Place:
    """A place in the order of the commits. It is never shown: gaps would tell of what is hidden."""

    number: int = 0
    ordinal: int = 0


BEGINNING = Place()


def end_of(number: int) -> Place:
    """The place behind a change set."""
    return Place(number + 1)


class UnknownEvent(LookupError):
    """There is no such event, or none that may be seen."""


@dataclass(frozen=True)
class Page:
    """Events as they are shown, and whether more follow."""

    items: list[dict[str, Any]]
    has_more: bool


@dataclass(frozen=True)
class Feed:
    """Reads events for the actor of a context."""

    context: Context
    kinds: tuple[str, ...]
    record: UUID | None = None
    """The only record of which events are read, if there is one."""

    def place_of(self, event_id: UUID) -> Place:
        """Where an event stands; UnknownEvent where there is none, or none to be seen."""
        kind = self.context.session.scalar(kind_of(event_id))
        if kind is None or kind not in self.kinds:
            raise UnknownEvent
        asked = Asked(self._dialect, (kind,), self._of_record, one=True)
        rows = self._rows(asked, event_id=event_id)
        if not rows or not self._shown(rows):
            raise UnknownEvent
        (row,) = rows
        is_last = row.ordinal == row.event_count
        return end_of(row.number) if is_last else Place(row.number, row.ordinal)

    def page(self, after: Place, limit: int) -> Page:
        """What follows a place."""
        asked = Asked(self._dialect, self.kinds, self._of_record)
        found: list[tuple[Any, dict[str, Any]]] = []
        # One more than the page has tells whether more follow.
        while len(found) <= limit:
            rows = self._rows(asked, number=after.number, ordinal=after.ordinal, limit=limit + 1)
            found += self._shown(rows)
            if len(rows) <= limit:
                break
            after = Place(rows[-1].number, rows[-1].ordinal)
        self._note_reads([row for row, _ in found[:limit]])
        return Page([item for _, item in found[:limit]], len(found) > limit)

    def head(self) -> int:
        """The number of the last change set."""
        return int(self.context.session.execute(HEAD).scalar() or 0)

    @property
    def _dialect(self) -> str:
        return self.context.database.dialect

    @property
    def _of_record(self) -> bool:
        return self.record is not None

    def _rows(self, asked: Asked, **values: Any) -> Sequence[Any]:
        if not asked.kinds:
            return ()
        values = {"limit": 1, "record_id": self.record} | values
        if not self._of_record:
            del values["record_id"]
        return self.context.session.execute(
            events(asked), values | rule_parameters(self.context)
        ).all()

    def _shown(self, rows: Sequence[Any]) -> list[tuple[Any, dict[str, Any]]]:
        known = self._look_up(rows)
        shown = [(row, self._item(row, told(row.resource), known)) for row in rows]
        return [(row, item) for row, item in shown if item is not None]

    def _look_up(self, rows: Sequence[Any]) -> Known:
        """Find in one query each what the values of all rows refer to."""
        coded: defaultdict[str, set[UUID]] = defaultdict(set)
        referred: defaultdict[Resource, set[UUID]] = defaultdict(set)
        for row in rows:
            coded["agency"] |= {each for each in (row.agency_id, row.acting_id) if each}
            for key, shown in told(row.resource).fields.items():
                for recorded in (row.before, row.state):
                    if recorded and key in recorded:
                        for table, identity in shown.coded(recorded[key]):
                            coded[table].add(identity)
                        for resource, identity in shown.references(recorded[key]):
                            referred[resource].add(identity)
        return Known(
            {table: self._codes(table, ids) for table, ids in coded.items() if ids},
            {to.name: self._seen(to, ids) for to, ids in referred.items()},
        )

    def _codes(self, table: str, ids: set[UUID]) -> dict[UUID, str]:
        # The tables with codes are of packages above, so they are known here by their names alone.
        named = Base.metadata.tables[table]
        asked = sa.select(named.c.id, named.c.code).where(named.c.id.in_(ids))
        return pairs(self.context.session, asked)

    def _seen(self, to: Resource, ids: set[UUID]) -> frozenset[UUID]:
        values = rule_parameters(self.context) | {"ids": list(ids)}
        return frozenset(self.context.session.scalars(visible_ids(to), values))

    def _item(self, row: Any, how: Told, known: Known) -> dict[str, Any] | None:
        """An event as it is shown; None where nothing that is seen has changed."""
        changes = _changes(row, how, known)
        if not changes and (row.before or (row.before is None and row.state is not None)):
            return None
        owned = self._is_keeper(row.agency_id)
        acting = (
            owned
            or not how.discreet
            or row.acting_id in {row.agency_id, self.context.actor.agency_id}
        )
        return {
            "id": row.id,
            "at": row.at,
            "kind": _kind(row),
            "resource": row.resource,
            "resource_id": row.resource_id,
            "agency": known.code("agency", row.agency_id),
            "acting_agency": known.code("agency", row.acting_id) if acting else None,
            "client_id": row.client_id if owned else None,
            "person": row.person if owned else None,
            "reason": row.reason if owned else None,
            "changes": changes,
            "withheld": how.withheld(row.level),
        }

    def _is_keeper(self, owner: UUID | None) -> bool:
        if owner is None:
            return self.context.actor.has(Scope.ADMIN)
        return owner == self.context.actor.agency_id

    def _note_reads(self, rows: list[Any]) -> None:
        """Say whose sensitive fields are shown to another agency, as resources do."""
        for kind in {row.resource for row in rows}:
            how = told(kind)
            full = [key for key, profile in how.profiles.items() if profile is Profile.FULL]
            foreign = {
                (row.resource_id, row.agency_id)
                for row in rows
                if row.resource == kind
                and row.level >= Profile.FULL
                and row.agency_id not in {None, self.context.actor.agency_id}
                and (row.level_before < Profile.FULL or set(full) & set(row.before or full))
            }
            names = tuple(sorted(how.fields[key].name for key in full))
            self.context.note_read(how.resource.name, names, sorted(foreign))


def kinds_for(actor: Actor, kinds: Sequence[str] = KINDS) -> tuple[str, ...]:
    """Of some kinds of records, those that the actor's token may read."""
    return tuple(kind for kind in kinds if actor.has(told(kind).scope))


def _kind(row: Any) -> str:
    """What sort of event it is; who does not see the whole record is not told in what respect."""
    if row.state is None or min(row.level, row.level_before) >= Profile.FULL:
        return str(row.kind)
    return f"{row.resource}.{'created' if row.before is None else 'updated'}"


def _changes(row: Any, how: Told, known: Known) -> dict[str, dict[str, Any]]:
    before, state = row.before or {}, row.state or {}
    changes = {}
    for key, profile in how.profiles.items():
        if profile > row.level:
            continue
        # What the actor saw before the change as well, is told by what changed of it; the rest
        # appears whole, so that what it was, and whether it changed, stays hidden.
        was_seen = row.before is not None and profile <= row.level_before
        if was_seen and key not in before:
            continue
        shown = how.fields[key]
        was = shown.value(before[key], known) if was_seen else None
        now = shown.value(state.get(key), known) if row.state is not None else None
        if not same_json(was, now):
            changes[shown.name] = {"before": was, "after": now}
    return changes
