"""Token revocation: ending a token before it expires."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.models import RevokedToken
from catalogue.access.tokens import LEEWAY
from catalogue.core import clock
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.core.upsert import insert


def revoke_token(session: Session, *, jti: str, expires_at: datetime) -> None:
    """Revoke a token. Revoking it again changes nothing."""
    now = clock.now()
    session.execute(sa.delete(RevokedToken).where(RevokedToken.expires_at < now - LEEWAY))
    session.execute(
        insert(session, RevokedToken)
        .values(jti=jti, expires_at=expires_at)
        .on_conflict_do_nothing(index_elements=[RevokedToken.jti])
    )
    bump_permissions_version(session)
