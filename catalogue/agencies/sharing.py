"""Sharing: the records that agreements and grants open to an agency, cached until a permission changes."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, aliased

from catalogue.agencies.models import (
    AccessGrant,
    AgreementAcceptance,
    AgreementParty,
    CollaborationAgreement,
)
from catalogue.agencies.visibility import FieldProfile
from catalogue.core import clock
from catalogue.core.database import UnitOfWork
from catalogue.core.permissions_version import read_permissions_version
from catalogue.core.sharing import Basis, ResourceType, Share, SharedWith
from catalogue.history.audience.sharing import Sharing, declare_sharing
from catalogue.history.models import ChangeSet, Event

ALL_RESOURCE_TYPES = frozenset(ResourceType)

_party = aliased(AgreementParty, name="any_party")

ACCEPTED_BY_ALL: ColumnElement[bool] = ~sa.exists(
    sa.select(1)
    .where(
        _party.agreement_id == CollaborationAgreement.id,
        ~sa.exists(
            sa.select(1)
            .where(
                AgreementAcceptance.agreement_id == _party.agreement_id,
                AgreementAcceptance.agency_id == _party.agency_id,
                AgreementAcceptance.content_hash == CollaborationAgreement.content_hash,
            )
            .correlate(_party, CollaborationAgreement)
        ),
    )
    .correlate(CollaborationAgreement)
)
"""True if every party has accepted the present terms of an agreement."""


def _recorded_at(resource: str, model: Any) -> sa.ScalarSelect[Any]:
    """Select the time of the last change set of an agreement or grant.

    The times of change sets follow the order of the commits. The time at which a transaction began
    does not: another transaction can delete a record later, and still commit first.
    """
    return (
        sa.select(sa.func.max(ChangeSet.at))
        .join(Event, Event.change_set_id == ChangeSet.id)
        .where(Event.resource == resource, Event.resource_id == model.id)
        .correlate(model)
        .scalar_subquery()
    )


# The statements are built once, because building them takes longer than running them.
_AGENCY_ID: ColumnElement[UUID] = sa.bindparam("agency_id", type_=sa.Uuid)
_mine = aliased(AgreementParty, name="mine")
_other = aliased(AgreementParty, name="other")

_BY_AGREEMENT = (
    sa.select(
        _other.agency_id,
        CollaborationAgreement.field_profile,
        CollaborationAgreement.start_date,
        CollaborationAgreement.end_date,
        _recorded_at("agreement", CollaborationAgreement),
        CollaborationAgreement.id,
    )
    .select_from(CollaborationAgreement)
    .join(_mine, _mine.agreement_id == CollaborationAgreement.id)
    .join(_other, _other.agreement_id == CollaborationAgreement.id)
    .where(
        _mine.agency_id == _AGENCY_ID,
        _other.agency_id != _AGENCY_ID,
        CollaborationAgreement.terminated_at.is_(None),
        sa.or_(
            CollaborationAgreement.end_date.is_(None),
            CollaborationAgreement.end_date >= sa.bindparam("today"),
        ),
        ACCEPTED_BY_ALL,
    )
)

_BY_GRANT = sa.select(
    AccessGrant.agency_id,
    AccessGrant.resource_types,
    AccessGrant.field_profile,
    AccessGrant.expires_at,
    _recorded_at("access_grant", AccessGrant),
    AccessGrant.id,
).where(
    AccessGrant.grantee_id == _AGENCY_ID,
    AccessGrant.revoked_at.is_(None),
    AccessGrant.expires_at > sa.bindparam("now"),
)


_AGREED = (
    sa.select(
        _mine.agency_id,
        _other.agency_id,
        CollaborationAgreement.field_profile,
        CollaborationAgreement.start_date,
        CollaborationAgreement.end_date,
    )
    .select_from(CollaborationAgreement)
    .join(_mine, _mine.agreement_id == CollaborationAgreement.id)
    .join(_other, _other.agreement_id == CollaborationAgreement.id)
    .where(
        _other.agency_id != _mine.agency_id,
        CollaborationAgreement.terminated_at.is_(None),
        sa.or_(
            CollaborationAgreement.end_date.is_(None),
            CollaborationAgreement.end_date >= sa.bindparam("day"),
        ),
        ACCEPTED_BY_ALL,
    )
)
_GRANTED = sa.select(
    AccessGrant.grantee_id,
    AccessGrant.agency_id,
    AccessGrant.resource_types,
    AccessGrant.field_profile,
    AccessGrant.expires_at,
).where(AccessGrant.revoked_at.is_(None), AccessGrant.expires_at > sa.bindparam("moment"))


def find_all_shares(session: Session, moment: datetime) -> dict[UUID, SharedWith]:
    """Return what is shared with each agency, with all that had not ended at a moment."""
    shares: defaultdict[UUID, list[Share]] = defaultdict(list)
    connection = session.connection()
    day = moment.astimezone(clock.UK).date()
    for agency, owner, profile, first, last in connection.execute(_AGREED, {"day": day}):
        share = _agreed(owner, profile, first, last)
        shares[agency].append(share)
    for agency, owner, types, profile, until in connection.execute(_GRANTED, {"moment": moment}):
        shares[agency].append(_granted(owner, types, profile, until))
    return {agency: SharedWith(listed) for agency, listed in shares.items()}


def select_boundaries(moment: Any, day: Any) -> tuple[Any, ...]:
    """Make columns for the first expiry, beginning and last day after a moment and its day."""
    agreement = CollaborationAgreement
    return (
        sa.select(sa.func.min(AccessGrant.expires_at))
        .where(AccessGrant.revoked_at.is_(None), AccessGrant.expires_at > moment)
        .scalar_subquery(),
        sa.select(sa.func.min(agreement.start_date))
        .where(agreement.terminated_at.is_(None), agreement.start_date > day)
        .scalar_subquery(),
        sa.select(sa.func.min(agreement.end_date))
        .where(agreement.terminated_at.is_(None), agreement.end_date >= day)
        .scalar_subquery(),
    )


def find_first_boundary(
    expiry: datetime | None, first: date | None, last: date | None
) -> datetime | None:
    """Return the first moment at which an agreement or a grant begins or ends."""
    moments = [
        expiry,
        None if first is None else clock.start_of(first),
        None if last is None else clock.start_of(last + timedelta(days=1)),
    ]
    return min((each for each in moments if each is not None), default=None)


def _parties_of(session: Session, agreement: CollaborationAgreement) -> set[UUID]:
    recorded = session.connection().scalars(
        sa.select(AgreementParty.agency_id).where(AgreementParty.agreement_id == agreement.id)
    )
    return {*recorded, *(party.agency_id for party in agreement.parties)}


declare_sharing(
    Sharing(
        find_shares=find_all_shares,
        select_boundaries=select_boundaries,
        find_first_boundary=find_first_boundary,
        readers_of={
            # A change to the parties or acceptances of an agreement changes the agreement too.
            CollaborationAgreement: _parties_of,
            AccessGrant: lambda _, grant: [grant.grantee_id],
        },
    )
)


def find_shared_with(work: UnitOfWork, agency_id: UUID) -> SharedWith:
    """Return the records that other agencies share with this agency.

    The result is cached under the permissions version. So a revocation takes effect in every
    process with its next request.
    """
    version = work.permissions_version
    if version is None:
        version = read_permissions_version(work.connection)
    cache = work.database.shared_with_cache
    cached = cache.get(agency_id)
    if cached is not None and cached[0] == version:
        return cached[1]
    shared_with = SharedWith(find_shares(work.session, agency_id))
    if work.read_only:
        # A transaction that writes sees its own changes, which can still be rolled back.
        cache[agency_id] = version, shared_with
    return shared_with


def find_shares(session: Session, agency_id: UUID) -> list[Share]:
    """Return every share of other agencies with this one that is in force, or will be."""
    return [*_by_agreement(session, agency_id), *_by_grant(session, agency_id)]


def _by_agreement(session: Session, agency_id: UUID) -> list[Share]:
    values = {"agency_id": agency_id, "today": clock.today()}
    return [_agreed(*agreed) for agreed in session.execute(_BY_AGREEMENT, values)]


def _by_grant(session: Session, agency_id: UUID) -> list[Share]:
    values = {"agency_id": agency_id, "now": clock.now()}
    return [_granted(*granted) for granted in session.execute(_BY_GRANT, values)]


def _agreed(
    owner_id: UUID,
    profile: FieldProfile,
    first: date,
    last: date | None,
    recorded_at: datetime | None = None,
    source_id: UUID | None = None,
) -> Share:
    return Share(
        owner_id=owner_id,
        basis=Basis.AGREEMENT,
        resource_types=ALL_RESOURCE_TYPES,
        profile=profile.rank,
        since=clock.start_of(first),
        until=None if last is None else clock.start_of(last + timedelta(days=1)),
        recorded_at=recorded_at,
        source_id=source_id,
    )


def _granted(
    owner_id: UUID,
    types: list[str],
    profile: FieldProfile,
    expires_at: datetime,
    recorded_at: datetime | None = None,
    source_id: UUID | None = None,
) -> Share:
    return Share(
        owner_id=owner_id,
        basis=Basis.GRANT,
        resource_types=frozenset(map(ResourceType, types)),
        profile=profile.rank,
        until=expires_at,
        recorded_at=recorded_at,
        source_id=source_id,
    )
