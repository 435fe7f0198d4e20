"""Endpoints for owners' statements that the records of their systems are right or wrong."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import has_match_header
from catalogue.core.rest.reader import get_own_record, require_visible
from catalogue.core.rest.responses import list_response, record_response, require_match_of_record
from catalogue.systems.attestations.operations import attest
from catalogue.systems.attestations.resources import ATTESTATIONS
from catalogue.systems.attestations.schemas import AttestationCreate, AttestationSchema
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


@attestations.get(
    "/<uuid:system_id>/attestations/<uuid:attestation_id>",
    scope=Scope.SYSTEMS_READ,
    response=AttestationSchema,
)
def get_attestation(context: Context, system_id: UUID, attestation_id: UUID) -> Response:
    """Get an attestation of a system."""
    return record_response(context, ATTESTATIONS, attestation_id, system_id=system_id)
