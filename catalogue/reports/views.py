"""Endpoints for the reports on attestations and notice dates."""

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
    description="Reports across the records that you can see.",
)


@blp.get("/attestations", scope=Scope.SYSTEMS_READ, list_of=AGENCY_ATTESTATIONS)
def get_attestation_report(context: Context) -> Response:
    """Count the systems that each agency confirmed in the last year.

    The counts cover systems in use that you can see.
    """
    return list_response(context, AGENCY_ATTESTATIONS)


@blp.get("/unattested-systems", scope=Scope.SYSTEMS_READ, list_of=UNATTESTED_SYSTEMS)
def list_unattested_systems(context: Context) -> Response:
    """List systems in use that were not confirmed in the last year."""
    return list_response(context, UNATTESTED_SYSTEMS)


@blp.get("/notice-dates", scope=Scope.CONTRACTS_READ, list_of=NOTICE_DATES)
def list_notice_dates(context: Context) -> Response:
    """List contracts that need notice, in order of notice date.

    The list begins with contracts whose last day for notice has passed, and which will run on. It
    also holds contracts that are past their end with no renewal recorded. Add `window=too_late`,
    `window=this_month` or `window=later` for a part, or `days_left__lte=90` for the next 90 days. To
    take a contract off the list, record `notice_given_on` or `renewal`.
    """
    return list_response(context, NOTICE_DATES)
