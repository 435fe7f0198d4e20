"""Settlement: the access that began or ended by a date, without any request.

A grant expires at a moment, and an agreement begins and ends at a midnight. The first write or the
first read of the feed after that compares what the agencies saw until then with what they see now.
Every write settles first, so the rows stand in the feed where access really changed.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import Database, open_session
from catalogue.core.upsert import insert
from catalogue.history.audience.comparison import CHANGED, access_row, levels_at, verb_of
from catalogue.history.audience.dependents import follow
from catalogue.history.audience.models import AccessEvent, FeedReader, SharingSettlement
from catalogue.history.audience.sharing import following_agencies, sharing
from catalogue.history.audience.viewers import Record, Viewers
from catalogue.history.change_sets import lock_head
from catalogue.history.models import HistoryHead

AFTER_EVENTS = 2**30
"""The place after all events of a change set. Rows without a change set of their own follow it."""

_accesses: Any = AccessEvent.__table__


@dataclass(frozen=True)
class Settlement:
    """The rows for the access that began or ended until a moment."""

    until: datetime
    rows: list[dict[str, Any]]
    is_due: bool
    """False if nothing began or ended since the last settlement."""

    def save(self, session: Session) -> None:
        """Record the moment, so that nothing is settled again."""
        if self.is_due:
            values = {"until": self.until, "day": self.until.astimezone(clock.UK).date()}
            statement = insert(session, SharingSettlement).values(id=1, **values)
            session.connection().execute(
                statement.on_conflict_do_update(index_elements=[SharingSettlement.id], set_=values)
            )


def is_due(session: Session) -> bool:
    """Return whether something began or ended since the last settlement."""
    until, boundary = _read_settlement(session)
    return until is not None and boundary is not None and boundary <= clock.now()


def find_settlement(session: Session) -> Settlement:
    """Compare what the agencies saw until the last settlement with what they see now."""
    now = clock.now()
    until, boundary = _read_settlement(session)
    if until is None:
        return Settlement(now, [], is_due=True)
    if boundary is None or boundary > now:
        return Settlement(now, [], is_due=False)
    lock_head(session)
    shares = sharing().find_shares(session, until)
    changes = {
        agency: moment
        for agency in following_agencies(session)
        if agency in shares and (moment := shares[agency].last_change(until, now)) is not None
    }
    before = levels_at(Viewers(session, changes, shares, until))
    after = levels_at(Viewers(session, changes, shares, now))
    rows = []
    for agency, moment in sorted(changes.items()):
        was, is_now = before[agency], after[agency]
        verbs: dict[Record, str] = {}
        for record in sorted({*was, *is_now}):
            levels = [each.get(record, {}).get(agency, 0) for each in (was, is_now)]
            if levels[0] != levels[1]:
                verbs[record] = verb_of(*levels)
        for record, sources in follow(session, list(verbs)).items():
            if sources and record in was and record in is_now:
                verbs.setdefault(record, CHANGED)
        rows += [access_row(moment, agency, each, verbs[each], moment) for each in sorted(verbs)]
    return Settlement(now, rows, is_due=True)


def _read_settlement(session: Session) -> tuple[datetime | None, datetime | None]:
    """Read the moment of the last settlement, and the next beginning or end after it."""
    row = session.connection().execute(_select_settlement()).first()
    return (None, None) if row is None else (row[0], sharing().find_first_boundary(*row[1:]))


@cache
def _select_settlement() -> sa.Select[Any]:
    until, day = SharingSettlement.until, SharingSettlement.day
    boundaries = sharing().select_boundaries(until, day)
    return sa.select(until, *boundaries).where(SharingSettlement.id == 1)


def settle_for_reader(context: Context) -> None:
    """Bring the feed up to date for a reader: note the reader, and settle what is due."""
    agency_id, reader = context.actor.agency_id, context.session
    is_known = agency_id is None or agency_id in following_agencies(reader)
    if not is_known or is_due(reader):
        _settle(context.database, None if is_known else agency_id)


def settle(database: Database) -> None:
    """Bring the feed up to date for readers within the service."""
    with open_session(database, read_only=True) as session:
        due = is_due(session)
    if due:
        _settle(database, None)


def _settle(database: Database, reader: UUID | None) -> None:
    with open_session(database, read_only=False) as session:
        head = session.connection().execute(
            sa.select(HistoryHead.number).where(HistoryHead.id == 1).with_for_update()
        )
        number = head.scalar_one()
        settlement = find_settlement(session)
        if settlement.rows:
            _append(session, number, settlement.rows)
        settlement.save(session)
        if reader is not None:
            note_reader(session, reader)
        session.commit()


def note_reader(session: Session, agency_id: UUID) -> None:
    """Note that an agency reads the feed, from now on."""
    statement = insert(session, FeedReader).values(agency_id=agency_id)
    session.connection().execute(statement.on_conflict_do_nothing())


def _append(session: Session, number: int, rows: list[dict[str, Any]]) -> None:
    """Add rows after the end of the last change set, whose row the caller has locked."""
    last = session.connection().scalar(
        sa.select(sa.func.max(_accesses.c.ordinal)).where(_accesses.c.number == number)
    )
    start = max(last or 0, AFTER_EVENTS) + 1
    session.connection().execute(
        insert(session, _accesses).on_conflict_do_nothing(),
        [row | {"number": number, "ordinal": start + i} for i, row in enumerate(rows)],
    )
