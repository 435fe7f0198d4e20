"""Dates of attestations. They are set, because tokens expire when the clock is moved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from catalogue.systems.models import System


def set_attested_at(session: Session, identity: str, moment: datetime) -> None:
    """Set when a system was last confirmed."""
    session.get_one(System, UUID(identity)).attested_at = moment
    session.commit()
