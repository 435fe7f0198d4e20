"""Agencies, agreements and grants over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.agencies.agreements import (
    accept_agreement,
    change_agreement,
    propose_agreement,
    terminate_agreement,
    withdraw_from_agreement,
)
from catalogue.agencies.grants import change_grant, grant_access, revoke_grant
from catalogue.agencies.operations import change_agency, create_agency, find_agency
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
from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.errors import Forbidden
from catalogue.core.rest.blueprint import Blueprint
from catalogue.history.answers import history_of
from catalogue.history.schemas import ChangesSchema, HistoryQuery

OWN_FIELDS = frozenset({"name", "identifiers"})
"""What an agency may change of its own record."""

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
    description="What agencies agreed to share with one another, and since when.",
)
access_grants = Blueprint(
    "access-grants",
    __name__,
    url_prefix="/v1/access-grants",
    description="What one agency opens to another for a time, beyond what its records disclose.",
)


@blp.get("", scope=Scope.AGENCIES_READ, lists=AGENCIES)
def list_agencies() -> Response:
    """List agencies."""
    return AGENCIES.listing()


@blp.post("", scope=Scope.ADMIN, body=AgencyCreate, answer=AgencySchema)
def create_agency_record(fields: dict[str, Any]) -> Response:
    """Record an agency."""
    agency = create_agency(session(), fields)
    session().flush()
    return AGENCIES.read(agency.id, status=201)


@blp.get("/<agency>", scope=Scope.AGENCIES_READ, answer=AgencySchema)
def get_agency(agency: str) -> Response:
    """Read one agency, by its code or id."""
    return AGENCIES.read(find_agency(session(), agency).id)


@blp.patch("/<agency>", scope=Scope.AGENCIES_WRITE, body=AgencyPatch, answer=AgencySchema)
def update_agency(changes: dict[str, Any], agency: str) -> Response:
    """Change one's own agency's record; an administrator may change any.

    What it is, who governs it and what it took over from concern others too, and are the
    administrator's alone.
    """
    found = AGENCIES.for_update(session(), find_agency(session(), agency).id)
    others_concern = sorted(set(changes) - OWN_FIELDS)
    if others_concern and not current_actor().has(Scope.ADMIN):
        raise Forbidden(f"Only an administrator may change {', '.join(others_concern)}.")
    change_agency(session(), found, changes)
    session().flush()
    return AGENCIES.read(found.id)


@agreements.get("", scope=Scope.AGENCIES_READ, lists=AGREEMENTS)
def list_agreements() -> Response:
    """List the agreements that one's agency is a party to."""
    return AGREEMENTS.listing()


@agreements.post("", scope=Scope.AGENCIES_WRITE, body=AgreementCreate, answer=AgreementSchema)
def create_agreement(fields: dict[str, Any]) -> Response:
    """Put an agreement, led by one's own agency, before its parties.

    Nothing is shared by it until every party has accepted it, the lead included.
    """
    agreement = propose_agreement(session(), by=current_actor(), fields=fields)
    session().flush()
    return AGREEMENTS.read(agreement.id, status=201)


@agreements.get("/<uuid:agreement_id>", scope=Scope.AGENCIES_READ, answer=AgreementSchema)
def get_agreement(agreement_id: UUID) -> Response:
    """Read one agreement."""
    return AGREEMENTS.read(agreement_id)


@agreements.get(
    "/<uuid:agreement_id>/history",
    scope=Scope.AGENCIES_READ,
    query=HistoryQuery,
    answer=ChangesSchema,
    pages=True,
)
def list_agreement_history(agreement_id: UUID, after: str | None, limit: int) -> Response:
    """List what became of an agreement, as far as one may see it; the oldest first."""
    return history_of(AGREEMENTS, agreement_id, after=after, limit=limit)


@agreements.patch(
    "/<uuid:agreement_id>",
    scope=Scope.AGENCIES_WRITE,
    body=AgreementPatch,
    answer=AgreementSchema,
)
def update_agreement(changes: dict[str, Any], agreement_id: UUID) -> Response:
    """Change an agreement that one's own agency leads.

    Any change voids what the parties said of it: nothing is shared until all accept it anew.
    """
    agreement = AGREEMENTS.for_update(session(), agreement_id)
    change_agreement(session(), agreement, changes)
    session().flush()
    return AGREEMENTS.read(agreement_id)


@agreements.post(
    "/<uuid:agreement_id>/acceptances",
    scope=Scope.AGENCIES_WRITE,
    body=AcceptanceCreate,
    answer=AgreementSchema,
)
def create_agreement_acceptance(fields: dict[str, Any], agreement_id: UUID) -> Response:
    """Accept for one's own agency what it has read."""
    agreement = AGREEMENTS.get(session(), agreement_id, lock=True)
    accept_agreement(session(), agreement, by=current_actor(), **fields)
    return AGREEMENTS.read(agreement_id, status=201)


@agreements.post(
    "/<uuid:agreement_id>/withdrawal",
    scope=Scope.AGENCIES_WRITE,
    body=WithdrawalCreate,
    answer=AgreementSchema,
    status=200,
)
def create_agreement_withdrawal(fields: dict[str, Any], agreement_id: UUID) -> Response:
    """Withdraw one's own agency from an agreement, or refuse it.

    Nothing is shared by it any more, among all its parties, until the lead has changed it and all
    have accepted it anew.
    """
    agreement = AGREEMENTS.get(session(), agreement_id, lock=True)
    withdraw_from_agreement(session(), agreement, by=current_actor(), **fields)
    return AGREEMENTS.read(agreement_id)


@agreements.post(
    "/<uuid:agreement_id>/termination",
    scope=Scope.AGENCIES_WRITE,
    answer=AgreementSchema,
    status=200,
)
def create_agreement_termination(agreement_id: UUID) -> Response:
    """End an agreement that one's own agency leads, at once and for good."""
    agreement = AGREEMENTS.get(session(), agreement_id, lock=True)
    AGREEMENTS.require_owner(agreement)
    terminate_agreement(session(), agreement)
    return AGREEMENTS.read(agreement_id)


@access_grants.get("", scope=Scope.AGENCIES_READ, lists=ACCESS_GRANTS)
def list_access_grants() -> Response:
    """List what one's agency granted to others, and was granted by them."""
    return ACCESS_GRANTS.listing()


@access_grants.post(
    "", scope=Scope.AGENCIES_WRITE, body=AccessGrantCreate, answer=AccessGrantSchema
)
def create_access_grant(fields: dict[str, Any]) -> Response:
    """Grant another agency access to all records of some types of one's own.

    It opens those too that are disclosed to their owner only.
    """
    grant = grant_access(session(), by=current_actor(), fields=fields)
    return ACCESS_GRANTS.read(grant.id, status=201)


@access_grants.get("/<uuid:access_grant_id>", scope=Scope.AGENCIES_READ, answer=AccessGrantSchema)
def get_access_grant(access_grant_id: UUID) -> Response:
    """Read one grant."""
    return ACCESS_GRANTS.read(access_grant_id)


@access_grants.patch(
    "/<uuid:access_grant_id>",
    scope=Scope.AGENCIES_WRITE,
    body=AccessGrantPatch,
    answer=AccessGrantSchema,
)
def update_access_grant(changes: dict[str, Any], access_grant_id: UUID) -> Response:
    """Change what a live grant of one's own agency opens, or until when."""
    grant = ACCESS_GRANTS.for_update(session(), access_grant_id)
    change_grant(session(), grant, changes)
    return ACCESS_GRANTS.read(access_grant_id)


@access_grants.post(
    "/<uuid:access_grant_id>/revocation",
    scope=Scope.AGENCIES_WRITE,
    body=RevocationCreate,
    answer=AccessGrantSchema,
    status=200,
)
def create_access_grant_revocation(fields: dict[str, Any], access_grant_id: UUID) -> Response:
    """Revoke a grant of one's own agency, at once and for good."""
    grant = ACCESS_GRANTS.get(session(), access_grant_id, lock=True)
    ACCESS_GRANTS.require_owner(grant)
    revoke_grant(session(), grant, **fields)
    return ACCESS_GRANTS.read(access_grant_id)
