"""Agencies over HTTP."""

from typing import Any

from flask import Response

from catalogue.agencies.operations import change_agency, create_agency, find_agency
from catalogue.agencies.resources import AGENCIES
from catalogue.agencies.schemas import AgencyCreate, AgencyPatch, AgencySchema
from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.errors import Forbidden
from catalogue.core.rest.blueprint import Blueprint

OWN_FIELDS = frozenset({"name", "identifiers"})
"""What an agency may change of its own record."""

blp = Blueprint(
    "agencies",
    __name__,
    url_prefix="/v1/agencies",
    description="Police forces, fire and rescue services, their governors and shared services.",
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
