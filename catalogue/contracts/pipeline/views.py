"""Endpoints with which an agency drafts, publishes and withdraws its pipeline entries."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.contracts.pipeline import operations
from catalogue.contracts.pipeline.models import PipelineEntry
from catalogue.contracts.pipeline.resources import PIPELINE_ENTRIES
from catalogue.contracts.pipeline.schemas import (
    PipelineEntryCreate,
    PipelineEntryPatch,
    PipelineEntrySchema,
)
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history

pipeline_entries = Blueprint(
    "pipeline-entries",
    __name__,
    url_prefix="/v1/pipeline-entries",
    description="Contract ends and planned procurements of your agency, to publish to suppliers.",
)


@pipeline_entries.get("", scope=Scope.CONTRACTS_READ, list_of=PIPELINE_ENTRIES)
def list_pipeline_entries(context: Context) -> Response:
    """List your agency's pipeline entries, whether draft, published or withdrawn."""
    return list_response(context, PIPELINE_ENTRIES)


@pipeline_entries.post(
    "", scope=Scope.CONTRACTS_WRITE, body=PipelineEntryCreate, response=PipelineEntrySchema
)
def create_pipeline_entry(context: Context, fields: dict[str, Any]) -> Response:
    """Create a draft pipeline entry.

    Only your agency sees the entry until you publish it. With `contract_id`, the contract fills in
    fields that you leave out: title, dates, currency, route, regime, supplier and OCID. A planned
    procurement does not take the dates or the OCID. Amounts are never copied. Later changes to the
    contract do not change the entry. The supplier is published only if `supplier_shown` is true.
    """
    entry = operations.create_entry(context, fields=fields)
    return record_response(context, PIPELINE_ENTRIES, entry.id, status=201)


add_get(pipeline_entries, PIPELINE_ENTRIES, scope=Scope.CONTRACTS_READ)
add_history(pipeline_entries, PIPELINE_ENTRIES, scope=Scope.CONTRACTS_READ)


@pipeline_entries.patch(
    "/<uuid:pipeline_entry_id>",
    scope=Scope.CONTRACTS_WRITE,
    body=PipelineEntryPatch,
    response=PipelineEntrySchema,
)
def update_pipeline_entry(
    context: Context, changes: dict[str, Any], pipeline_entry_id: UUID
) -> Response:
    """Change some fields of your agency's pipeline entry.

    Changes to a published entry are public at once.
    """
    entry: PipelineEntry = lock_for_update(context, PIPELINE_ENTRIES, pipeline_entry_id)
    operations.update_entry(entry, changes)
    return record_response(context, PIPELINE_ENTRIES, pipeline_entry_id)


@pipeline_entries.delete("/<uuid:pipeline_entry_id>", scope=Scope.CONTRACTS_WRITE)
def delete_pipeline_entry(context: Context, pipeline_entry_id: UUID) -> None:
    """Delete a draft pipeline entry.

    You cannot delete an entry that was ever published. Withdraw it instead.
    """
    operations.delete_entry(
        context.session, lock_for_update(context, PIPELINE_ENTRIES, pipeline_entry_id)
    )


@pipeline_entries.post(
    "/<uuid:pipeline_entry_id>/publication",
    scope=Scope.CONTRACTS_WRITE,
    response=PipelineEntrySchema,
    status=200,
)
def publish_pipeline_entry(context: Context, pipeline_entry_id: UUID) -> Response:
    """Publish your agency's pipeline entry to everybody."""
    operations.publish_entry(get_record(context, PIPELINE_ENTRIES, pipeline_entry_id, lock=True))
    return record_response(context, PIPELINE_ENTRIES, pipeline_entry_id)


@pipeline_entries.post(
    "/<uuid:pipeline_entry_id>/withdrawal",
    scope=Scope.CONTRACTS_WRITE,
    response=PipelineEntrySchema,
    status=200,
)
def withdraw_pipeline_entry(context: Context, pipeline_entry_id: UUID) -> Response:
    """Withdraw a published pipeline entry.

    You can publish it again.
    """
    operations.withdraw_entry(get_record(context, PIPELINE_ENTRIES, pipeline_entry_id, lock=True))
    return record_response(context, PIPELINE_ENTRIES, pipeline_entry_id)
