"""Reports over HTTP."""

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.rest.blueprint import Blueprint
from catalogue.reports.resources import AGENCY_ATTESTATIONS, UNATTESTED_SYSTEMS

blp = Blueprint(
    "reports",
    __name__,
    url_prefix="/v1/reports",
    description="Questions across the records, answered as far as one may see these.",
)


@blp.get("/attestations", scope=Scope.SYSTEMS_READ, lists=AGENCY_ATTESTATIONS)
def report_attestations() -> Response:
    """Count, for each agency, which of its records it has confirmed within a year."""
    return AGENCY_ATTESTATIONS.listing()


@blp.get("/unattested-systems", scope=Scope.SYSTEMS_READ, lists=UNATTESTED_SYSTEMS)
def report_unattested_systems() -> Response:
    """List the systems in use whose owners have not confirmed the record for a year."""
    return UNATTESTED_SYSTEMS.listing()
