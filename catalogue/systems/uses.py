"""Who uses a system: five forces on one installation are one system with five uses."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen, with_its_system
from catalogue.core.actor import Scope
from catalogue.core.errors import invalid
from catalogue.core.reach import ACTOR_AGENCY, Profile
from catalogue.core.rest.resource import Resource
from catalogue.history.telling import Coded, same, tell
from catalogue.systems.models import System, SystemUse
from catalogue.systems.schemas import SystemUseSchema

_used = sa.orm.aliased(System, name="used")


def _of_a_system(seen_so_far: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_used.id == SystemUse.system_id, seen_so_far)
        .correlate(SystemUse)
    )


USES = Resource(
    name="use",
    path="/v1/systems/{system_id}/uses",
    model=SystemUse,
    answer=SystemUseSchema,
    columns={
        "id": SystemUse.id,
        "system_id": SystemUse.system_id,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "user_count": SystemUse.user_count,
        "since": SystemUse.since,
        "until": SystemUse.until,
        "created_at": SystemUse.created_at,
        "updated_at": SystemUse.updated_at,
    },
    source=sa.orm.join(SystemUse, Agency, SystemUse.using_agency_id == Agency.id),
    visible=sa.or_(
        _of_a_system(seen(_used, at=Profile.STANDARD)),
        sa.and_(SystemUse.using_agency_id == ACTOR_AGENCY, _of_a_system(seen(_used))),
    ),
    default_sort="agency,-since",
    owner="owner_id",
)

tell(
    USES,
    kind="system_use",
    scope=Scope.SYSTEMS_READ,
    disclosed=with_its_system,
    fields={
        "using_agency_id": Coded("agency"),
        **same("system_id", "user_count", "since", "until"),
    },
)


def record_use(session: Session, system: System, fields: dict[str, Any]) -> SystemUse:
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
