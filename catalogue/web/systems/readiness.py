"""The page with what must happen before a system can be switched off."""

from typing import Any
from uuid import UUID

from flask import url_for

from catalogue.rationalisation.vocabulary import BlockerKind
from catalogue.web.agency_names import read_agency_names
from catalogue.web.editing import Record
from catalogue.web.pages import Pages, Visit

readiness = Pages("readiness")

_FIELDS = {
    BlockerKind.USERS_NOT_MOVED: ("use", "user_count"),
    BlockerKind.RETENTION_HOLD: ("data", "retention_hold"),
    BlockerKind.DPIA_UNANSWERED: ("data", "dpia_status"),
    BlockerKind.NATIONAL_SYSTEM: ("running", "hosting"),
}
"""The section and the field of the system that a blocker is about, if it is about no other record."""

_TOPICS = {
    BlockerKind.NO_AGREED_DECISION: "decisions",
    BlockerKind.SUCCESSOR_NOT_LIVE: "the successor",
    BlockerKind.LIVE_DEPENDANT: "systems that rely on it",
    BlockerKind.USERS_NOT_MOVED: "its users",
    BlockerKind.CONTRACT_RUNNING: "contracts",
    BlockerKind.RETENTION_HOLD: "retention holds",
    BlockerKind.DPIA_UNANSWERED: "the impact assessment",
    BlockerKind.NATIONAL_SYSTEM: "the place where it runs",
}
"""The subject of each kind of blocker, for those that are not fully shared."""


@readiness.get(
    "/systems/<uuid:system_id>/readiness",
    calls=(
        "get_system_readiness",
        "update_system",
        "list_agencies",
        "list_overlaps",
    ),
    needs=("get_system_readiness",),
)
def readiness_page(visit: Visit, system_id: UUID) -> Any:
    """The blockers of the retirement of a system, each with links to its records."""
    found = visit.call("get_system_readiness", path={"system_id": system_id}).document
    can_change = found["agency"] == visit.agency and visit.can("update_system")
    return visit.render(
        "systems/readiness.html",
        readiness=found,
        withheld=", ".join(_TOPICS[BlockerKind(kind)] for kind in found["withheld"]),
        names=read_agency_names(visit),
        links=[_links(visit, blocker, system_id, can_change) for blocker in found["blockers"]],
    )


def _links(
    visit: Visit, blocker: Record, system_id: UUID, can_change: bool
) -> list[dict[str, str]]:
    """Return the links to the records that a blocker is about."""
    links = []

    def add(text: str, endpoint: str, **values: Any) -> None:
        links.append({"text": text, "href": url_for(endpoint, **values)})

    record = "pages-systems.record_page"
    if blocker["contract_id"]:
        endpoint, title = "pages-contracts.record_page", blocker["contract_title"]
        add(f"Contract “{title}”", endpoint, contract_id=blocker["contract_id"])
    if blocker["dependant_id"]:
        add(f"System “{blocker['dependant_name']}”", record, system_id=blocker["dependant_id"])
    if blocker["interface_id"]:
        add("Interfaces", "pages-system-interfaces.list_page", system_id=system_id)
    if blocker["successor_id"]:
        add(f"System “{blocker['successor_name']}”", record, system_id=blocker["successor_id"])
    if blocker["use_id"]:
        add("Agencies that use the system", "pages-system-uses.list_page", system_id=system_id)
    if blocker["decision_id"]:
        add("The decision", "pages-decisions.record_page", decision_id=blocker["decision_id"])
    elif blocker["kind"] == BlockerKind.NO_AGREED_DECISION and visit.can("list_overlaps"):
        add("Overlaps to decide on", "pages-overlaps.list_page")
    field = _FIELDS.get(blocker["kind"])
    if field and can_change and not blocker["use_id"]:
        section, name = field
        edit = "pages-systems.edit_page"
        add("Change the record", edit, system_id=system_id, section=section, _anchor=name)
    return links
