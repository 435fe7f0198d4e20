"""The pipeline over HTTP, for the agencies that publish."""

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
    description="What an agency tells suppliers of contracts that end and of procurements to come.",
)


@pipeline_entries.get("", scope=Scope.CONTRACTS_READ, list_of=PIPELINE_ENTRIES)
def list_pipeline_entries(context: Context) -> Response:
    """List one's own entries of the pipeline: drafts, published and withdrawn ones."""
    return list_response(context, PIPELINE_ENTRIES)


@pipeline_entries.post(
    "", scope=Scope.CONTRACTS_WRITE, body=PipelineEntryCreate, response=PipelineEntrySchema
)
def create_pipeline_entry(context: Context, fields: dict[str, Any]) -> Response:
    """Draft an entry of the pipeline; nobody else sees it until it is published.

    With `contract_id`, what is not given is taken from that contract: title, term, route, regime,
    supplier and OCID. Amounts never are, and the supplier is published only where
    `supplier_shown` says so. Later changes of the contract change nothing here.
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
    """Change some fields of an entry of one's own; if it is published, the public reads them."""
    entry: PipelineEntry = lock_for_update(context, PIPELINE_ENTRIES, pipeline_entry_id)
    operations.update_entry(entry, changes)
    return record_response(context, PIPELINE_ENTRIES, pipeline_entry_id)


@pipeline_entries.delete("/<uuid:pipeline_entry_id>", scope=Scope.CONTRACTS_WRITE)
def delete_pipeline_entry(context: Context, pipeline_entry_id: UUID) -> None:
    """Remove a draft. What has been published is withdrawn, and stays on record."""
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
    """Publish an entry of one's own, to everybody."""
    operations.publish_entry(get_record(context, PIPELINE_ENTRIES, pipeline_entry_id, lock=True))
    return record_response(context, PIPELINE_ENTRIES, pipeline_entry_id)


@pipeline_entries.post(
    "/<uuid:pipeline_entry_id>/withdrawal",
    scope=Scope.CONTRACTS_WRITE,
    response=PipelineEntrySchema,
    status=200,
)
def withdraw_pipeline_entry(context: Context, pipeline_entry_id: UUID) -> Response:
    """Take back an entry that was published; it may be published again."""
    operations.withdraw_entry(get_record(context, PIPELINE_ENTRIES, pipeline_entry_id, lock=True))
    return record_response(context, PIPELINE_ENTRIES, pipeline_entry_id)
