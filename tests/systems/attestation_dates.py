"""Dates of attestations, set in the database because tokens expire when the clock moves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from catalogue.systems.models import System


def set_attested_at(session: Session, identity: str, moment: datetime) -> None:
    """Set the moment of the last confirmation of a system."""
    session.get_one(System, UUID(identity)).attested_at = moment
    session.commit()
