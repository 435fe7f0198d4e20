"""Reports over HTTP."""

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.responses import list_response
from catalogue.reports.resources import AGENCY_ATTESTATIONS, NOTICE_DATES, UNATTESTED_SYSTEMS

blp = Blueprint(
    "reports",
    __name__,
    url_prefix="/v1/reports",
    description="Questions across the records, answered as far as one may see these.",
)


@blp.get("/attestations", scope=Scope.SYSTEMS_READ, list_of=AGENCY_ATTESTATIONS)
def report_attestations(context: Context) -> Response:
    """Count, for each agency, which of its records it has confirmed within a year."""
    return list_response(context, AGENCY_ATTESTATIONS)


@blp.get("/unattested-systems", scope=Scope.SYSTEMS_READ, list_of=UNATTESTED_SYSTEMS)
def report_unattested_systems(context: Context) -> Response:
    """List the systems in use whose owners have not confirmed the record for a year."""
    return list_response(context, UNATTESTED_SYSTEMS)


@blp.get("/notice-dates", scope=Scope.CONTRACTS_READ, list_of=NOTICE_DATES)
def report_notice_dates(context: Context) -> Response:
    """List the contracts whose notice can still be given, by the last day on which it can.

    `days_left__lte=90` narrows it to those that are due soon. What is already too late is among
    the contracts: `/v1/contracts?last_notice_date__lte=...`.
    """
    return list_response(context, NOTICE_DATES)
