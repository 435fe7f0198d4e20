"""The capability resource. Every client with `systems:read` can read all records."""

import sqlalchemy as sa

from catalogue.capabilities.models import Capability
from catalogue.capabilities.schemas import CapabilitySchema
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import EVERYONE, Resource
from catalogue.history.feed_fields import CodeField, expose, same_names

_parent = sa.orm.aliased(Capability, name="parent")

CAPABILITIES = Resource(
    name="capability",
    path="/v1/capabilities",
    model=Capability,
    schema=CapabilitySchema,
    columns={
        "id": Capability.id,
        "code": Capability.code,
        "name": Capability.name,
        "parent": _parent.code,
        "tier": Capability.tier,
        "description": Capability.description,
        "created_at": Capability.created_at,
        "updated_at": Capability.updated_at,
    },
    not_filters=frozenset({"description"}),
    source=sa.orm.outerjoin(Capability, _parent, Capability.parent_id == _parent.id),
    visible=EVERYONE,
    search=Capability.search_text,
    default_sort="code",
    administered=True,
)

expose(
    CAPABILITIES,
    scope=Scope.SYSTEMS_READ,
    fields={
        **same_names("code", "name", "tier", "description"),
        "parent_id": CodeField("parent", table="capability"),
    },
)
