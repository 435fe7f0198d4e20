"""The custom field resource: an agency reads its own fields and those of all agencies."""

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.custom_fields.models import CustomField
from catalogue.custom_fields.schemas import CustomFieldSchema
from catalogue.history.feed_fields import expose, same_names

_SHOWN = ("record", "key", "label", "description", "type", "choices")

CUSTOM_FIELDS = Resource(
    name="custom_field",
    path="/v1/custom-fields",
    model=CustomField,
    schema=CustomFieldSchema,
    columns={
        "id": CustomField.id,
        **{name: getattr(CustomField, name) for name in _SHOWN},
        "for_all_agencies": CustomField.agency_id.is_(None),
        "created_at": CustomField.created_at,
        "updated_at": CustomField.updated_at,
    },
    not_filters=frozenset({"description"}),
    visible=sa.or_(CustomField.agency_id == ACTOR_AGENCY, CustomField.agency_id.is_(None)),
    default_sort="key",
    owner="agency_id",
    administered=True,
)

expose(CUSTOM_FIELDS, scope=Scope.SYSTEMS_READ, fields=same_names(*_SHOWN))
