"""Forms that change who sees records: filled in, checked with their effects, then sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from flask import request

from catalogue.core.errors import Unprocessable
from catalogue.core.rest.loading import load
from catalogue.web.api_calls import Refused
from catalogue.web.editing import OUT_OF_DATE
from catalogue.web.forms import Form
from catalogue.web.pages import CSRF_FIELD, Visit
from catalogue.web.steps import CHANGE, SEND, chosen_step

_NOT_TYPED = {CSRF_FIELD, "key", "step"}

Body = dict[str, Any]


def take_step(
    form: Form,
    schema: type[ma.Schema],
    *,
    show: Callable[..., Any],
    check: Callable[[Body], Any],
    send: Callable[[Body], Any],
    read: Callable[[], Body] | None = None,
) -> Any:
    """Show a form again, show its effects for a check, or send it, as the person chose.

    `show` takes the status of the response. A form with mistakes is shown again, whatever the step.
    """
    form.fill_typed(request.form)
    step = chosen_step()
    if step == CHANGE:
        return show(200)
    body = read() if read else _without_empty(form.read(request.form))
    if step != SEND:
        if note_mistakes(form, schema, body):
            return show(422)
        return check(body)
    try:
        return send(body)
    except Refused as refusal:
        if refusal.status not in {403, 409, 422}:
            raise
        form.note_errors(refusal.problem)
        return show(refusal.status)


def note_mistakes(form: Form, schema: type[ma.Schema], body: Body) -> bool:
    """Put the errors that the schema finds beside their controls. Return whether there is any."""
    try:
        load(schema(), body)
    except Unprocessable as error:
        errors = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in error.errors]
        form.note_errors({"errors": errors, "detail": ""})
        return True
    return False


def _without_empty(body: Body) -> Body:
    return {name: value for name, value in body.items() if value not in (None, "", [])}


def show_check(
    visit: Visit,
    form: Form | None,
    *,
    name: str,
    record_href: str,
    heading: str,
    effects: list[str],
    button: str,
    warning: bool = False,
) -> Any:
    """Show what was typed, and who will see more or less because of it."""
    typed = [(n, v) for n, v in request.form.items(multi=True) if n not in _NOT_TYPED]
    return visit.render(
        "sharing/check.html",
        name=name,
        record_href=record_href,
        heading=heading,
        answers=[(c.label, c.answer) for c in form.controls] if form else [],
        effects=effects,
        button=button,
        warning=warning,
        typed=typed,
    )


def show_form(
    visit: Visit,
    form: Form,
    *,
    name: str,
    record_href: str,
    heading: str,
    status: int = 200,
    intro: str = "",
    etag: str | None = None,
    base: str | None = None,
    conflict: bool = False,
) -> Any:
    """Show a form whose next page is the check."""
    return visit.render(
        "edit.html",
        status=409 if conflict else status,
        is_checked=True,
        form=form,
        name=name,
        record_href=record_href,
        title=heading,
        intro=intro,
        etag=etag,
        base=base,
        conflict=conflict,
    )


@dataclass(frozen=True, kw_only=True)
class Change:
    """A form that changes a record, with what its page shows."""

    visit: Visit
    form: Form
    update: str
    path: Mapping[str, Any]
    """The parts of the API's path to the record."""
    etag: str | None
    record: Mapping[str, Any]
    """The record as it is now, with the values that the form shows."""
    name: str
    record_href: str
    heading: str
    intro: str = ""

    def open(self) -> Any:
        """Show the values that are recorded."""
        self.form.fill(self.record)
        return self.show()

    def show(self, status: int = 200, *, conflict: bool = False) -> Any:
        """Show the form."""
        # A form that is shown again still starts from what it showed first.
        again = request.method == "POST" and not conflict
        return show_form(
            self.visit,
            self.form,
            name=self.name,
            record_href=self.record_href,
            heading=self.heading,
            intro=self.intro,
            status=status,
            etag=request.form.get("etag") if again else self.etag,
            base=request.form.get("base") if again else self.form.base(self.record),
            conflict=conflict,
        )

    def send(self, changes: Body) -> Any:
        """Send the changes. Return the form if the record has changed meanwhile, and else None."""
        try:
            self.visit.call(
                self.update,
                path=self.path,
                body=changes,
                etag=request.form.get("etag", ""),
                key=request.form.get("key"),
            )
        except Refused as refusal:
            if refusal.status not in OUT_OF_DATE:
                raise
            self.form.note_recorded(self.record, changes)
            return self.show(conflict=True)
        return None
