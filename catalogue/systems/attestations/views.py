"""Endpoints for owners' statements that the records of their systems are right or wrong."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.bulk import run_bulk
from catalogue.core.rest.bulk_schemas import BulkMode, BulkQuery, BulkResult
from catalogue.core.rest.etag import etag_of, has_match_header, require_match_of
from catalogue.core.rest.reader import get_own_record, read_document, require_visible
from catalogue.core.rest.responses import list_response, record_response, require_match_of_record
from catalogue.systems.attestations.models import Attestation
from catalogue.systems.attestations.operations import attest
from catalogue.systems.attestations.resources import ATTESTATIONS
from catalogue.systems.attestations.schemas import (
    AttestationBulkCreate,
    AttestationBulkItem,
    AttestationCreate,
    AttestationSchema,
)
from catalogue.systems.resources import SYSTEMS

attestations = Blueprint(
    "attestations",
    __name__,
    url_prefix="/v1/systems",
    description="Statements by owners about the records of their systems.",
)


@attestations.get("/<uuid:system_id>/attestations", scope=Scope.SYSTEMS_READ, list_of=ATTESTATIONS)
def list_attestations(context: Context, system_id: UUID) -> Response:
    """List the attestations of a system."""
    require_visible(context, SYSTEMS, system_id)
    return list_response(context, ATTESTATIONS, system_id=system_id)


@attestations.post(
    "/<uuid:system_id>/attestations",
    scope=Scope.SYSTEMS_WRITE,
    body=AttestationCreate,
    response=AttestationSchema,
    if_match_optional=True,
)
def attest_system(context: Context, fields: dict[str, Any], system_id: UUID) -> Response:
    """Confirm the record of your agency's system, or report an error.

    Send the system's ETag in If-Match to confirm the record as you read it.
    """
    system = get_own_record(context, SYSTEMS, system_id)
    if has_match_header():
        require_match_of_record(context, SYSTEMS, system_id)
    attestation = attest(context, system, **fields)
    return record_response(context, ATTESTATIONS, attestation.id, status=201, system_id=system_id)


@attestations.post(
    "/attestations",
    scope=Scope.SYSTEMS_WRITE,
    body=AttestationBulkCreate,
    query=BulkQuery,
    response=BulkResult,
    status=200,
)
def attest_systems(
    context: Context, body: dict[str, Any], mode: BulkMode, dry_run: bool
) -> Response:
    """Confirm the records of up to 500 systems of your agency, or report errors in them.

    An item can carry the entity tag of the system, to confirm the record as you read it. The ids
    and entity tags in the response are those of the attestations.
    """

    def attest_item(item: dict[str, Any]) -> Attestation:
        system = get_own_record(context, SYSTEMS, item.pop("system_id"))
        if etag := item.pop("etag", None):
            require_match_of(etag, etag_of(read_document(context, SYSTEMS, system.id)))
        return attest(context, system, **item)

    return run_bulk(
        context,
        body["items"],
        schema=AttestationBulkItem(),
        each=attest_item,
        resource=ATTESTATIONS,
        status=201,
        mode=mode,
        dry_run=dry_run,
        changed=SYSTEMS,
        changed_id="system_id",
    )


@attestations.get(
    "/<uuid:system_id>/attestations/<uuid:attestation_id>",
    scope=Scope.SYSTEMS_READ,
    response=AttestationSchema,
)
def get_attestation(context: Context, system_id: UUID, attestation_id: UUID) -> Response:
    """Get an attestation of a system."""
    return record_response(context, ATTESTATIONS, attestation_id, system_id=system_id)
