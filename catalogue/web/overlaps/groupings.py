"""Splits and mergers of overlaps by hand: the list, one of them, its forms, and its undoing."""

from typing import Any
from uuid import UUID

from flask import request

from catalogue.rationalisation.overlaps.schemas import OverlapGroupingCreate
from catalogue.rationalisation.vocabulary import GroupingAction
from catalogue.web.agency_names import agency_choices, name_agencies, read_agency_names
from catalogue.web.api_calls import Refused
from catalogue.web.filters import Filter, choices_of
from catalogue.web.forms import Form, Option
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.steps import CHANGE, SEND, chosen_step, note_missing

groupings = Pages("overlap-groupings")

LIST = ListPage(
    operation="list_overlap_groupings",
    endpoint="pages-overlap-groupings.list_page",
    sorts={"created_at": "Made on", "withdrawn_at": "Undone on"},
    filters=(
        Filter("action", "Split or merger", choices_of(GroupingAction)),
        Filter("agency", "Made by"),
    ),
)
_MOST_MERGED = 100
_SPLIT, _MERGE = GroupingAction.SPLIT, GroupingAction.MERGE
_FIELDS = {
    _SPLIT: ("system_ids", "reason", "title"),
    _MERGE: ("overlap_ids", "reason", "kind", "title"),
}
_MISSING = {
    "system_ids": "Choose the systems that do not belong here",
    "overlap_ids": "Choose the overlaps that belong together with this one",
    "reason": "Enter the reason",
}


@groupings.get(
    "/overlap-groupings",
    calls=("list_overlap_groupings", "list_agencies"),
    needs=("list_overlap_groupings",),
)
def list_page(visit: Visit) -> Any:
    """The splits and mergers that the person's agency can see."""
    names = read_agency_names(visit)
    choices = {"agency": agency_choices(visit, names)}
    listed = LIST.read(visit, request.args, choices)
    return visit.render("overlaps/groupings.html", listed=listed, names=names)


_RECORD = (
    "get_overlap_grouping",
    "list_overlaps",
    "list_systems",
    "list_agencies",
    "withdraw_overlap_grouping",
)


@groupings.get(
    "/overlap-groupings/<uuid:overlap_grouping_id>", calls=_RECORD, needs=("get_overlap_grouping",)
)
def record_page(visit: Visit, overlap_grouping_id: UUID) -> Any:
    """One split or merger: its reason and its systems."""
    return _show_record(visit, overlap_grouping_id, "overlaps/grouping.html")


def _show_record(visit: Visit, overlap_grouping_id: UUID, template: str) -> Any:
    path = {"overlap_grouping_id": overlap_grouping_id}
    grouping = visit.call("get_overlap_grouping", path=path).document
    named = {"id__in": ",".join(grouping["system_ids"]), "fields": "id,name,agency_name"}
    # The overlap of a single system is none, as it needs two agencies.
    seen = {"id": grouping["overlap_id"], "fields": "id,title"}
    return visit.render(
        template,
        grouping=grouping,
        names=read_agency_names(visit),
        systems=visit.items("list_systems", query={**named, "limit": 200})
        if grouping["system_ids"]
        else [],
        overlap=next(iter(visit.items("list_overlaps", query=seen) or ()), None),
        can_undo=grouping["agency"] == visit.agency
        and not grouping["withdrawn_at"]
        and visit.can("withdraw_overlap_grouping"),
        done=request.args.get("done"),
    )


@groupings.post(
    "/overlap-groupings/<uuid:overlap_grouping_id>/withdrawal",
    calls=_RECORD,
    needs=("get_overlap_grouping", "withdraw_overlap_grouping"),
)
def withdraw(visit: Visit, overlap_grouping_id: UUID) -> Any:
    """Show what the undoing of a split or merger changes, then undo it."""
    if chosen_step() != SEND:
        return _show_record(visit, overlap_grouping_id, "overlaps/check_undoing.html")
    path = {"overlap_grouping_id": overlap_grouping_id}
    visit.call("withdraw_overlap_grouping", path=path, key=request.form.get("key"))
    return redirect_to(
        "pages-overlap-groupings.record_page",
        overlap_grouping_id=overlap_grouping_id,
        done="undone",
    )


_MAKE = ("get_overlap", "list_overlaps", "list_agencies", "create_overlap_grouping")
_NEEDS = ("get_overlap", "create_overlap_grouping")


@groupings.get("/overlaps/<uuid:overlap_id>/split", calls=_MAKE, needs=_NEEDS)
def split_form(visit: Visit, overlap_id: UUID) -> Any:
    """The form that splits systems off from an overlap."""
    return _show_form(visit, overlap_id, _SPLIT)


@groupings.post("/overlaps/<uuid:overlap_id>/split", calls=_MAKE, needs=_NEEDS)
def split(visit: Visit, overlap_id: UUID) -> Any:
    """Show what a split changes, then record it."""
    return _group(visit, overlap_id, _SPLIT)


@groupings.get("/overlaps/<uuid:overlap_id>/merge", calls=_MAKE, needs=_NEEDS)
def merge_form(visit: Visit, overlap_id: UUID) -> Any:
    """The form that merges an overlap with others."""
    return _show_form(visit, overlap_id, _MERGE)


@groupings.post("/overlaps/<uuid:overlap_id>/merge", calls=_MAKE, needs=_NEEDS)
def merge(visit: Visit, overlap_id: UUID) -> Any:
    """Show what a merger changes, then record it."""
    return _group(visit, overlap_id, _MERGE)


def _show_form(visit: Visit, overlap_id: UUID, action: GroupingAction) -> Any:
    overlap = visit.call("get_overlap", path={"overlap_id": overlap_id}).document
    return _show(visit, overlap, _controls(visit, overlap, action))


def _group(visit: Visit, overlap_id: UUID, action: GroupingAction) -> Any:
    overlap = visit.call("get_overlap", path={"overlap_id": overlap_id}).document
    form = _controls(visit, overlap, action)
    form.fill_typed(request.form)
    step = chosen_step()
    if step == CHANGE:
        return _show(visit, overlap, form)
    if note_missing(form, _MISSING):
        return _show(visit, overlap, form, status=422)
    if step != SEND:
        return _show(visit, overlap, form, check=True)
    body = {"action": action, **form.read(request.form)}
    body["overlap_ids"] = [str(overlap_id), *body.get("overlap_ids", ())]
    try:
        made = visit.call("create_overlap_grouping", body=body, key=request.form.get("key"))
    except Refused as refusal:
        if refusal.status not in {403, 409, 422}:
            raise
        form.note_errors(refusal.problem)
        return _show(visit, overlap, form, status=422)
    return redirect_to(
        "pages-overlap-groupings.record_page",
        overlap_grouping_id=made.document["id"],
        done="grouped",
    )


def _controls(visit: Visit, overlap: dict[str, Any], action: GroupingAction) -> Form:
    names = read_agency_names(visit)
    form = Form(OverlapGroupingCreate, _FIELDS[action])
    by_name = {control.name: control for control in form.controls}
    by_name["reason"].hint = "The other agencies of these systems can read it."
    by_name["title"].label = "Name of the new overlap"
    by_name["title"].hint = "Leave it empty for the name of what the systems share."
    if action is _SPLIT:
        form.offer("system_ids", _members(overlap, names))
        chosen = by_name["system_ids"]
        chosen.label, chosen.hint = "Which systems do not belong here?", ""
    else:
        form.offer("overlap_ids", _others(visit, overlap, names))
        chosen = by_name["overlap_ids"]
        chosen.label = "Which overlaps belong together with this one?"
        chosen.hint = "The overlaps with a system of your agency."
        kind = by_name["kind"]
        kind.label = "What do the systems have in common?"
        kind.hint = "Choose it if the overlaps are of different kinds or products."
        kind.options = (*kind.options[:-1], Option("", "As in these overlaps"))
    chosen.can_be_empty = False
    return form


def _members(overlap: dict[str, Any], names: dict[str, str]) -> list[Option]:
    return [
        Option(m["system_id"], f"{m['system_name']}, {names.get(m['agency'], m['agency'])}")
        for m in overlap["members"]
    ]


def _others(visit: Visit, overlap: dict[str, Any], names: dict[str, str]) -> list[Option]:
    query = {
        "of_your_agency": "true",
        "sort": "title",
        "limit": _MOST_MERGED,
        "fields": "id,title,agencies",
    }
    return [
        Option(each["id"], f"{each['title']}, {name_agencies(each['agencies'], names)}")
        for each in visit.call("list_overlaps", query=query).document["items"]
        if each["id"] != overlap["id"]
    ]


def _show(
    visit: Visit, overlap: dict[str, Any], form: Form, *, status: int = 200, check: bool = False
) -> Any:
    chosen = form.controls[0]
    return visit.render(
        "overlaps/check_grouping.html" if check else "overlaps/group.html",
        status=status,
        overlap=overlap,
        form=form,
        is_split=chosen.name == "system_ids",
        chosen=[option.text for option in chosen.options if option.value in chosen.value],
        rest=[option.text for option in chosen.options if option.value not in chosen.value],
    )
