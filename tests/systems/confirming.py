"""Records that were confirmed long ago: tokens do not outlive a clock that is set back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from catalogue.systems.models import System


def confirmed_at(session: Session, identity: str, moment: datetime) -> None:
    """Let the record of a system have been confirmed then."""
    session.get_one(System, UUID(identity)).attested_at = moment
    session.commit()
