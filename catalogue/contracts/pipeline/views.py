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
from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery

pipeline_entries = Blueprint(
    "pipeline-entries",
    __name__,
    url_prefix="/v1/pipeline-entries",
    description="What an agency tells suppliers of contracts that end and of procurements to come.",
)


@pipeline_entries.get("", scope=Scope.CONTRACTS_READ, lists=PIPELINE_ENTRIES)
def list_pipeline_entries() -> Response:
    """List one's own entries of the pipeline: drafts, published and withdrawn ones."""
    return PIPELINE_ENTRIES.listing()


@pipeline_entries.post(
    "", scope=Scope.CONTRACTS_WRITE, body=PipelineEntryCreate, answer=PipelineEntrySchema
)
def draft_pipeline_entry(fields: dict[str, Any]) -> Response:
    """Draft an entry of the pipeline; nobody else sees it until it is published.

    With `contract_id`, what is not given is taken from that contract: title, term, route, regime,
    supplier and OCID. Amounts never are, and the supplier is published only where
    `supplier_shown` says so. Later changes of the contract change nothing here.
    """
    entry = operations.draft_entry(session(), by=current_actor(), fields=fields)
    session().flush()
    return PIPELINE_ENTRIES.read(entry.id, status=201)


@pipeline_entries.get(
    "/<uuid:pipeline_entry_id>", scope=Scope.CONTRACTS_READ, answer=PipelineEntrySchema
)
def get_pipeline_entry(pipeline_entry_id: UUID) -> Response:
    """Read one entry of one's own."""
    return PIPELINE_ENTRIES.read(pipeline_entry_id)


@pipeline_entries.get(
    "/<uuid:pipeline_entry_id>/history",
    scope=Scope.CONTRACTS_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_pipeline_entry_history(pipeline_entry_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of an entry of one's own; the oldest first."""
    return history_of(PIPELINE_ENTRIES, pipeline_entry_id, after=after, limit=limit)


@pipeline_entries.patch(
    "/<uuid:pipeline_entry_id>",
    scope=Scope.CONTRACTS_WRITE,
    body=PipelineEntryPatch,
    answer=PipelineEntrySchema,
)
def update_pipeline_entry(changes: dict[str, Any], pipeline_entry_id: UUID) -> Response:
    """Change some fields of an entry of one's own; if it is published, the public reads them."""
    entry: PipelineEntry = PIPELINE_ENTRIES.for_update(session(), pipeline_entry_id)
    operations.change_entry(entry, changes)
    session().flush()
    return PIPELINE_ENTRIES.read(pipeline_entry_id)


@pipeline_entries.delete("/<uuid:pipeline_entry_id>", scope=Scope.CONTRACTS_WRITE)
def delete_pipeline_entry(pipeline_entry_id: UUID) -> None:
    """Remove a draft. What has been published is withdrawn, and stays on record."""
    operations.remove(session(), PIPELINE_ENTRIES.for_update(session(), pipeline_entry_id))
    session().flush()


def _own(pipeline_entry_id: UUID) -> PipelineEntry:
    entry: PipelineEntry = PIPELINE_ENTRIES.get(session(), pipeline_entry_id, lock=True)
    return entry


@pipeline_entries.post(
    "/<uuid:pipeline_entry_id>/publication",
    scope=Scope.CONTRACTS_WRITE,
    answer=PipelineEntrySchema,
    status=200,
)
def publish_pipeline_entry(pipeline_entry_id: UUID) -> Response:
    """Publish an entry of one's own, to everybody."""
    operations.publish(_own(pipeline_entry_id))
    session().flush()
    return PIPELINE_ENTRIES.read(pipeline_entry_id)


@pipeline_entries.post(
    "/<uuid:pipeline_entry_id>/withdrawal",
    scope=Scope.CONTRACTS_WRITE,
    answer=PipelineEntrySchema,
    status=200,
)
def withdraw_pipeline_entry(pipeline_entry_id: UUID) -> Response:
    """Take back an entry that was published; it may be published again."""
    operations.withdraw(_own(pipeline_entry_id))
    session().flush()
    return PIPELINE_ENTRIES.read(pipeline_entry_id)
