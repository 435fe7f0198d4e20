"""Forms that change one record, a section at a time.

Only what the person changed is sent. If somebody else changed the record meanwhile, the form keeps
what was typed and shows what is recorded now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request, url_for
from werkzeug.exceptions import NotFound

from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.web.api_calls import Answer, Refused
from catalogue.web.forms import Form
from catalogue.web.pages import Pages, Visit, redirect_to

Record = dict[str, Any]
Prepare = Callable[[Visit, Form, Record], None]
"""A function that offers the options which depend on the visit or the record."""
MISTAKES = frozenset({400, 409, 422})
"""The statuses of a refusal that the person can correct in the form."""
OUT_OF_DATE = frozenset({412, 428})
"""The statuses of a refusal because the record has changed since the form was shown."""


@dataclass(frozen=True)
class Section:
    """A part of a record: the fields that people read and change together."""

    key: str
    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeForm:
    """The form that changes some fields of a record, as a person opens or sends it."""

    visit: Visit
    form: Form
    update: str
    path: Mapping[str, Any]
    """The parts of the API's path to the record."""
    answer: Answer
    """The record as it is now."""
    title: str
    name: str
    """The name of the record."""
    back: str
    """The address of the page that shows the record."""

    def open(self) -> Any:
        """Show the values that are recorded."""
        self.form.fill(self.answer.document)
        self.form.propose(request.args)
        return self._show(self.answer.etag)

    def save(self, go_on: Callable[[str], Any]) -> Any:
        """Send what the person changed, then go on. The form is shown again if it is refused."""
        form, record = self.form, self.answer.document
        form.fill_typed(request.form)
        changes = form.read_changes(request.form)
        try:
            if changes:
                self.visit.call(
                    self.update,
                    path=self.path,
                    body=changes,
                    etag=request.form.get("etag", ""),
                    reason=typed_reason(),
                    key=request.form.get("key"),
                )
        except Refused as refusal:
            if refusal.status in OUT_OF_DATE:
                form.note_recorded(record, changes)
                return self._show(self.answer.etag, status=409)
            if refusal.status not in MISTAKES:
                raise
            form.note_errors(refusal.problem)
            return self._show(request.form.get("etag") or self.answer.etag, status=422)
        return go_on("saved" if changes else "unchanged")

    def _show(self, etag: str | None, *, status: int = 200) -> Any:
        # With a mistake the form still starts from what it showed first.
        base = request.form.get("base") if status == 422 else None
        return self.visit.render(
            "edit.html",
            status=status,
            title=self.title,
            name=self.name,
            record_href=self.back,
            etag=etag,
            form=self.form,
            base=base or self.form.base(self.answer.document),
            conflict=status == 409,
            reason=request.form.get("reason", ""),
            longest_reason=LONGEST_REASON,
        )


def typed_reason() -> str:
    """Return the reason that was typed, on a single line."""
    return " ".join(request.form.get("reason", "").split())


@dataclass(frozen=True, kw_only=True)
class Editing:
    """The declaration of the forms of one kind of record.

    The record's own page has the endpoint `record_page`, and the id of the record as its parameter.
    """

    group: Pages
    rule: str
    """The address of a record's page, such as `/systems/<uuid:system_id>`."""
    get: str
    update: str
    schema: type[ma.Schema]
    sections: tuple[Section, ...]
    name: str = "name"
    """The field that names a record."""
    prepare: Prepare | None = None
    calls: tuple[str, ...] = ()
    """The further operations that `prepare` calls."""

    @cached_property
    def section_of(self) -> dict[str, str]:
        """The key of each field's section."""
        return {name: part.key for part in self.sections for name in part.fields}

    def saved_section(self) -> str | None:
        """Return the section that the person has just saved, by the address of the record."""
        key = request.args.get("section")
        return key if any(part.key == key for part in self.sections) else None

    def register(self) -> None:
        """Register the page of the form, and its target."""
        rule = f"{self.rule}/edit/<section>"
        calls = (self.get, self.update, *self.calls)

        @self.group.get(rule, calls=calls, needs=(self.update,))
        def edit_page(visit: Visit, section: str, **path: UUID) -> Any:
            """Show the form of one section."""
            change = self._read(visit, section, path)
            return change.open() if isinstance(change, ChangeForm) else change

        @self.group.post(rule, calls=calls, needs=(self.update,))
        def save_edit(visit: Visit, section: str, **path: UUID) -> Any:
            """Save the fields that the person changed, and go back to their section."""
            change = self._read(visit, section, path)
            if not isinstance(change, ChangeForm):
                return change
            return change.save(
                lambda done: redirect_to(
                    self._home, **path, done=done, section=section, _anchor=section
                )
            )

    @property
    def _home(self) -> str:
        return f"{self.group.name}.record_page"

    def _read(self, visit: Visit, key: str, path: dict[str, UUID]) -> Any:
        """Return the form of a section, or the page for people of another agency."""
        section = next((part for part in self.sections if part.key == key), None)
        if section is None:
            raise NotFound
        answer = visit.call(self.get, path=path)
        record = answer.document
        # A record without an owner is an administrator's.
        if record.get("agency", visit.agency) != visit.agency:
            return visit.render("errors/not_your_record.html", status=403)
        form = Form(self.schema, section.fields)
        if self.prepare:
            self.prepare(visit, form, record)
        return ChangeForm(
            visit=visit,
            form=form,
            update=self.update,
            path=path,
            answer=answer,
            title=section.title,
            name=record[self.name],
            back=url_for(self._home, **path, _anchor=key),  # type: ignore[arg-type]
        )
