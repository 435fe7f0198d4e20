"""Grounds: the disclosure, agreements and grants by which an agency sees the records of another.

Each ground is found by the row rule itself, with nothing else in force.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.sharing import find_shares
from catalogue.agencies.visibility import Disclosure, level, seen
from catalogue.agencies.vocabulary import VisibilityBasis
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.sharing import NOTHING_SHARED, Profile, ResourceType, SharedWith
from catalogue.core.types import enumeration


@dataclass(frozen=True)
class Ground:
    """A rule by which an agency sees a record, and the profile that the rule opens alone."""

    basis: VisibilityBasis
    profile: Profile
    source_id: UUID | None = None
    """The id of the agreement or grant."""


def find_grounds(
    context: Context,
    owner_id: UUID,
    disclosure: Disclosure,
    *,
    of: ResourceType = ResourceType.SYSTEMS,
) -> list[Ground]:
    """Return every ground on which the actor's agency sees an owner's records of a disclosure.

    The agency sees a record at the largest profile of its grounds, and not at all without one.
    """
    session, agency_id = context.session, context.actor.agency_id
    if agency_id is None:
        return []
    grounds = []
    alone = _level(session, agency_id, owner_id, disclosure, of, NOTHING_SHARED)
    if alone is not None:
        is_own = agency_id == owner_id
        basis = VisibilityBasis.OWNER if is_own else VisibilityBasis.DISCLOSURE
        grounds.append(Ground(basis, alone))
    # What a share opens by itself does not depend on a disclosure to all agencies.
    shared = (
        disclosure if disclosure.is_narrower_than(Disclosure.AGREEMENT) else Disclosure.AGREEMENT
    )
    for share in find_shares(session, agency_id):
        if share.owner_id == owner_id:
            opened = _level(session, agency_id, owner_id, shared, of, SharedWith([share]))
            if opened is not None:
                grounds.append(Ground(VisibilityBasis(share.basis), opened, share.source_id))
    return sorted(grounds, key=lambda each: (-each.profile, each.basis, str(each.source_id)))


def _level(
    session: Session,
    agency_id: UUID,
    owner_id: UUID,
    disclosure: Disclosure,
    of: ResourceType,
    shared_with: SharedWith,
) -> Profile | None:
    """Return the profile at which an agency sees a record if only this is shared, or None."""
    record = SimpleNamespace(
        agency_id=sa.literal(owner_id, sa.Uuid()),
        disclosure=sa.literal(disclosure, enumeration(Disclosure)),
    )
    statement = sa.select(level(record, of=of)).where(seen(record, of=of))
    values = {"actor_agency_id": agency_id, **shared_with.parameters(clock.now())}
    number = session.scalar(statement, values)
    return None if number is None else Profile(number)
