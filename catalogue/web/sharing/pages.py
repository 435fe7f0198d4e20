"""The overview of sharing: what your agency's disclosures, agreements and grants open."""

from typing import Any

from flask import url_for

from catalogue.agencies.visibility import Disclosure
from catalogue.agencies.vocabulary import AgreementStatus
from catalogue.web.agency_names import read_agency_names
from catalogue.web.pages import Pages, Visit
from catalogue.web.sharing.effects import OPEN_STATUSES, count_own_systems

sharing = Pages("sharing")

_LIMIT = 200


@sharing.get(
    "/sharing",
    calls=(
        "list_agreements",
        "list_access_grants",
        "count_systems",
        "list_agencies",
        "create_agreement",
        "create_access_grant",
    ),
    needs=("list_agreements", "list_access_grants"),
)
def overview_page(visit: Visit) -> Any:
    """Show what other agencies can see of the agency's records, and by which ground."""
    agreements = _read_all(visit, "list_agreements")
    grants = _read_all(visit, "list_access_grants")
    is_open = [each for each in agreements if each["status"] in OPEN_STATUSES]
    return visit.render(
        "sharing/overview.html",
        names=read_agency_names(visit),
        disclosures=_disclosures(visit),
        waiting=[each for each in is_open if waits_for(visit, each)],
        agreements=is_open,
        ended=[each for each in agreements if each["status"] not in OPEN_STATUSES],
        given=[each for each in grants if each["grantor"] == visit.agency],
        received=[each for each in grants if each["grantee"] == visit.agency],
        can_propose=visit.agency is not None and visit.can("create_agreement"),
        can_grant=visit.agency is not None and visit.can("create_access_grant"),
    )


def waits_for(visit: Visit, agreement: dict[str, Any]) -> bool:
    """Return whether the person's agency can accept an agreement."""
    answered = {each["agency"] for each in agreement["accepted_by"] + agreement["withdrawn_by"]}
    return (
        agreement["status"] in {AgreementStatus.AWAITING_ACCEPTANCE, AgreementStatus.WITHDRAWN}
        and visit.agency in agreement["parties"]
        and visit.agency not in answered
    )


def _disclosures(visit: Visit) -> list[tuple[Disclosure, int, str]] | None:
    """Return each disclosure, the number of the agency's systems with it, and their list."""
    own = count_own_systems(visit)
    if own is None:
        return None
    return [
        (
            each,
            own.by_disclosure.get(each, 0),
            url_for("pages-systems.list_page", agency=visit.agency, disclosure=each),
        )
        for each in Disclosure
    ]


def _read_all(visit: Visit, operation: str) -> list[dict[str, Any]]:
    """Read every page of a list."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = {"limit": _LIMIT, "cursor": cursor}
        page = visit.call(operation, query=query).document
        found += page["items"]
        cursor = page["page"]["next_cursor"]
        if cursor is None:
            return found
