"""Contracts, and the last days on which notice can be given."""

from typing import Any
from uuid import UUID

from flask import request

from catalogue.contracts.schemas import ContractPatch
from catalogue.contracts.vocabulary import NoticeWindow, TermStatus
from catalogue.core import clock
from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.editing import Editing, Section
from catalogue.web.filters import Choices, Filter, Kind, choices_of
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit

contracts = Pages("contracts")

SECTIONS = (
    Section("about", "About the contract", ("title", "reference", "disclosure")),
    Section(
        "term",
        "Term and notice",
        (
            "start_date",
            "end_date",
            "max_extent_date",
            "renewal",
            "renewal_period_months",
            "notice_period_days",
            "notice_period_months",
            "notice_given_on",
        ),
    ),
    Section("money", "Money", ("annual_value", "total_value", "exit_cost", "currency")),
    Section("procurement", "Procurement", ("procurement_route", "regime", "ocid")),
)
EDITING = Editing(
    group=contracts,
    rule="/contracts/<uuid:contract_id>",
    get="get_contract",
    update="update_contract",
    schema=ContractPatch,
    sections=SECTIONS,
    name="title",
)
EDITING.register()

_COLUMNS = {
    "title": "Contract",
    "agency": "Agency",
    "supplier_name": "Supplier",
    "end_date": "Ends",
    "last_notice_date": "Last day for notice",
    "annual_value": "Yearly value",
}
_SOUGHT = (Filter("q", "Title, reference or supplier"), Filter("agency", "Agency"))

LIST = ListPage(
    operation="list_contracts",
    endpoint="pages-contracts.list_page",
    download_endpoint="pages-contracts.download",
    sorts=_COLUMNS,
    filters=(
        *_SOUGHT,
        Filter("term_status", "State of the term", choices_of(TermStatus)),
        Filter("end_date__gte", "Ends from", kind=Kind.DAY),
        Filter("end_date__lte", "Ends by", kind=Kind.DAY),
    ),
)
NOTICES = ListPage(
    operation="list_notice_dates",
    endpoint="pages-contracts.notices_page",
    download_endpoint="pages-contracts.download_notices",
    sorts=_COLUMNS,
    filters=(
        *_SOUGHT,
        Filter("window", "Last day for notice"),
        Filter("days_left__lte", "Days left, at most"),
    ),
)


def _agencies(visit: Visit) -> dict[str, Choices]:
    return {"agency": agency_choices(visit, read_agency_names(visit))}


def _windows() -> Choices:
    """Return the periods of the last day for notice, with the present month by its name."""
    month = f"{clock.today():%B %Y}"
    return (
        (NoticeWindow.TOO_LATE, "Has passed"),
        (NoticeWindow.THIS_MONTH, f"In {month}"),
        (NoticeWindow.LATER, f"After {month}"),
    )


@contracts.get("/contracts", calls=("list_contracts", "list_agencies"), needs=("list_contracts",))
def list_page(visit: Visit) -> Any:
    """The contracts that the person's agency can see."""
    return visit.render(
        "contracts/list.html",
        heading="Contracts",
        listed=LIST.read(visit, request.args, _agencies(visit)),
    )


@contracts.get(
    "/contracts/notices", calls=("list_notice_dates", "list_agencies"), needs=("list_notice_dates",)
)
def notices_page(visit: Visit) -> Any:
    """The contracts in the order of their last days for notice."""
    return visit.render(
        "contracts/list.html",
        heading="Notice dates",
        listed=NOTICES.read(visit, request.args, _agencies(visit) | {"window": _windows()}),
    )


@contracts.get(
    "/contracts/download", calls=("list_contracts",), needs=("list_contracts",), sends_file=True
)
def download(visit: Visit) -> Any:
    """The contracts of the list as a file."""
    return LIST.download(visit, request.args)


@contracts.get(
    "/contracts/notices/download",
    calls=("list_notice_dates",),
    needs=("list_notice_dates",),
    sends_file=True,
)
def download_notices(visit: Visit) -> Any:
    """The notice dates of the list as a file."""
    return NOTICES.download(visit, request.args)


@contracts.get(
    "/contracts/<uuid:contract_id>",
    calls=("get_contract", "update_contract", "list_systems"),
    needs=("get_contract",),
)
def record_page(visit: Visit, contract_id: UUID) -> Any:
    """One contract, with the systems that it pays for."""
    contract = visit.call("get_contract", path={"contract_id": contract_id}).document
    named = ",".join(contract["systems"])
    query = {"id__in": named, "limit": 200, "fields": "id,name,agency_name,lifecycle"}
    return visit.render(
        "contracts/record.html",
        contract=contract,
        sections=SECTIONS,
        can_change=contract["agency"] == visit.agency and visit.can("update_contract"),
        systems=visit.items("list_systems", query=query) if named else [],
        saved_section=EDITING.saved_section(),
        done=request.args.get("done"),
    )
