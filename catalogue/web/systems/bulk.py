"""The forms that change or confirm the systems that a person selected in the list.

A form changes one field of all of them, and records a value. To remove a value, a person changes
each record, because an empty form must not clear many.
"""

from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.systems.schemas import SystemPatch
from catalogue.web.api_calls import Refused
from catalogue.web.capability_names import capability_options
from catalogue.web.forms import Form
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.steps import CHANGE, SEND, chosen_step
from catalogue.web.systems.pages import LIST, show_list
from catalogue.web.systems.selection import (
    NotSelected,
    Selection,
    in_words,
    new_value,
    preview_change,
    read_selection,
    sent_list,
)
from catalogue.web.wording import label, mistake

selected_systems = Pages("selected-systems")

FIELDS = (
    "lifecycle",
    "disposition",
    "end_of_support",
    "criticality",
    "hosting",
    "business_owner",
    "technical_owner",
    "disclosure",
    "capabilities",
    "tags",
)
"""The fields that many systems can share. All others, such as the users, describe one system."""

_ADDED = {"capabilities": "Capabilities to add", "tags": "Tags to add"}
"""The lists, to which each system adds what is new. Replacing them would lose what differs."""

_REFUSALS = {400, 409, 412, 422}
_CHANGE = ("update_systems", "list_systems", "list_agencies", "list_capabilities")
_CONFIRM = ("attest_systems", "list_systems", "list_agencies")
_CONFIRMED_FIELDS = ("attested_at", "missing")


@selected_systems.post("/systems/changes", calls=_CHANGE, needs=("update_systems", "list_systems"))
def change(visit: Visit) -> Any:
    """Ask for a field and its value, show what would change, then change it."""
    try:
        selection = read_selection(visit, FIELDS)
    except NotSelected as error:
        return show_list(visit, sent_list(), mistake=str(error))
    name = request.form.get("field", "")
    if name not in FIELDS or "again" in request.form:
        return _choose_field(visit, selection)
    form = _form_of(visit, name)
    if request.form.get("asked") != name:
        form.fill_typed(MultiDict())
        return _ask_value(visit, selection, form)
    form.fill_typed(request.form)
    step = chosen_step()
    if step == CHANGE:
        return _ask_value(visit, selection, form)
    value = form.read(request.form)[name]
    if value in (None, "", []):
        form.controls[0].errors.append(mistake("required", "", name, form.controls[0].kind))
        return _ask_value(visit, selection, form, status=422)
    if step == SEND:
        answer = _send(visit, selection, name, value)
        if answer is not None:
            return answer
    return _check(visit, selection, form, value, refused=step == SEND)


def _form_of(visit: Visit, name: str) -> Form:
    form = Form(SystemPatch, (name,))
    if name == "capabilities":
        form.offer(name, capability_options(visit))
    (control,) = form.controls
    control.can_be_empty = False
    control.label = _ADDED.get(name, control.label)
    control.options = tuple(option for option in control.options if option.value)
    return form


def _choose_field(visit: Visit, selection: Selection) -> Any:
    lacking = "choosing" in request.form
    return _show(
        visit,
        "systems/change_field.html",
        status=422 if lacking else 200,
        selection=selection,
        fields=[(name, _ADDED.get(name) or label(name)) for name in FIELDS],
        chosen=request.form.get("field"),
        mistake="Choose the field to change" if lacking else None,
    )


def _ask_value(visit: Visit, selection: Selection, form: Form, *, status: int = 200) -> Any:
    (control,) = form.controls
    return _show(
        visit,
        "systems/change_value.html",
        status=status,
        selection=selection,
        form=form,
        name=control.name,
        adds=control.name in _ADDED,
        rows=[(s, in_words(control, s[control.name])) for s in selection.systems],
        reason=_reason(),
        longest_reason=LONGEST_REASON,
    )


def _check(visit: Visit, selection: Selection, form: Form, value: Any, *, refused: bool) -> Any:
    """Show what would change. The records can have changed since the form was shown."""
    (control,) = form.controls
    try:
        preview = preview_change(visit, selection.systems, control, value, _reason())
    except Refused as refusal:
        if refusal.status not in _REFUSALS:
            raise
        return _show_mistake(visit, selection, form, refusal.problem)
    if preview.problem is not None:
        return _show_mistake(visit, selection, form, preview.problem)
    return _show(
        visit,
        "systems/check_change.html",
        status=409 if refused or selection.changed_meanwhile else 200,
        selection=selection,
        control=control,
        value=in_words(control, value),
        preview=preview,
        refused=refused,
        reason=_reason(),
        typed=_typed(control.name),
    )


def _show(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Any:
    list_href = url_for(LIST.endpoint, **LIST.parameters(sent_list()))
    return visit.render(template, status=status, list_href=list_href, **values)


def _show_mistake(visit: Visit, selection: Selection, form: Form, problem: dict[str, Any]) -> Any:
    form.note_errors(problem)
    return _ask_value(visit, selection, form, status=422)


def _send(visit: Visit, selection: Selection, name: str, value: Any) -> Any:
    """Change the systems as they were checked. Return None if that was refused."""
    left_out = set(request.form.getlist("left_out"))
    by_id = {system["id"]: system for system in selection.systems}
    items = [
        {"id": identity, "etag": etag, name: new_value(by_id.get(identity, {}), name, value)}
        for identity, etag in selection.sent.items()
        if identity not in left_out
    ]
    return _write(visit, "update_systems", items, "changed", reason=_reason())


def _write(
    visit: Visit, operation: str, items: list[dict[str, Any]], done: str, **options: Any
) -> Any:
    """Write to all systems or to none, and lead back to the list. Return None if refused."""
    try:
        answer = visit.call(
            operation, body={"items": items}, key=request.form.get("key"), **options
        )
    except Refused as refusal:
        if refusal.status not in _REFUSALS:
            raise
        return None
    count = answer.document["succeeded"]
    return redirect_to(LIST.endpoint, **LIST.parameters(sent_list()), done=done, count=count)


def _reason() -> str:
    return " ".join(request.form.get("reason", "").split())


def _typed(name: str) -> list[tuple[str, str]]:
    """Return what was typed into the control of a field, of which a date has three inputs."""
    return [
        (key, text)
        for key, text in request.form.items(multi=True)
        if key == name or key.startswith(f"{name}-")
    ]


@selected_systems.post(
    "/systems/confirmations", calls=_CONFIRM, needs=("attest_systems", "list_systems")
)
def confirm(visit: Visit) -> Any:
    """Show when each record was last confirmed and what it lacks, then confirm those ticked."""
    try:
        selection = read_selection(visit, _CONFIRMED_FIELDS)
    except NotSelected as error:
        return show_list(visit, sent_list(), mistake=str(error))
    refused = chosen_step() == SEND
    if refused:
        items = [
            {"system_id": identity, "etag": etag, "verdict": "confirmed"}
            for identity, etag in selection.sent.items()
        ]
        answer = _write(visit, "attest_systems", items, "confirmed")
        if answer is not None:
            return answer
    return _show(
        visit,
        "systems/confirm.html",
        status=409 if refused else 200,
        selection=selection,
        refused=refused,
    )
