"""Access grants: granting access, and revoking it. Whoever calls has locked the grant."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalogue.agencies.agreements import find_current_agencies
from catalogue.agencies.models import AccessGrant
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import conflict, invalid
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.core.sharing import ResourceType

LONGEST_GRANT = timedelta(days=5 * 365 + 2)
"""Five years, with the two leap days that may fall in them. What has no end is forgotten."""


def create_grant(context: Context, *, fields: dict[str, Any]) -> AccessGrant:
    """Open records of the actor's agency to another, from now on.

    Forbidden for one who acts for no agency; Unprocessable names what does not fit.
    """
    agency_id = context.require_agency("An agency grants access to its own records")
    values = dict(fields)
    code = values.pop("grantee")
    grantee = find_current_agencies(context.session, {code: "/grantee"})[code]
    if grantee.id == agency_id:
        raise invalid("/grantee", "circular", "An agency sees its own records without a grant.")
    grant = AccessGrant(agency_id=agency_id, grantee_id=grantee.id)
    _apply(grant, values)
    context.session.add(grant)
    _bump_permissions(context.session)
    return grant


def change_grant(session: Session, grant: AccessGrant, changes: dict[str, Any]) -> None:
    """Change what a live grant opens, or until when. Conflict once it is revoked or expired."""
    if grant.revoked_at is not None:
        raise conflict("", "revoked", "The grant is revoked; make another.")
    if grant.expires_at <= clock.now():
        raise conflict("", "expired", "The grant has expired; make another.")
    _apply(grant, changes)
    if session.is_modified(grant):
        _bump_permissions(session)


def revoke_grant(session: Session, grant: AccessGrant, *, reason: str) -> None:
    """Close what it opened, at once and for good. Conflict if that was done already."""
    if grant.revoked_at is not None:
        raise conflict("", "revoked", "The grant is revoked already.")
    grant.revoked_at = clock.now()
    grant.revoked_reason = reason
    _bump_permissions(session)


def _apply(grant: AccessGrant, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if name == "expires_at":
            _require_near(value)
        if name == "resource_types":
            if not value:
                raise invalid("/resource_types", "too_few", "Name what the grant opens.")
            value = [each.value for each in ResourceType if each in value]  # noqa: PLW2901
        setattr(grant, name, value)


def _require_near(expires_at: datetime) -> None:
    now = clock.now()
    if expires_at <= now:
        raise invalid("/expires_at", "past", "It should be in the future.")
    if expires_at > now + LONGEST_GRANT:
        raise invalid("/expires_at", "too_far", "A grant lasts five years at most.")


def _bump_permissions(session: Session) -> None:
    """Let every process know on its next request."""
    session.flush()
    bump_permissions_version(session)
