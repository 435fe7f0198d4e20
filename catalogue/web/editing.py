"""Forms that change one record, a section at a time.

Only what the person changed is sent. If somebody else changed the record meanwhile, the form keeps
what was typed and shows what is recorded now.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request, url_for
from werkzeug.exceptions import NotFound

from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.web.api_calls import Refused
from catalogue.web.forms import Form, Option
from catalogue.web.pages import Pages, Visit, redirect_to

Offer = Callable[[Visit], Iterable[Option]]


@dataclass(frozen=True)
class Section:
    """A part of a record: the fields that people read and change together."""

    key: str
    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Editing:
    """The declaration of the forms of one kind of record.

    The record's own page has the endpoint `record_page`, and the id of the record as its parameter.
    """

    group: Pages
    rule: str
    """The address of a record's page, such as `/systems/<uuid:system_id>`."""
    parameter: str
    get: str
    update: str
    schema: type[ma.Schema]
    sections: tuple[Section, ...]
    name: str = "name"
    """The field that names a record."""
    offers: dict[str, tuple[str, Offer]] | None = None
    """The operation and the function that find the options of a list, by field."""

    @cached_property
    def section_of(self) -> dict[str, str]:
        """The key of each field's section."""
        return {name: part.key for part in self.sections for name in part.fields}

    def register(self) -> None:
        """Register the page of the form, and its target."""
        rule = f"{self.rule}/edit/<section>"
        offered = tuple(operation for operation, _ in (self.offers or {}).values())
        calls = (self.get, self.update, *offered)

        @self.group.get(rule, calls=calls, needs=(self.update,))
        def edit_page(visit: Visit, section: str, **path: UUID) -> Any:
            """Show the form of one section."""
            part = self._section(section)
            answer = visit.call(self.get, path=path)
            # A record without an owner is an administrator's.
            if answer.document.get("agency", visit.agency) != visit.agency:
                return visit.render("errors/not_your_record.html", status=403)
            form = self._form(visit, part)
            form.fill(answer.document)
            form.propose(request.args)
            return self._show(visit, answer.document, answer.etag, form, section)

        @self.group.post(rule, calls=calls, needs=(self.update,))
        def save_edit(visit: Visit, section: str, **path: UUID) -> Any:
            """Save the fields that the person changed."""
            return self._save(visit, section, path)

    def _save(self, visit: Visit, section: str, path: dict[str, UUID]) -> Any:
        form = self._form(visit, self._section(section))
        form.fill_typed(request.form)
        changes = form.read_changes(request.form)
        try:
            if changes:
                visit.call(
                    self.update,
                    path=path,
                    body=changes,
                    etag=request.form.get("etag", ""),
                    reason=" ".join(request.form.get("reason", "").split()),
                    key=request.form.get("key"),
                )
        except Refused as refusal:
            if refusal.status not in {400, 409, 412, 422, 428}:
                raise
            answer = visit.call(self.get, path=path)
            if refusal.status in {412, 428}:
                form.note_recorded(answer.document, changes)
                return self._show(visit, answer.document, answer.etag, form, section, status=409)
            form.note_errors(refusal.problem)
            etag = request.form.get("etag") or answer.etag
            return self._show(visit, answer.document, etag, form, section, status=422)
        done = "saved" if changes else "unchanged"
        return redirect_to(f"{self.group.name}.record_page", **path, done=done)

    def _show(
        self,
        visit: Visit,
        record: dict[str, Any],
        etag: str | None,
        form: Form,
        section: str,
        *,
        status: int = 200,
    ) -> Any:
        # With a mistake the form still starts from what it showed first.
        base = request.form.get("base") if status == 422 else None
        record_href = url_for(f"{self.group.name}.record_page", **{self.parameter: record["id"]})
        return visit.render(
            "edit.html",
            status=status,
            name=record[self.name],
            record_href=record_href,
            etag=etag,
            form=form,
            section=self._section(section),
            base=base or form.base(record),
            conflict=status == 409,
            reason=request.form.get("reason", ""),
            longest_reason=LONGEST_REASON,
        )

    def _form(self, visit: Visit, section: Section) -> Form:
        form = Form(self.schema, section.fields)
        for name, (_, find_options) in (self.offers or {}).items():
            if name in section.fields:
                form.offer(name, find_options(visit))
        return form

    def _section(self, key: str) -> Section:
        section = next((part for part in self.sections if part.key == key), None)
        if section is None:
            raise NotFound
        return section
