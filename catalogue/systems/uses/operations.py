"""Recording and changing uses."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.errors import invalid
from catalogue.systems.models import System
from catalogue.systems.uses.models import SystemUse


def create_use(session: Session, system: System, fields: dict[str, Any]) -> SystemUse:
    """Record that an agency uses a system. Unprocessable names what does not fit."""
    use = SystemUse(system=system)
    change_use(session, use, fields)
    session.add(use)
    return use


def change_use(session: Session, use: SystemUse, changes: dict[str, Any]) -> None:
    """Change some fields of a use. Unprocessable names what does not fit."""
    plain = dict(changes)
    if "agency" in plain:
        code = plain.pop("agency")
        with session.no_autoflush:
            found = session.scalar(sa.select(Agency.id).where(Agency.code == code))
        if found is None:
            raise invalid("/agency", "unknown", "There is no such agency.")
        use.using_agency_id = found
    for name, value in plain.items():
        setattr(use, name, value)
    if use.since and use.until and use.until < use.since:
        raise invalid("/until", "out_of_order", "It may not end before it starts.")
