"""The resource of saved mappings, which only their agency can see."""

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.data_exchange.saved_mappings.models import ImportMapping
from catalogue.data_exchange.saved_mappings.schemas import ImportMappingSchema
from catalogue.history.feed_fields import expose, same_names

_SHOWN = ("name", "kind", "source", "columns", "values", "skipped_columns", "heading_row", "sheet")

IMPORT_MAPPINGS = Resource(
    name="import mapping",
    path="/v1/import-mappings",
    model=ImportMapping,
    schema=ImportMappingSchema,
    columns={
        "id": ImportMapping.id,
        **{name: getattr(ImportMapping, name) for name in _SHOWN},
        "created_at": ImportMapping.created_at,
        "updated_at": ImportMapping.updated_at,
        "revision": ImportMapping.revision,
    },
    sort_as={"name": ImportMapping.name_key},
    visible=ImportMapping.agency_id == ACTOR_AGENCY,
    default_sort="name",
    owner="agency_id",
)

expose(
    IMPORT_MAPPINGS,
    kind="import_mapping",
    scope=Scope.IMPORTS_WRITE,
    fields=same_names(*_SHOWN),
)
