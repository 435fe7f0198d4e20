"""Actions of the demonstration that share records: agreements and access grants."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from catalogue.agencies.agreements import accept_agreement, propose_agreement
from catalogue.agencies.grants import create_grant, revoke_grant
from catalogue.agencies.models import AccessGrant, CollaborationAgreement
from catalogue.agencies.schemas import AccessGrantCreate, AgreementCreate
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.demonstration.records import Systems, find_signatory


def propose(context: Context, _systems: Systems, *, agreement_data: dict[str, Any]) -> None:
    """Propose an agreement to its parties."""
    fields = {
        "title": agreement_data["title"],
        "instrument": agreement_data["instrument"],
        "parties": agreement_data["parties"],
        "start_date": agreement_data["start"],
        "end_date": agreement_data["end"],
        "decision_notice_url": agreement_data["decision_notice_url"],
        "field_profile": agreement_data["field_profile"],
    }
    propose_agreement(context, fields=AgreementCreate().load(fields))


def accept(context: Context, _systems: Systems, *, title: str) -> None:
    """Accept an agreement in its current version."""
    statement = sa.select(CollaborationAgreement).where(CollaborationAgreement.title == title)
    agreement = context.session.scalars(statement).one()
    signatory = find_signatory(context.actor.agency or "")
    accept_agreement(context, agreement, content_hash=agreement.content_hash, **signatory)


def grant(context: Context, _systems: Systems, *, grant_data: dict[str, Any]) -> None:
    """Grant access to another agency for a number of days from now."""
    names = ("grantee", "resource_types", "field_profile", "purpose")
    expiry = clock.now().replace(microsecond=0) + timedelta(days=grant_data["days"])
    fields = {name: grant_data[name] for name in names} | {"expires_at": expiry.isoformat()}
    create_grant(context, fields=AccessGrantCreate().load(fields))


def revoke(context: Context, _systems: Systems, *, purpose: str, reason: str) -> None:
    """Revoke the agency's access grant that has this purpose."""
    statement = sa.select(AccessGrant).where(
        AccessGrant.agency_id == context.actor.agency_id, AccessGrant.purpose == purpose
    )
    revoke_grant(context.session, context.session.scalars(statement).one(), reason=reason)
