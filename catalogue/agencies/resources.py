"""How agencies are read."""

import sqlalchemy as sa

from catalogue.agencies.models import Agency, agency_succession
from catalogue.agencies.schemas import AgencySchema
from catalogue.core.rest.columns import json_list
from catalogue.core.rest.resource import EVERYONE, Resource

_governor = sa.orm.aliased(Agency, name="governor")
_other = sa.orm.aliased(Agency, name="other")

AGENCIES = Resource(
    name="agency",
    path="/v1/agencies",
    model=Agency,
    answer=AgencySchema,
    columns={
        "id": Agency.id,
        "code": Agency.code,
        "name": Agency.name,
        "kind": Agency.kind,
        "nation": Agency.nation,
        "identifiers": Agency.identifiers,
        "governed_by": _governor.code,
        "valid_from": Agency.valid_from,
        "valid_to": Agency.valid_to,
        "predecessors": json_list(
            _other.code,
            of=Agency,
            where=sa.and_(
                agency_succession.c.successor_id == Agency.id,
                agency_succession.c.predecessor_id == _other.id,
            ),
            order_by=_other.code,
        ),
        "successors": json_list(
            _other.code,
            of=Agency,
            where=sa.and_(
                agency_succession.c.predecessor_id == Agency.id,
                agency_succession.c.successor_id == _other.id,
            ),
            order_by=_other.code,
        ),
        "created_at": Agency.created_at,
        "updated_at": Agency.updated_at,
    },
    source=sa.orm.outerjoin(Agency, _governor, Agency.governed_by_id == _governor.id),
    visible=EVERYONE,
    search=Agency.search_text,
    default_sort="name",
    owner="id",
    administered=True,
)
"""Which agencies there are is public; only what they run is not."""
