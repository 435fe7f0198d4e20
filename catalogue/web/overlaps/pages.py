"""The list of overlaps, one overlap, its review, and the draft of a decision from an option."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import NotFound

from catalogue.rationalisation.decisions.schemas import DecisionCreate
from catalogue.rationalisation.overlaps.schemas import OverlapPatch
from catalogue.rationalisation.vocabulary import OverlapKind, OverlapStatus
from catalogue.web.agency_names import agency_choices, name_agencies, read_agency_names
from catalogue.web.api_calls import Refused
from catalogue.web.filters import Filter, choices_of
from catalogue.web.forms import Form, Option
from catalogue.web.lists import ListPage
from catalogue.web.overlaps.comparison import choose_compared, compare
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.steps import CHANGE, SEND, chosen_step, note_missing
from catalogue.web.wording import meaning

overlaps = Pages("overlaps")

LIST = ListPage(
    operation="list_overlaps",
    endpoint="pages-overlaps.list_page",
    sorts={
        "title": "Overlap",
        "kind": "Kind",
        "status": "Status",
        "member_count": "Systems",
        "score": "Certainty",
    },
    filters=(
        Filter("q", "Name"),
        Filter("of_your_agency", "With a system of your agency", (("true", "Yes"),)),
        Filter("agencies", "With a system of"),
        Filter("agreement_id", "Between parties of the agreement"),
        Filter("kind", "Kind", choices_of(OverlapKind)),
        Filter("status", "Status", choices_of(OverlapStatus)),
        Filter("member_count__gte", "Systems, at least"),
        Filter("member_count__lte", "Systems, at most"),
    ),
)
ALL_STAY = "all"
"""The value in an address for the option in which all systems stay."""

_MOST_AGREEMENTS = 200
_SHOWN_OPTIONS, _ALL_OPTIONS = 5, 50
_OPEN = frozenset({OverlapStatus.CANDIDATE, OverlapStatus.REJECTED})
"""The statuses in which an agency can review an overlap, and cannot decide on it."""


@overlaps.get(
    "/overlaps",
    calls=("list_overlaps", "list_agencies", "list_agreements"),
    needs=("list_overlaps",),
)
def list_page(visit: Visit) -> Any:
    """The overlaps with the systems that the person's agency can see."""
    names = read_agency_names(visit)
    agreements = visit.items(
        "list_agreements", query={"limit": _MOST_AGREEMENTS, "fields": "id,title", "sort": "title"}
    )
    choices = {
        "agencies": agency_choices(visit, names),
        "agreement_id": tuple((each["id"], each["title"]) for each in agreements or ()),
    }
    return visit.render(
        "overlaps/list.html",
        listed=LIST.read(visit, request.args, choices),
        name_agencies=lambda codes: name_agencies(codes, names),
    )


@overlaps.get(
    "/overlaps/<uuid:overlap_id>",
    calls=(
        "get_overlap",
        "list_overlap_pairs",
        "list_options",
        "get_group_readiness",
        "list_systems",
        "list_decisions",
        "list_agencies",
        "list_overlap_groupings",
        "update_overlap",
        "create_overlap_grouping",
        "create_decision",
    ),
    needs=("get_overlap",),
)
def record_page(visit: Visit, overlap_id: UUID) -> Any:
    """One overlap: its members and the reasons for it, its options, and what blocks retirement."""
    path = {"overlap_id": overlap_id}
    overlap = visit.call("get_overlap", path=path).document
    names = read_agency_names(visit)
    takes_part = visit.agency in overlap["agencies"]
    systems = _compared_systems(visit, overlap)
    return visit.render(
        "overlaps/record.html",
        overlap=overlap,
        kind_meaning=meaning(overlap["kind"], OverlapKind),
        status_meaning=meaning(overlap["status"], OverlapStatus),
        names=names,
        systems=systems,
        rows=compare(systems),
        pairs=visit.call("list_overlap_pairs", path=path).document["items"],
        offered=visit.call("list_options", path=path, query={"limit": _SHOWN_OPTIONS}).document,
        readiness=visit.call("get_group_readiness", path=path).document,
        decisions=visit.items(
            "list_decisions",
            query={"overlap_id": overlap_id, "limit": 100, "fields": "id,title,status"},
        ),
        grouping=next(
            iter(visit.items("list_overlap_groupings", query={"overlap_id": overlap_id}) or ()),
            None,
        ),
        can_review=_can_review(visit, overlap),
        can_group=takes_part and visit.can("create_overlap_grouping"),
        may_draft=takes_part and visit.can("create_decision"),
        is_confirmed=overlap["status"] not in _OPEN,
        all_stay=ALL_STAY,
        done=request.args.get("done"),
    )


def _can_review(visit: Visit, overlap: dict[str, Any]) -> bool:
    return (
        visit.agency in overlap["agencies"]
        and overlap["status"] in _OPEN
        and visit.can("update_overlap")
    )


def _compared_systems(visit: Visit, overlap: dict[str, Any]) -> list[Any]:
    if not visit.can("list_systems"):
        return []
    chosen = choose_compared(overlap["members"], visit.agency)
    query = {"id__in": ",".join(chosen), "limit": len(chosen)}
    found = visit.call("list_systems", query=query).document["items"]
    return sorted(found, key=lambda system: chosen.index(system["id"]))


_REVIEW = ("get_overlap", "update_overlap", "list_agencies")
_MISSING = {
    "status": "Choose whether the systems overlap",
    "reason": "Enter the reason for your answer",
}


@overlaps.get("/overlaps/<uuid:overlap_id>/review", calls=_REVIEW, needs=("update_overlap",))
def review_form(visit: Visit, overlap_id: UUID) -> Any:
    """The form that confirms or rejects an overlap."""
    answer = visit.call("get_overlap", path={"overlap_id": overlap_id})
    return _show_review(visit, answer.document, answer.etag, _review_controls(answer.document))


@overlaps.post("/overlaps/<uuid:overlap_id>/review", calls=_REVIEW, needs=("update_overlap",))
def review(visit: Visit, overlap_id: UUID) -> Any:
    """Show a review for a check, then record it. An overlap that has changed is shown again."""
    path = {"overlap_id": overlap_id}
    answer = visit.call("get_overlap", path=path)
    form = _review_controls(answer.document)
    form.fill_typed(request.form)
    etag, step = request.form.get("etag", ""), chosen_step()
    if step == CHANGE:
        return _show_review(visit, answer.document, etag, form)
    if note_missing(form, _MISSING):
        return _show_review(visit, answer.document, etag, form, status=422)
    if step != SEND:
        return _show_review(visit, answer.document, etag, form, check=True)
    try:
        visit.call(
            "update_overlap",
            path=path,
            body=form.read(request.form),
            etag=etag,
            key=request.form.get("key"),
        )
    except Refused as refusal:
        if refusal.status not in {409, 412, 422, 428}:
            raise
        if refusal.status in {412, 428}:
            return _show_review(visit, answer.document, answer.etag, form, conflict=True)
        form.note_errors(refusal.problem)
        return _show_review(visit, answer.document, answer.etag, form, status=422)
    return redirect_to("pages-overlaps.record_page", overlap_id=overlap_id, done="reviewed")


def _review_controls(overlap: dict[str, Any]) -> Form:
    form = Form(OverlapPatch, ("status", "reason"))
    verdict, _ = form.controls
    verdict.label = "Do these systems overlap?"
    confirm = Option("confirmed", "Yes, they overlap", "Then an owner can draft a decision on it.")
    reject = Option(
        "rejected", "No, they do not", "The overlap comes back if a member joins or changes."
    )
    is_candidate = overlap["status"] == OverlapStatus.CANDIDATE
    verdict.options = (confirm, reject) if is_candidate else (confirm,)
    return form


def _show_review(
    visit: Visit,
    overlap: dict[str, Any],
    etag: str | None,
    form: Form,
    *,
    status: int = 200,
    check: bool = False,
    conflict: bool = False,
) -> Any:
    return visit.render(
        "overlaps/check_review.html" if check else "overlaps/review.html",
        status=409 if conflict else status,
        overlap=overlap,
        etag=etag,
        form=form,
        names=read_agency_names(visit),
        conflict=conflict,
    )


_DRAFT = ("get_overlap", "list_options", "create_decision", "list_agencies")
_TAKEN = (
    "A system of this option is in another open decision. Wait until that decision closes, or "
    "choose another option."
)
_DRAFT_FIELDS = ("title", "rationale", "working_days_to_sign")


@overlaps.get(
    "/overlaps/<uuid:overlap_id>/draft/<retained>", calls=_DRAFT, needs=("create_decision",)
)
def draft_form(visit: Visit, overlap_id: UUID, retained: str) -> Any:
    """The form that drafts a decision from an option, named by the system that it retains."""
    overlap, option = _read_option(visit, overlap_id, retained)
    form = _draft_controls()
    if option["retained_system_name"]:
        form.controls[0].value = f"{option['retained_system_name']} for all"
    return _show_draft(visit, overlap, option, form)


@overlaps.post(
    "/overlaps/<uuid:overlap_id>/draft/<retained>", calls=_DRAFT, needs=("create_decision",)
)
def draft(visit: Visit, overlap_id: UUID, retained: str) -> Any:
    """Draft a decision from an option. A draft binds nobody."""
    overlap, option = _read_option(visit, overlap_id, retained)
    form = _draft_controls()
    form.fill_typed(request.form)
    plan = {"overlap_id": str(overlap_id), "members": option["members"]}
    try:
        created = visit.call(
            "create_decision", body=form.read(request.form) | plan, key=request.form.get("key")
        ).document
    except Refused as refusal:
        if refusal.status not in {409, 422}:
            raise
        _note_draft_errors(form, refusal.problem)
        return _show_draft(visit, overlap, option, form, status=422)
    return redirect_to("pages-decisions.record_page", decision_id=created["id"], done="drafted")


def _draft_controls() -> Form:
    form = Form(DecisionCreate, _DRAFT_FIELDS)
    form.fill(
        {"working_days_to_sign": DecisionCreate().fields["working_days_to_sign"].load_default}
    )
    return form


def _note_draft_errors(form: Form, problem: dict[str, Any]) -> None:
    """Put the errors beside their controls. The form cannot correct a system of the option."""
    errors = problem.get("errors", [])
    taken = any(e["code"] == "taken" and e["pointer"].startswith("/members") for e in errors)
    if taken:
        form.summary.append(_TAKEN)
    else:
        form.note_errors(problem)


def _read_option(
    visit: Visit, overlap_id: UUID, retained: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an overlap, and the option that retains a system or lets all stay."""
    path = {"overlap_id": overlap_id}
    overlap = visit.call("get_overlap", path=path).document
    found = visit.call("list_options", path=path, query={"limit": _ALL_OPTIONS}).document
    for option in found["options"]:
        if retained == (ALL_STAY if option["all_stay"] else option["retained_system_id"]):
            return overlap, option
    raise NotFound


def _show_draft(
    visit: Visit, overlap: dict[str, Any], option: dict[str, Any], form: Form, *, status: int = 200
) -> Any:
    return visit.render(
        "overlaps/draft.html",
        status=status,
        overlap=overlap,
        option=option,
        members={member["system_id"]: member for member in overlap["members"]},
        names=read_agency_names(visit),
        form=form,
    )
