"""The resources of pipeline entries: one for the owner, and one for the public."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own
from catalogue.contracts.models import Contract
from catalogue.contracts.pipeline.models import PipelineEntry
from catalogue.contracts.pipeline.schemas import PipelineEntrySchema, PublishedEntrySchema
from catalogue.contracts.pipeline.vocabulary import PipelineStatus
from catalogue.contracts.resources import CONTRACTS
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.history.feed_fields import CodeField, ReferenceField, expose, same_names

PUBLIC_FIELDS = (
    "kind",
    "title",
    "description",
    "category",
    "cpv",
    "estimated_value",
    "currency",
    "contract_start",
    "contract_end",
    "max_extent_date",
    "procurement_route",
    "regime",
    "planned_notice_date",
    "contact",
    "ocid",
)
"""Fields that the owner and the public can read. A change to a published entry is public at once."""

_source = sa.orm.join(PipelineEntry, Agency, PipelineEntry.agency_id == Agency.id)
# Null once the contract is deleted, since the entry outlives it.
_contract: ColumnElement[Any] = (
    sa.select(Contract.id)
    .where(Contract.id == PipelineEntry.contract_id, own(Contract))
    .correlate(PipelineEntry)
    .scalar_subquery()
)


def _fields(**others: Any) -> dict[str, Any]:
    public = {name: getattr(PipelineEntry, name) for name in PUBLIC_FIELDS}
    buyer = {"buyer": Agency.code, "buyer_name": Agency.name}
    return public | buyer | others


PIPELINE_ENTRIES = Resource(
    name="pipeline_entry",
    path="/v1/pipeline-entries",
    model=PipelineEntry,
    schema=PipelineEntrySchema,
    columns={"id": PipelineEntry.id, "status": PipelineEntry.status}
    | _fields(
        contract_id=_contract,
        supplier=PipelineEntry.supplier,
        supplier_shown=PipelineEntry.supplier_shown,
        published_at=PipelineEntry.published_at,
        withdrawn_at=PipelineEntry.withdrawn_at,
        created_at=PipelineEntry.created_at,
        updated_at=PipelineEntry.updated_at,
    ),
    source=_source,
    visible=own(PipelineEntry),
    not_filters=frozenset({"description"}),
    default_sort="-created_at",
    owner="agency_id",
)

PUBLISHED = Resource(
    name="pipeline",
    path="/v1/pipeline",
    has_etags=False,
    model=PipelineEntry,
    schema=PublishedEntrySchema,
    columns={"id": PipelineEntry.public_id}
    | _fields(
        supplier=sa.case((PipelineEntry.supplier_shown, PipelineEntry.supplier)),
        # Never null in a published entry. `coalesce` makes the column not nullable in queries.
        published_at=sa.func.coalesce(PipelineEntry.published_at, PipelineEntry.public_updated_at),
        updated_at=PipelineEntry.public_updated_at,
    ),
    source=_source,
    identity=PipelineEntry.public_id,
    visible=PipelineEntry.status == sa.literal_column(f"'{PipelineStatus.PUBLISHED.value}'"),
    not_filters=frozenset({"description"}),
    search=PipelineEntry.public_search_text,
    default_sort="-published_at",
)
"""Public entries. The row rule depends on no actor, and no column comes from a contract."""

expose(
    PIPELINE_ENTRIES,
    scope=Scope.CONTRACTS_READ,
    fields={
        "agency_id": CodeField("buyer"),
        "contract_id": ReferenceField("contract_id", to=CONTRACTS),
        **same_names(
            *PUBLIC_FIELDS, "status", "supplier", "supplier_shown", "published_at", "withdrawn_at"
        ),
    },
)
