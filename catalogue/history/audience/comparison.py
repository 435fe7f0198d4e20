"""Comparison of audiences: the levels of records at a moment, and the rows for a difference."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.canonical import canonical
from catalogue.history.audience.sharing import following_agencies, sharing
from catalogue.history.audience.viewers import Levels, Record, Viewers, kinds_with_audience

WITHDRAWN, GIVEN, CHANGED = "access_withdrawn", "access_given", "access_changed"

_VERSION_BITS, _VERSION_7 = 0xF << 76 | 0x3 << 62, 0x7 << 76 | 0x2 << 62


def levels_of(session: Session, records: Collection[Record]) -> Levels:
    """Find the levels of records for every agency that can have a copy."""
    if not records:
        return {}
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for kind, identity in records:
        by_kind[kind].add(identity)
    now = clock.now()
    shares = sharing().find_shares(session, now)
    viewers = Viewers(session, following_agencies(session), shares, now)
    found: Levels = {}
    for kind, ids in by_kind.items():
        found |= viewers.levels(kind, ids)
    return found


def all_levels(session: Session, agencies: Collection[UUID]) -> dict[UUID, Levels]:
    """Find the levels of all records for some agencies, by agency."""
    now = clock.now()
    return levels_at(Viewers(session, agencies, sharing().find_shares(session, now), now))


def levels_at(viewers: Viewers) -> dict[UUID, Levels]:
    """Find the levels of all records for the viewers, by agency."""
    by_agency: dict[UUID, Levels] = defaultdict(dict)
    for kind in kinds_with_audience():
        for record, levels in viewers.levels(kind).items():
            for agency, level in levels.items():
                by_agency[agency][record] = {agency: level}
    return {agency: by_agency[agency] for agency in viewers.agencies}


def verb_of(was: int, now: int) -> str:
    """Return the verb for a change of level."""
    return WITHDRAWN if now == 0 else GIVEN if was == 0 else CHANGED


def access_row(
    origin: UUID | datetime, agency: UUID, record: Record, verb: str, at: datetime | None
) -> dict[str, Any]:
    """Make the row of a change of access, without its place in the feed.

    The id is derived from the origin, which is a change set or the moment at which access began or
    ended. So it does not depend on the changes of others. It is a UUIDv7 of the same moment.
    """
    resource, identity = record
    if isinstance(origin, datetime):
        prefix = int(origin.timestamp() * 1000).to_bytes(6)
    else:
        prefix = origin.bytes[:6]
    content = canonical([str(origin), str(agency), resource, str(identity), verb])
    number = int.from_bytes(prefix + sha256(content).digest()[:10])
    return {
        "agency_id": agency,
        "id": UUID(int=number & ~_VERSION_BITS | _VERSION_7),
        "at": at,
        "resource": resource,
        "resource_id": identity,
        "verb": verb,
    }
