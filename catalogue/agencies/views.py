"""Endpoints for agencies, agreements and access grants."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.agencies import agreements as agreement_operations
from catalogue.agencies import grants, operations
from catalogue.agencies.operations import find_agency
from catalogue.agencies.resources import ACCESS_GRANTS, AGENCIES, AGREEMENTS
from catalogue.agencies.schemas import (
    AcceptanceCreate,
    AccessGrantCreate,
    AccessGrantPatch,
    AccessGrantSchema,
    AgencyCreate,
    AgencyPatch,
    AgencySchema,
    AgreementCreate,
    AgreementPatch,
    AgreementSchema,
    RevocationCreate,
    WithdrawalCreate,
)
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.history.responses import add_history

blp = Blueprint(
    "agencies",
    __name__,
    url_prefix="/v1/agencies",
    description="Police forces, fire and rescue services, their governors and shared services.",
)
agreements = Blueprint(
    "agreements",
    __name__,
    url_prefix="/v1/agreements",
    description="Agreements between agencies to share records while they are in force.",
)
access_grants = Blueprint(
    "access-grants",
    __name__,
    url_prefix="/v1/access-grants",
    description=(
        "Time-limited access for one agency to records of another, whatever their disclosure."
    ),
)


@blp.get("", scope=Scope.AGENCIES_READ, list_of=AGENCIES)
def list_agencies(context: Context) -> Response:
    """List agencies, including those that have ended."""
    return list_response(context, AGENCIES)


@blp.post("", scope=Scope.ADMIN, body=AgencyCreate, response=AgencySchema)
def create_agency(context: Context, fields: dict[str, Any]) -> Response:
    """Record an agency."""
    agency = operations.create_agency(context.session, fields)
    return record_response(context, AGENCIES, agency.id, status=201)


@blp.get("/<agency>", scope=Scope.AGENCIES_READ, response=AgencySchema)
def get_agency(context: Context, agency: str) -> Response:
    """Get an agency by its code or id."""
    return record_response(context, AGENCIES, find_agency(context.session, agency).id)


@blp.patch("/<agency>", scope=Scope.AGENCIES_WRITE, body=AgencyPatch, response=AgencySchema)
def update_agency(context: Context, changes: dict[str, Any], agency: str) -> Response:
    """Change your agency's record.

    Your agency can change its `name` and `identifiers`. Only an administrator can change the other
    fields, and the records of other agencies.
    """
    record = lock_for_update(context, AGENCIES, find_agency(context.session, agency).id)
    operations.change_own_agency(context, record, changes)
    return record_response(context, AGENCIES, record.id)


@agreements.get("", scope=Scope.AGENCIES_READ, list_of=AGREEMENTS)
def list_agreements(context: Context) -> Response:
    """List the agreements that your agency is a party to."""
    return list_response(context, AGREEMENTS)


@agreements.post("", scope=Scope.AGENCIES_WRITE, body=AgreementCreate, response=AgreementSchema)
def create_agreement(context: Context, fields: dict[str, Any]) -> Response:
    """Propose an agreement that your agency leads.

    Nothing is shared until every party, including your agency, has accepted the agreement.
    """
    agreement = agreement_operations.propose_agreement(context, fields=fields)
    return record_response(context, AGREEMENTS, agreement.id, status=201)


add_get(agreements, AGREEMENTS, scope=Scope.AGENCIES_READ)
add_history(agreements, AGREEMENTS, scope=Scope.AGENCIES_READ)


@agreements.patch(
    "/<uuid:agreement_id>",
    scope=Scope.AGENCIES_WRITE,
    body=AgreementPatch,
    response=AgreementSchema,
)
def update_agreement(context: Context, changes: dict[str, Any], agreement_id: UUID) -> Response:
    """Change an agreement that your agency leads.

    Any change voids all acceptances and withdrawals. Nothing is shared until every party has
    accepted the agreement again.
    """
    agreement = lock_for_update(context, AGREEMENTS, agreement_id)
    agreement_operations.change_agreement(context.session, agreement, changes)
    return record_response(context, AGREEMENTS, agreement_id)


@agreements.post(
    "/<uuid:agreement_id>/acceptances",
    scope=Scope.AGENCIES_WRITE,
    body=AcceptanceCreate,
    response=AgreementSchema,
)
def accept_agreement(context: Context, fields: dict[str, Any], agreement_id: UUID) -> Response:
    """Accept an agreement for your agency.

    Send the `content_hash` that you read, and the name and post of the person who accepts. An
    agreement that has changed since cannot be accepted.
    """
    agreement = get_record(context, AGREEMENTS, agreement_id, lock=True)
    agreement_operations.accept_agreement(context, agreement, **fields)
    return record_response(context, AGREEMENTS, agreement_id, status=201)


@agreements.post(
    "/<uuid:agreement_id>/withdrawal",
    scope=Scope.AGENCIES_WRITE,
    body=WithdrawalCreate,
    response=AgreementSchema,
    status=200,
)
def withdraw_agreement(context: Context, fields: dict[str, Any], agreement_id: UUID) -> Response:
    """Withdraw your agency from an agreement, or refuse it.

    Sharing under the agreement stops between all its parties. Sharing starts again when the lead
    agency has changed the agreement and every party has accepted the change.
    """
    agreement = get_record(context, AGREEMENTS, agreement_id, lock=True)
    agreement_operations.withdraw_from_agreement(context, agreement, **fields)
    return record_response(context, AGREEMENTS, agreement_id)


@agreements.post(
    "/<uuid:agreement_id>/termination",
    scope=Scope.AGENCIES_WRITE,
    response=AgreementSchema,
    status=200,
)
def terminate_agreement(context: Context, agreement_id: UUID) -> Response:
    """Terminate an agreement that your agency leads, at once and permanently."""
    agreement = get_own_record(context, AGREEMENTS, agreement_id)
    agreement_operations.terminate_agreement(context.session, agreement)
    return record_response(context, AGREEMENTS, agreement_id)


@access_grants.get("", scope=Scope.AGENCIES_READ, list_of=ACCESS_GRANTS)
def list_access_grants(context: Context) -> Response:
    """List the access grants that your agency gave or received."""
    return list_response(context, ACCESS_GRANTS)


@access_grants.post(
    "", scope=Scope.AGENCIES_WRITE, body=AccessGrantCreate, response=AccessGrantSchema
)
def create_access_grant(context: Context, fields: dict[str, Any]) -> Response:
    """Grant another agency access to your agency's records.

    The grant opens all records of the types that you name, even those disclosed to `owner_only`.
    """
    grant = grants.create_grant(context, fields=fields)
    return record_response(context, ACCESS_GRANTS, grant.id, status=201)


add_get(access_grants, ACCESS_GRANTS, scope=Scope.AGENCIES_READ)


@access_grants.patch(
    "/<uuid:access_grant_id>",
    scope=Scope.AGENCIES_WRITE,
    body=AccessGrantPatch,
    response=AccessGrantSchema,
)
def update_access_grant(
    context: Context, changes: dict[str, Any], access_grant_id: UUID
) -> Response:
    """Change a live access grant that your agency gave."""
    grant = lock_for_update(context, ACCESS_GRANTS, access_grant_id)
    grants.change_grant(context.session, grant, changes)
    return record_response(context, ACCESS_GRANTS, access_grant_id)


@access_grants.post(
    "/<uuid:access_grant_id>/revocation",
    scope=Scope.AGENCIES_WRITE,
    body=RevocationCreate,
    response=AccessGrantSchema,
    status=200,
)
def revoke_access_grant(
    context: Context, fields: dict[str, Any], access_grant_id: UUID
) -> Response:
    """Revoke an access grant that your agency gave, at once and permanently."""
    grant = get_own_record(context, ACCESS_GRANTS, access_grant_id)
    grants.revoke_grant(context.session, grant, **fields)
    return record_response(context, ACCESS_GRANTS, access_grant_id)
