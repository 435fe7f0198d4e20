"""Sharing: the records that agreements and grants open to an agency, cached until a permission changes."""

from datetime import timedelta
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
from catalogue.core import clock
from catalogue.core.database import UnitOfWork
from catalogue.core.permissions_version import read_permissions_version
from catalogue.core.sharing import Basis, ResourceType, Share, SharedWith
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
).where(
    AccessGrant.grantee_id == _AGENCY_ID,
    AccessGrant.revoked_at.is_(None),
    AccessGrant.expires_at > sa.bindparam("now"),
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
    return [
        Share(
            owner_id=owner_id,
            basis=Basis.AGREEMENT,
            resource_types=ALL_RESOURCE_TYPES,
            profile=profile.rank,
            since=clock.start_of(first),
            until=None if last is None else clock.start_of(last + timedelta(days=1)),
            recorded_at=recorded_at,
        )
        for owner_id, profile, first, last, recorded_at in session.execute(_BY_AGREEMENT, values)
    ]


def _by_grant(session: Session, agency_id: UUID) -> list[Share]:
    values = {"agency_id": agency_id, "now": clock.now()}
    return [
        Share(
            owner_id=owner_id,
            basis=Basis.GRANT,
            resource_types=frozenset(map(ResourceType, types)),
            profile=profile.rank,
            until=expires_at,
            recorded_at=recorded_at,
        )
        for owner_id, types, profile, expires_at, recorded_at in session.execute(_BY_GRANT, values)
    ]
