"""Tracking of audiences: who saw a record before a transaction, and who sees it after.

A flush can change who sees a record: its disclosure, an agency that it names, the record that it
belongs to, or an agreement or grant. Before such a flush, `Tracker` notes who sees the records
concerned. At the commit it compares, and the differences become rows for the change feed:

    deleted             a row of `event_visibility`, by which the feed shows the deletion
    no longer visible   `access_withdrawn`
    newly visible       `access_given`
    more or less of it  `access_changed`

It also notes who sees a new or changed record of the kinds whose events do not show this.

An example: Kent's system S has a use U by Essex, and Kent closes S to owner_only.

    before the flush   S is seen by Kent, Surrey and Essex, and U follows S
    at the commit      S and U are seen by Kent alone
    the rows           S and U, access_withdrawn, for Surrey and Essex each

Both readings of who sees what hold the lock of the audit log's head. Otherwise another transaction
could commit between them, and the use that it records would be missing from the first reading.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.drafts import model_of
from catalogue.core.upsert import insert
from catalogue.history.audience.comparison import (
    CHANGED,
    access_row,
    all_levels,
    levels_of,
    verb_of,
)
from catalogue.history.audience.dependents import (
    deciding_columns,
    follow,
    kind_of_table,
    parents_opened,
    shows,
)
from catalogue.history.audience.models import AccessEvent, EventVisibility
from catalogue.history.audience.settlement import Settlement, find_settlement
from catalogue.history.audience.sharing import following_agencies, sharing
from catalogue.history.audience.viewers import Levels, Record, kinds_with_audience
from catalogue.history.change_sets import OpenChangeSet, RecordedEvent, lock_head
from catalogue.history.feed_fields import feed_spec
from catalogue.history.registry import find_audited_model, parents_of


@dataclass
class Tracker:
    """The levels before a transaction of the records whose audience it can change."""

    levels: Levels = field(default_factory=dict)
    """The levels before the transaction of the records that it changes, and of all that follow."""
    readers: dict[UUID, Levels] = field(default_factory=dict)
    """The levels of all records for agencies with which something is no longer or newly shared."""
    new: set[Record] = field(default_factory=set)
    """The records that the transaction created, even if a savepoint removed them again."""
    settlement: Settlement | None = None
    """The access that began or ended by a date, and is not in the feed yet."""

    def note(self, session: Session) -> None:
        """Note who sees the records whose audience a flush can change, before the flush."""
        entities = (*session.new, *session.dirty, *session.deleted)
        with session.no_autoflush:
            if self.settlement is None:
                self.settlement = find_settlement(session)
            self._note_readers(session, entities)
            self.new |= {r for entity in session.new if (r := _record_of(entity)) is not None}
            self._note_levels(session, (r for e in entities for r in _records_of(session, e)))

    def note_new(self, session: Session, records: Iterable[Any]) -> None:
        """Note new records that are written without a flush, before they are written."""
        with session.no_autoflush:
            if self.settlement is None:
                self.settlement = find_settlement(session)
            opened: set[Record] = set()
            for record in records:
                if model_of(record) in sharing().readers_of:
                    raise RuntimeError("What changes sharing must be written by a flush.")
                if (identity := _record_of(record)) is not None:
                    self.new.add(identity)
                opened.update(_opened_by(record))
            self._note_levels(session, opened)

    def _note_levels(self, session: Session, records: Iterable[Record]) -> None:
        """Note the levels of records and of all that follow them, unless they are known."""
        known = set(records)
        if known:
            lock_head(session)
        followed = {r for r in follow(session, known) if r not in self.levels}
        if followed:
            found = levels_of(session, followed)
            self.levels |= {record: found.get(record, {}) for record in followed}

    def _note_readers(self, session: Session, entities: Iterable[Any]) -> None:
        readers: set[UUID] = set()
        for entity in entities:
            readers_of = sharing().readers_of.get(type(entity))
            if readers_of is not None and (entity in session.new or _has_changed(session, entity)):
                readers.update(readers_of(session, entity))
        if new := readers - set(self.readers):
            new &= following_agencies(session)
        if new:
            lock_head(session)
            for reader, levels in all_levels(session, new).items():
                self.readers[reader] = levels

    def rows(self, session: Session, change_set: OpenChangeSet) -> "AudienceRows":
        """Compare who sees the records now, and return the rows for the feed."""
        events = _EventsByRecord(change_set.events)
        before = {r: levels for r, levels in self.levels.items() if r not in self.new}
        with_visibility = {(each.resource, each.resource_id) for each in events.with_visibility}
        if before or self.readers or with_visibility:
            lock_head(session)
        after = levels_of(session, (set(before) - set(events.deleted)) | with_visibility)
        # Nothing that was not noted has changed its audience.
        before |= {record: after.get(record, {}) for record in with_visibility - set(before)}
        if self.readers:
            _merge(before, self.readers)
            _merge(after, all_levels(session, self.readers))
        rows = AudienceRows(change_set.id)
        if self.settlement is not None:
            rows.access += self.settlement.rows
        changed: set[tuple[Record, UUID]] = set()
        for record in sorted({*before, *after}):
            was, now = before.get(record, {}), after.get(record, {})
            if record in events.deleted:
                rows.add_end(events.deleted[record], was)
                changed |= {(record, agency) for agency in was}
            elif record not in self.new:
                for agency in sorted({*was, *now}):
                    level_before, level = was.get(agency, 0), now.get(agency, 0)
                    if level_before != level:
                        changed.add((record, agency))
                        # The feed shows the record as new with its own event.
                        is_shown = record in events.updated and (
                            agency not in self.readers or feed_spec(record[0]).records_visibility
                        )
                        if level < level_before or not is_shown:
                            rows.add_access(agency, record, verb_of(level_before, level))
        self._add_shown(session, rows, changed, events, before, after)
        for event in events.with_visibility:
            record = (event.resource, event.resource_id)
            rows.add_visibility(event, after.get(record, {}), before[record])
        return rows

    def settle(self, session: Session) -> None:
        """Record that the rows of the settlement are in the feed."""
        if self.settlement is not None:
            # The rows for the readers hold all that began or ended for them until now.
            replace(self.settlement, is_due=self.settlement.is_due or bool(self.readers)).save(
                session
            )

    def _add_shown(
        self,
        session: Session,
        rows: "AudienceRows",
        changed: set[tuple[Record, UUID]],
        events: "_EventsByRecord",
        before: Levels,
        after: Levels,
    ) -> None:
        """Add a row for each record that shows the id of one that an agency sees no longer, or now.

        An example is a contract that lists a system which is closed to the agency.
        """
        by_record: dict[Record, set[UUID]] = defaultdict(set)
        for record, agency in changed:
            by_record[record].add(agency)
        if not by_record:
            return
        shown: dict[Record, set[UUID]] = defaultdict(set)
        for record, sources in follow(session, by_record).items():
            for source in sources:
                shown[record] |= by_record.get(source, set())
        # The reference to a deleted record is gone, and only an event of its record shows it.
        for source in events.deleted:
            for record in events.updated:
                if shows(record[0], source[0]):
                    shown[record] |= by_record.get(source, set())
        unknown = {record for record in shown if record not in after}
        levels = after | levels_of(session, unknown)
        for record in sorted(shown):
            for agency in sorted(shown[record]):
                visible = agency in levels.get(record, {})
                stayed = agency in before.get(record, levels.get(record, {}))
                if visible and stayed and (record, agency) not in changed:
                    rows.add_access(agency, record, CHANGED)


@dataclass
class AudienceRows:
    """The rows of a change set for the feed, without its number."""

    change_set_id: UUID
    access: list[dict[str, Any]] = field(default_factory=list)
    visibility: list[dict[str, Any]] = field(default_factory=list)

    def add_access(self, agency: UUID, record: Record, verb: str) -> None:
        """Add a change of access with the time of the change set."""
        self.access.append(access_row(self.change_set_id, agency, record, verb, None))

    def save(self, session: Session, number: int, at: datetime) -> None:
        """Insert the rows under the number and time of their change set."""
        connection = session.connection()
        if self.access:
            # Another transaction can have settled the same moment.
            connection.execute(
                insert(session, AccessEvent).on_conflict_do_nothing(),
                [
                    row | {"number": number, "ordinal": -place, "at": row["at"] or at}
                    for place, row in enumerate(reversed(self.access))
                ],
            )
        if self.visibility:
            connection.execute(
                sa.insert(EventVisibility.__table__),  # type: ignore[arg-type]
                [row | {"number": number} for row in self.visibility],
            )

    def add_end(self, event: RecordedEvent, was: dict[UUID, int]) -> None:
        """Add the deletion of a record, for the agencies that saw the record."""
        for agency in sorted(was):
            if agency != event.agency_id:
                self._add_visibility_row(event, agency, was[agency], was[agency], is_end=True)

    def add_visibility(
        self, event: RecordedEvent, now: dict[UUID, int], was: dict[UUID, int]
    ) -> None:
        """Add the agencies that see a record after an event."""
        for agency in sorted(now):
            if agency != event.agency_id:
                self._add_visibility_row(
                    event, agency, now[agency], was.get(agency, 0), is_end=False
                )

    def _add_visibility_row(
        self, event: RecordedEvent, agency: UUID, level: int, before: int, *, is_end: bool
    ) -> None:
        self.visibility.append(
            {
                "agency_id": agency,
                "ordinal": event.ordinal,
                "resource_id": event.resource_id,
                "is_end": is_end,
                "level": level,
                "level_before": before,
            }
        )


class _EventsByRecord:
    def __init__(self, events: Iterable[RecordedEvent]) -> None:
        self.updated: set[Record] = set()
        self.deleted: dict[Record, RecordedEvent] = {}
        self.with_visibility: list[RecordedEvent] = []
        kinds = frozenset(kinds_with_audience())
        for event in events:
            record = (event.resource, event.resource_id)
            if event.verb == "deleted":
                self.deleted[record] = event
            elif event.verb != "read" and event.resource in kinds:
                self.updated.add(record)
                if feed_spec(event.resource).records_visibility:
                    self.with_visibility.append(event)


def _record_of(entity: Any) -> Record | None:
    kind = kind_of_table().get(entity.__tablename__)
    return None if kind is None else (kind, entity.id)


def _records_of(session: Session, entity: Any) -> Iterator[Record]:
    """Yield the records whose audience a change to an entity can change."""
    if entity in session.new or entity in session.deleted or _has_changed(session, entity):
        table = entity.__tablename__
        kind = kind_of_table().get(table)
        # Nobody saw a new record.
        if kind is not None and entity not in session.new:
            yield kind, entity.id
        yield from _opened_by(entity)
        if table in deciding_columns():
            for link in parents_of(type(entity)):
                named = kind_of_table().get(link.parent.model.__tablename__)
                identity = _key_of(entity, link.foreign_key)
                if named is not None and identity is not None:
                    yield named, identity


def _opened_by(entity: Any) -> Iterator[Record]:
    """Yield the records that an entity opens to its own audience."""
    for parent, key in parents_opened().get(entity.__tablename__, ()):
        if (identity := _key_of(entity, key)) is not None:
            yield parent, identity


def _key_of(entity: Any, key: str) -> UUID | None:
    """Return a foreign key, which a new entity can have only through its relationship."""
    identity: UUID | None = getattr(entity, key)
    if identity is None:
        for relationship in sa.inspect(model_of(entity)).relationships:
            if [column.key for column in relationship.local_columns] == [key]:
                related = getattr(entity, relationship.key)
                identity = None if related is None else related.id
    return identity


def _has_changed(session: Session, entity: Any) -> bool:
    if entity in session.deleted:
        return True
    names = deciding_columns().get(entity.__tablename__, frozenset())
    if type(entity) in sharing().readers_of:
        return True
    state = sa.inspect(entity)
    if any(name in names for name in state.committed_state):
        return True
    audited_model = find_audited_model(type(entity))
    return audited_model is not None and any(
        _table_of(type(entity), listed.relationship) in deciding_columns()
        and state.attrs[listed.relationship].history.has_changes()
        for listed in audited_model.lists.values()
    )


def _table_of(model: type[Any], relationship: str) -> str:
    prop = sa.inspect(model).relationships[relationship]
    table: Any = prop.mapper.local_table if prop.secondary is None else prop.secondary
    name: str = table.name
    return name


def _merge(levels: Levels, by_agency: dict[UUID, Levels]) -> None:
    for agency, of_agency in by_agency.items():
        for record in {*levels, *of_agency}:
            known = {each: n for each, n in levels.get(record, {}).items() if each != agency}
            levels[record] = known | of_agency.get(record, {})
