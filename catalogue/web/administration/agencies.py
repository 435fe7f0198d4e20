"""The agencies: their list, their records, and the forms that record and change them."""

from typing import Any

from flask import request

from catalogue.agencies.schemas import AgencyCreate, AgencyPatch
from catalogue.agencies.vocabulary import AgencyKind
from catalogue.web.administration.new_records import NewRecord
from catalogue.web.editing import Editing, Section
from catalogue.web.filters import Filter, choices_of
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit

agencies = Pages("agencies")

_OWN = Section("about", "Name and identifiers", ("name", "identifiers"))
_SHARED = Section(
    "status",
    "Kind, term and successors",
    ("kind", "nation", "governed_by", "valid_from", "valid_to", "predecessors"),
)
EDITING = Editing(
    group=agencies,
    rule="/agencies/<agency>",
    get="get_agency",
    update="update_agency",
    schema=AgencyPatch,
    sections=(_OWN, _SHARED),
)
EDITING.register()

LIST = ListPage(
    operation="list_agencies",
    endpoint="pages-agencies.list_page",
    sorts={"name": "Agency", "kind": "Kind", "nation": "Nation", "valid_to": "Last day"},
    filters=(
        Filter("q", "Name, code or identifier"),
        Filter("kind", "Kind", choices_of(AgencyKind)),
    ),
)


@agencies.get("/agencies", calls=("list_agencies", "create_agency"), needs=("list_agencies",))
def list_page(visit: Visit) -> Any:
    """All agencies, including those that have ended."""
    return visit.render("administration/agencies.html", listed=LIST.read(visit, request.args))


NEW = NewRecord(
    group=agencies,
    rule="/agencies/new",
    create="create_agency",
    schema=AgencyCreate,
    fields=("code", "name", "kind", "nation", "governed_by", "valid_from", "identifiers"),
    heading="Record an agency",
    parameter="agency",
)
NEW.register()


@agencies.get(
    "/agencies/<agency>",
    calls=("get_agency", "update_agency", "create_agency"),
    needs=("get_agency",),
)
def record_page(visit: Visit, agency: str) -> Any:
    """One agency."""
    record = visit.call("get_agency", path={"agency": agency}).document
    is_own = record["code"] == visit.agency
    administers = visit.can("create_agency")
    can_change = visit.can("update_agency")
    return visit.render(
        "administration/agency.html",
        agency=record,
        own=_OWN,
        shared=_SHARED,
        can_change_own=can_change and (is_own or administers),
        can_change_shared=can_change and administers,
        done=request.args.get("done"),
    )
