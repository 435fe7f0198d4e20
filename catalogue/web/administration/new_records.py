"""Forms that record something new, made from the write schema of an operation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
from flask import request

from catalogue.web.api_calls import Refused
from catalogue.web.forms import Form
from catalogue.web.pages import Pages, Visit, redirect_to


@dataclass(frozen=True, kw_only=True)
class NewRecord:
    """The declaration of the form for a new record of a group of pages.

    The record's own page has the endpoint `record_page`.
    """

    group: Pages
    rule: str
    create: str
    schema: type[ma.Schema]
    fields: tuple[str, ...]
    heading: str
    parameter: str
    """The parameter of the record's page. Its value is the new record's id."""
    always: Mapping[str, Any] = field(default_factory=dict)
    """Values that the form does not offer."""
    advice: str = ""

    def register(self) -> None:
        """Register the page of the form, and its target."""

        @self.group.get(self.rule, calls=(self.create,), needs=(self.create,))
        def new_page(visit: Visit) -> Any:
            """Show the empty form."""
            return self._show(visit, Form(self.schema, self.fields))

        @self.group.post(self.rule, calls=(self.create,), needs=(self.create,))
        def create(visit: Visit) -> Any:
            """Record what was typed."""
            form = Form(self.schema, self.fields)
            form.fill_typed(request.form)
            typed = {n: v for n, v in form.read(request.form).items() if v not in (None, "", [])}
            try:
                created = visit.call(
                    self.create, body={**typed, **self.always}, key=request.form.get("form_key")
                ).document
            except Refused as refusal:
                if refusal.status not in {409, 422}:
                    raise
                form.note_errors(refusal.problem)
                return self._show(visit, form, status=422)
            path = {self.parameter: created["id"]}
            return redirect_to(f"{self.group.name}.record_page", **path, done="created")

    def _show(self, visit: Visit, form: Form, *, status: int = 200) -> Any:
        return visit.render(
            "administration/new.html",
            status=status,
            form=form,
            heading=self.heading,
            advice=self.advice,
            list_endpoint=f"{self.group.name}.list_page",
        )
