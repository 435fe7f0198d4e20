"""The list of systems, one record, and the forms that change it."""

from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.datastructures import MultiDict

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.vocabulary import OverlapKind
from catalogue.systems.lifecycle import TRANSITIONS
from catalogue.systems.schemas import SystemCreate, SystemPatch
from catalogue.systems.vocabulary import Criticality, Disposition, Hosting, Lifecycle
from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.api_calls import Refused
from catalogue.web.capability_names import capability_options, name_capabilities
from catalogue.web.editing import Editing
from catalogue.web.filters import YES_NO, Filter, Kind, choices_of
from catalogue.web.forms import Form
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.systems.columns import NUMERIC, OFFERED, SORTS, USUAL
from catalogue.web.systems.sections import NEW_FIELDS, SECTIONS

systems = Pages("systems")

_FITS = tuple((number, number) for number in "1234")
FIT_FILTERS = (
    Filter("functional_fit__gte", "Functional fit, at least", _FITS, more=True),
    Filter("functional_fit__lte", "Functional fit, at most", _FITS, more=True),
    Filter("functional_fit__isnull", "Functional fit is missing", YES_NO, more=True),
    Filter("technical_fit__gte", "Technical fit, at least", _FITS, more=True),
    Filter("technical_fit__lte", "Technical fit, at most", _FITS, more=True),
    Filter("technical_fit__isnull", "Technical fit is missing", YES_NO, more=True),
    Filter("disposition", "What its agency intends", choices_of(Disposition), more=True),
    Filter("disposition__isnull", "Intention is missing", YES_NO, more=True),
)
"""The filters that the numbers of the portfolio lead to."""

LIST = ListPage(
    operation="list_systems",
    endpoint="pages-systems.list_page",
    sorts={"name": "System", **SORTS},
    offered=OFFERED,
    usual=USUAL,
    always=("name", "agency", "product_name", "withheld"),
    download_endpoint="pages-systems.download",
    filters=(
        Filter("q", "Name, product or supplier"),
        Filter("agency", "Agency"),
        Filter("lifecycle", "Lifecycle", choices_of(Lifecycle)),
        Filter("attestation_due", "Confirmation", (("true", "Due"), ("false", "Not due"))),
        Filter("agency__ne", "Agency, other than", more=True),
        Filter("lifecycle__ne", "Lifecycle, other than", choices_of(Lifecycle), more=True),
        Filter("criticality", "Criticality", choices_of(Criticality), more=True),
        Filter("hosting", "Hosting", choices_of(Hosting), more=True),
        Filter("capabilities", "Capability code", more=True),
        Filter("tags", "Tags", kind=Kind.TEXTS, more=True),
        Filter("end_of_support__lte", "Support ends by", kind=Kind.DAY, more=True),
        Filter("user_count__gte", "Users, at least", more=True),
        *FIT_FILTERS,
        Filter("disclosure", "Who can see it without a grant", choices_of(Disclosure), more=True),
        Filter("completeness__lte", "Complete, at most (per cent)", more=True),
        Filter("completeness__gte", "Complete, at least (per cent)", more=True),
    ),
)


@systems.get(
    "/systems",
    calls=("list_systems", "list_agencies", "list_capabilities", "list_custom_fields"),
    needs=("list_systems",),
)
def list_page(visit: Visit) -> Any:
    """The systems that the person's agency can see."""
    return show_list(visit, request.args)


def show_list(
    visit: Visit, arguments: MultiDict[str, str], *, mistake: str | None = None
) -> Response:
    """Show a page of the list, or show it again with a mistake in what was selected."""
    agencies = agency_choices(visit, read_agency_names(visit))
    choices = {"agency": agencies, "agency__ne": agencies}
    listed = LIST.read(visit, arguments, choices)
    return visit.render(
        "systems/list.html",
        status=422 if mistake else 200,
        listed=listed,
        numeric=NUMERIC,
        capabilities=_names(visit, "list_capabilities", "code,name")
        if "capabilities" in listed.columns
        else {},
        custom_fields=_names(visit, "list_custom_fields", "key,label", record="system")
        if "attributes" in listed.columns
        else {},
        can_create=visit.can("create_system") and visit.agency is not None,
        can_select=visit.can("update_systems") and visit.agency is not None,
        mistake=mistake,
    )


def _names(visit: Visit, operation: str, fields: str, **filters: str) -> dict[str, str]:
    """Map one field of the records of a list to another."""
    code, name = fields.split(",")
    found = visit.items(operation, query={"limit": 200, "fields": fields} | filters)
    return {each[code]: each[name] for each in found or []}


@systems.get("/systems/download", calls=("list_systems",), needs=("list_systems",), sends_file=True)
def download(visit: Visit) -> Any:
    """The systems of the list as a file, which an import reads."""
    return LIST.download(visit, request.args)


@systems.get(
    "/systems/<uuid:system_id>",
    calls=(
        "get_system",
        "update_system",
        "attest_system",
        "list_similar_systems",
        "list_capabilities",
        "list_contracts",
        "list_decisions",
        "list_interfaces",
        "list_migrations",
        "list_overlaps",
        "list_system_costs",
        "list_system_uses",
    ),
    needs=("get_system",),
)
def record_page(visit: Visit, system_id: UUID) -> Any:
    """One system: its sections, what is missing, and the records that belong to it."""
    answer = visit.call("get_system", path={"system_id": system_id})
    system = answer.document
    is_own = system["agency"] == visit.agency
    own_path, limit = {"system_id": system_id}, {"limit": 100}
    related = own_path | limit
    similar = visit.items("list_similar_systems", path=own_path) if is_own else []
    return visit.render(
        "systems/record.html",
        system=system,
        etag=answer.etag,
        is_own=is_own,
        can_change=is_own and visit.can("update_system"),
        can_confirm=is_own and visit.can("attest_system"),
        sections=SECTIONS,
        section_of=EDITING.section_of,
        capabilities=name_capabilities(visit, system["capabilities"]),
        similar=similar,
        proposed=_propose_capabilities(visit, system, similar or []),
        contracts=visit.items("list_contracts", query={"systems": system_id, **limit}),
        overlaps=visit.items("list_overlaps", query=related),
        decisions=visit.items("list_decisions", query=related),
        interfaces=visit.items("list_interfaces", query={"system_ids": system_id, **limit}),
        migrations=visit.items("list_migrations", query=related),
        costs=visit.items("list_system_costs", path=own_path, query=limit),
        uses=visit.items("list_system_uses", path=own_path, query=limit),
        saved_section=EDITING.saved_section(),
        done=request.args.get("done"),
    )


def _propose_capabilities(
    visit: Visit, system: dict[str, Any], similar: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return what visible systems of the same product provide, if the record has nothing."""
    if "capabilities" not in (system["missing"] or ()):
        return None
    same = [s for s in similar if s["kind"] != OverlapKind.SAME_FUNCTION and s["capabilities"]]
    codes = sorted({code for each in same for code in each["capabilities"]})
    if not codes:
        return None
    return {
        "codes": codes,
        "names": name_capabilities(visit, codes),
        "systems": [f"{each['system_name']}, {each['agency_name']}" for each in same],
    }


def _prepare(visit: Visit, form: Form, record: dict[str, Any]) -> None:
    if "capabilities" in form:
        form.offer("capabilities", capability_options(visit))
    if "lifecycle" in form:
        present = Lifecycle(record["lifecycle"])
        form.limit("lifecycle", TRANSITIONS[present] | {present})


EDITING = Editing(
    group=systems,
    rule="/systems/<uuid:system_id>",
    get="get_system",
    update="update_system",
    schema=SystemPatch,
    sections=SECTIONS,
    prepare=_prepare,
    calls=("list_capabilities",),
)
EDITING.register()


_CREATE = ("create_system", "find_similar_systems", "list_capabilities")


@systems.get("/systems/new", calls=_CREATE, needs=("create_system",))
def new_page(visit: Visit) -> Any:
    """The form for a new system."""
    if visit.agency is None:
        return visit.render("errors/not_your_record.html", status=403)
    form = _empty_form(visit)
    form.fill({"disclosure": Disclosure.AGREEMENT})
    return _new_form(visit, form)


def _empty_form(visit: Visit) -> Form:
    form = Form(SystemCreate, NEW_FIELDS)
    form.offer("capabilities", capability_options(visit))
    return form


@systems.post("/systems/new", calls=_CREATE, needs=("create_system",))
def create(visit: Visit) -> Any:
    """Show who has such a system already, then record the system when the person confirms."""
    form = _empty_form(visit)
    form.fill_typed(request.form)
    fields = {n: v for n, v in form.read(request.form).items() if v not in (None, "", [])}
    try:
        if request.form.get("confirmed") != "yes":
            similar = _find_similar(visit, fields)
            if similar:
                return _new_form(visit, form, similar=similar)
        created = visit.call("create_system", body=fields, key=request.form.get("key")).document
    except Refused as refusal:
        if refusal.status not in {409, 422}:
            raise
        form.note_errors(refusal.problem)
        return _new_form(visit, form, status=422)
    return redirect_to("pages-systems.record_page", system_id=created["id"], done="created")


_COMPARED = ("name", "product_name", "supplier_name", "capabilities", "description")


def _find_similar(visit: Visit, fields: dict[str, Any]) -> list[dict[str, Any]]:
    if not visit.can("find_similar_systems"):
        return []
    described = {name: value for name, value in fields.items() if name in _COMPARED}
    try:
        found: list[dict[str, Any]]
        found = visit.call("find_similar_systems", body=described).document["items"]
    except Refused:
        # The form has a mistake, and recording the system names all mistakes at once.
        return []
    return found


def _new_form(
    visit: Visit, form: Form, *, status: int = 200, similar: list[dict[str, Any]] | None = None
) -> Any:
    return visit.render("systems/new.html", status=status, form=form, similar=similar)


@systems.post(
    "/systems/<uuid:system_id>/confirmation", calls=("attest_system",), needs=("attest_system",)
)
def confirm(visit: Visit, system_id: UUID) -> Any:
    """Confirm that the record is right."""
    visit.call(
        "attest_system",
        path={"system_id": system_id},
        body={"verdict": "confirmed"},
        key=request.form.get("key"),
    )
    return redirect_to("pages-systems.record_page", system_id=system_id, done="confirmed")
