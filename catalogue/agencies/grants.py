"""Access grants: granting and revoking access. The caller has locked the grant."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalogue.agencies.agreements import find_current_agencies
from catalogue.agencies.models import GRANT_TO_OWNER, AccessGrant
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import conflict, invalid
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.core.sharing import ResourceType

LONGEST_GRANT = timedelta(days=5 * 365 + 2)
"""The longest duration of a grant: five years with up to two leap days.

Every grant ends, because unlimited grants are forgotten.
"""


def create_grant(context: Context, *, fields: dict[str, Any]) -> AccessGrant:
    """Grant another agency access to records of the actor's agency, from now on.

    Raises Forbidden for an actor without an agency, and Unprocessable for invalid values.
    """
    agency_id = context.require_agency("An agency grants access to its own records")
    values = dict(fields)
    code = values.pop("grantee")
    grantee = find_current_agencies(context.session, {code: "/grantee"})[code]
    if grantee.id == agency_id:
        raise invalid("/grantee", "circular", GRANT_TO_OWNER)
    grant = AccessGrant(agency_id=agency_id, grantee_id=grantee.id)
    _apply(grant, values)
    context.session.add(grant)
    _bump_permissions(context.session)
    return grant


def change_grant(session: Session, grant: AccessGrant, changes: dict[str, Any]) -> None:
    """Change the fields or the end of a live grant. Raises Conflict if it is revoked or expired."""
    if grant.revoked_at is not None:
        raise conflict(
            "", "revoked", "The grant is revoked, so it cannot be changed. Create another."
        )
    if grant.expires_at <= clock.now():
        raise conflict(
            "", "expired", "The grant has expired, so it cannot be changed. Create another."
        )
    _apply(grant, changes)
    if session.is_modified(grant):
        _bump_permissions(session)


def revoke_grant(session: Session, grant: AccessGrant, *, reason: str) -> None:
    """Revoke a grant at once and permanently. Raises Conflict if it is already revoked."""
    if grant.revoked_at is not None:
        raise conflict("", "revoked", "The grant is already revoked. No action is needed.")
    grant.revoked_at = clock.now()
    grant.revoked_reason = reason
    _bump_permissions(session)


def _apply(grant: AccessGrant, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if name == "expires_at":
            _check_end(value)
        if name == "resource_types":
            if not value:
                raise invalid(
                    "/resource_types",
                    "too_few",
                    "The grant opens no type of record. Name at least one.",
                )
            value = [each.value for each in ResourceType if each in value]  # noqa: PLW2901
        setattr(grant, name, value)


def _check_end(expires_at: datetime) -> None:
    now = clock.now()
    if expires_at <= now:
        raise invalid(
            "/expires_at",
            "past",
            "The end of the grant is in the past. Enter a later date and time.",
        )
    if expires_at > now + LONGEST_GRANT:
        raise invalid(
            "/expires_at",
            "too_far",
            "The grant would last more than five years. Enter an earlier date and time.",
        )


def _bump_permissions(session: Session) -> None:
    """Have every process look up sharing again on its next request."""
    session.flush()
    bump_permissions_version(session)
