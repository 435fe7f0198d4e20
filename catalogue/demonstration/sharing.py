"""The agreements and grants of the demonstration."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from catalogue.agencies.agreements import accept_agreement, propose_agreement
from catalogue.agencies.grants import create_grant, revoke_grant
from catalogue.agencies.models import AccessGrant, CollaborationAgreement
from catalogue.agencies.schemas import AccessGrantCreate, AgreementCreate
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.demonstration.records import Systems


def propose(context: Context, _systems: Systems, *, told: dict[str, Any]) -> None:
    """Put an agreement before its parties."""
    fields = {
        "title": told["title"],
        "instrument": told["instrument"],
        "parties": told["parties"],
        "start_date": told["start"],
        "end_date": told["end"],
        "decision_notice_url": told["decision_notice_url"],
        "field_profile": told["field_profile"],
    }
    propose_agreement(context, fields=AgreementCreate().load(fields))


def accept(context: Context, _systems: Systems, *, title: str) -> None:
    """Accept an agreement as it stands."""
    asked = sa.select(CollaborationAgreement).where(CollaborationAgreement.title == title)
    agreement = context.session.scalars(asked).one()
    accept_agreement(context, agreement, content_hash=agreement.content_hash)


def grant(context: Context, _systems: Systems, *, told: dict[str, Any]) -> None:
    """Open records to another agency, for some days from now on."""
    names = ("grantee", "resource_types", "field_profile", "purpose")
    expiry = clock.now().replace(microsecond=0) + timedelta(days=told["days"])
    fields = {name: told[name] for name in names} | {"expires_at": expiry.isoformat()}
    create_grant(context, fields=AccessGrantCreate().load(fields))


def revoke(context: Context, _systems: Systems, *, purpose: str, reason: str) -> None:
    """Close again what was opened for a purpose."""
    asked = sa.select(AccessGrant).where(
        AccessGrant.agency_id == context.actor.agency_id, AccessGrant.purpose == purpose
    )
    revoke_grant(context.session, context.session.scalars(asked).one(), reason=reason)
