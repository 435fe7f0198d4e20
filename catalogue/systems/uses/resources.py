"""The use resource. An agency can see its own use of every system that it can see."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import seen, with_its_system
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.feed_fields import CodeField, expose, same_names
from catalogue.systems.models import System
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.schemas import SystemUseSchema

_used = sa.orm.aliased(System, name="used")


def _of_a_system(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_used.id == SystemUse.system_id, condition)
        .correlate(SystemUse)
    )


USES = Resource(
    name="use",
    path="/v1/systems/{system_id}/uses",
    model=SystemUse,
    schema=SystemUseSchema,
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

expose(
    USES,
    kind="system_use",
    scope=Scope.SYSTEMS_READ,
    disclosure_rule=with_its_system,
    fields={
        "using_agency_id": CodeField("agency"),
        **same_names("system_id", "user_count", "since", "until"),
    },
)
