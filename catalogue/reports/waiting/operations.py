"""Counts of the records that wait for the actor's agency.

Each count is that of a list with filters, so the count and the list cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.profiles import WITHHELD
from catalogue.core.rest.reader import count_rows
from catalogue.core.rest.resource import Resource
from catalogue.data_exchange.resources import IMPORTS
from catalogue.programmes.resources import MIGRATIONS
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.vocabulary import OverlapStatus
from catalogue.reports.resources import NOTICE_DATES
from catalogue.systems.resources import SYSTEMS

NOTICE_DAYS = 120
IMPORT_DAYS = 30


@dataclass(frozen=True)
class WaitingList:
    """A list whose records wait for an agency."""

    resource: Resource
    scope: Scope
    """The scope that the list needs."""
    filters: Mapping[str, str]
    agency_filter: str | None = "agency"
    """The filter by the agency's code. None if the list holds only what concerns the agency."""
    since_days: int | None = None
    """The age in days of the oldest records that count. None for records of any age."""

    def parameters(self, agency: str) -> dict[str, str]:
        """Return the query parameters of the list for an agency."""
        parameters = {self.agency_filter: agency} if self.agency_filter else {}
        parameters |= self.filters
        if self.since_days is not None:
            first = clock.start_of(clock.today() - timedelta(days=self.since_days))
            parameters["created_at__gte"] = first.isoformat().replace("+00:00", "Z")
        return parameters


WAITING: Mapping[str, WaitingList] = {
    "systems_to_confirm": WaitingList(SYSTEMS, Scope.SYSTEMS_READ, {"attestation_due": "true"}),
    "incomplete_systems": WaitingList(SYSTEMS, Scope.SYSTEMS_READ, {"completeness__lte": "99"}),
    "overlaps_to_review": WaitingList(
        OVERLAPS,
        Scope.OVERLAPS_READ,
        {"status": OverlapStatus.CANDIDATE},
        agency_filter="agencies",
    ),
    "decisions_to_sign": WaitingList(
        DECISIONS,
        Scope.DECISIONS_READ,
        {"awaiting_your_signature": "true"},
        agency_filter=None,
    ),
    "notices_due": WaitingList(
        NOTICE_DATES, Scope.CONTRACTS_READ, {"days_left__lte": str(NOTICE_DAYS)}
    ),
    "late_migrations": WaitingList(MIGRATIONS, Scope.PROGRAMMES_READ, {"late": "true"}),
    "blocked_migrations": WaitingList(MIGRATIONS, Scope.PROGRAMMES_READ, {"blocked": "true"}),
    "imports_with_rejected_rows": WaitingList(
        IMPORTS,
        Scope.IMPORTS_WRITE,
        {"rejected__gte": "1", "dry_run": "false", "undone_at__isnull": "true"},
        agency_filter=None,
        since_days=IMPORT_DAYS,
    ),
}
"""The lists by their names in the response."""


def count_waiting(context: Context) -> dict[str, Any]:
    """Count what waits for the actor's agency, and name the lists that its scopes withhold.

    Raises Forbidden for an actor without an agency.
    """
    context.require_agency("Work waits for an agency")
    agency = context.actor.agency or ""
    counted: dict[str, Any] = {"agency": agency}
    withheld = []
    for name, waiting in WAITING.items():
        if context.actor.has(waiting.scope):
            counted[name] = _count(context, waiting.resource, waiting.parameters(agency))
        else:
            counted[name] = None
            withheld.append(name)
    return counted | {WITHHELD: withheld}


def _count(context: Context, resource: Resource, parameters: dict[str, str]) -> dict[str, Any]:
    query = resource.list_parameters.read({name: [text] for name, text in parameters.items()})
    path = f"{resource.path}?{urlencode(parameters)}"
    return {"count": count_rows(context, resource, query), "path": path}
