"""Operations that record and change the use of a system by an agency."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.core.errors import END_BEFORE_START, invalid
from catalogue.systems.models import System
from catalogue.systems.uses.models import SystemUse


def create_use(session: Session, system: System, fields: dict[str, Any]) -> SystemUse:
    """Record that an agency uses a system. Raises Unprocessable for invalid values."""
    use = SystemUse(system=system)
    change_use(session, use, fields)
    session.add(use)
    return use


def change_use(session: Session, use: SystemUse, changes: dict[str, Any]) -> None:
    """Change some fields of a use. Raises Unprocessable for invalid values."""
    values = dict(changes)
    if "agency" in values:
        code = values.pop("agency")
        with session.no_autoflush:
            agency_id = session.scalar(sa.select(Agency.id).where(Agency.code == code))
        if agency_id is None:
            raise invalid("/agency", "unknown", unknown_agency(session, code))
        use.using_agency_id = agency_id
    for name, value in values.items():
        setattr(use, name, value)
    if use.since and use.until and use.until < use.since:
        raise invalid("/until", "out_of_order", END_BEFORE_START)
