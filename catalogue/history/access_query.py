"""Change feed: the SQL for the access that an agency gained and lost."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from catalogue.history.audience.comparison import CHANGED, WITHDRAWN
from catalogue.history.audience.models import AccessEvent, EventVisibility
from catalogue.history.event_query import is_beyond
from catalogue.history.models import ChangeSet, Event

_ACCESS: Any = AccessEvent.__table__.c
_EVENT: Any = Event.__table__.c
_SET: Any = ChangeSet.__table__.c
_VISIBILITY: Any = EventVisibility.__table__.c
_AGENCY = bindparam("agency", type_=sa.Uuid())
IS_ACTORS = _ACCESS.agency_id == _AGENCY
"""The condition of the access that the actor's agency gained or lost."""
_EVENT_ID = bindparam("event_id", type_=sa.Uuid())

LAST_PLACE = sa.select(sa.func.max(_ACCESS.ordinal)).where(
    _ACCESS.number == bindparam("number", type_=sa.BigInteger())
)
"""Selects the last place of the changes of access in or after a change set."""


def is_access(row: Any) -> bool:
    """Return whether a row is a change of access, rather than an event of the audit log."""
    return hasattr(row, "verb")


@lru_cache
def access_events(*, newest_first: bool, of_one: bool) -> sa.Select[Any]:
    """Select the changes of access of an agency beyond a place."""
    order = [_ACCESS.number, _ACCESS.ordinal]
    statement = (
        _selected()
        .where(
            IS_ACTORS,
            is_beyond(_ACCESS.number, _ACCESS.ordinal, newest_first=newest_first),
            _ACCESS.resource.in_(bindparam("kinds", expanding=True, type_=sa.String())),
        )
        .order_by(*[column.desc() if newest_first else column for column in order])
        .limit(bindparam("limit", type_=sa.Integer()))
    )
    if of_one:
        named = bindparam("record_id", type_=sa.Uuid())
        statement = statement.where(_ACCESS.resource_id == named)
    return statement


@lru_cache
def access_event() -> sa.Select[Any]:
    """Select a change of access of an agency by its id."""
    return _selected().where(_ACCESS.id == _EVENT_ID, IS_ACTORS)


@lru_cache
def event_once_seen() -> sa.Select[Any]:
    """Select the place of an event of a record of which an agency later saw less, or nothing.

    A reader that follows the feed can continue from an event that it no longer sees.
    """
    withdrawn = sa.exists().where(
        _ACCESS.agency_id == _AGENCY,
        _ACCESS.resource_id == _EVENT.resource_id,
        _ACCESS.verb.in_([sa.literal_column(f"'{verb}'") for verb in (CHANGED, WITHDRAWN)]),
        _ACCESS.number >= _SET.number,
    )
    ended = sa.exists().where(
        _VISIBILITY.agency_id == _AGENCY,
        _VISIBILITY.resource_id == _EVENT.resource_id,
        _VISIBILITY.is_end,
        _VISIBILITY.number >= _SET.number,
    )
    return (
        sa.select(_SET.number, _SET.event_count, _EVENT.ordinal)
        .select_from(sa.join(ChangeSet, Event, _SET.id == _EVENT.change_set_id))
        .where(_EVENT.id == _EVENT_ID, sa.or_(withdrawn, ended))
    )


def _selected() -> sa.Select[Any]:
    return sa.select(
        _ACCESS.number,
        _ACCESS.ordinal,
        _ACCESS.id,
        _ACCESS.at,
        _ACCESS.resource,
        _ACCESS.resource_id,
        _ACCESS.verb,
    )
