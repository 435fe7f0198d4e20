"""Reports over HTTP."""

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.rest.blueprint import Blueprint
from catalogue.reports.resources import AGENCY_ATTESTATIONS, NOTICE_DATES, UNATTESTED_SYSTEMS

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


@blp.get("/notice-dates", scope=Scope.CONTRACTS_READ, lists=NOTICE_DATES)
def report_notice_dates() -> Response:
    """List the contracts whose notice can still be given, by the last day on which it can.

    `days_left__lte=90` narrows it to those that are due soon. What is already too late is among
    the contracts: `/v1/contracts?last_notice_date__lte=...`.
    """
    return NOTICE_DATES.listing()
