"""Records that belong to another record, such as the uses of a system: lists and forms.

Each kind has a list, a form that adds a record, a form that changes a record, and a page that
removes a record after a check.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request, url_for

from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.web.api_calls import Answer, Refused
from catalogue.web.editing import MISTAKES, OUT_OF_DATE, ChangeForm, Record, typed_reason
from catalogue.web.forms import Form
from catalogue.web.pages import Pages, Visit, redirect_to

_ROWS = 100
"""The records of a page of the list."""

Path = dict[str, Any]
Prepare = Callable[[Visit, Form, Record, Record | None], None]
"""A function that offers options. It takes the parent, and the record unless it is new."""


@dataclass(frozen=True)
class Operations:
    """The names of the API's operations on one kind of record."""

    list: str
    get: str
    create: str
    update: str
    delete: str


@dataclass(frozen=True)
class Words:
    """The words of the pages."""

    heading: str
    """The heading of the list, such as "Costs"."""
    a_record: str
    """The noun with its article, such as "a cost line"."""
    removal: str
    """The effect of removing a record."""

    @property
    def noun(self) -> str:
        """The noun without its article."""
        return self.a_record.partition(" ")[2]


@dataclass(frozen=True, kw_only=True)
class ChildRecords:
    """The declaration of the pages of one kind of record that belongs to a system."""

    group: Pages
    rule: str
    """The address of the list, such as `/systems/<uuid:system_id>/costs`."""
    parameter: str
    operations: Operations
    create: type[ma.Schema]
    update: type[ma.Schema]
    words: Words
    columns: tuple[str, ...]
    """The fields that the list and the check before a removal show."""
    links: Mapping[str, str] = field(default_factory=dict)
    """The columns that lead to a system, with the fields that hold its id."""
    name: Callable[[Record], str]
    """A function that names a record by its fields."""
    fields: tuple[str, ...]
    nested: bool = True
    """False if the API's paths of these records do not begin with the path of the system.

    Such a record names the agency that recorded it, which alone can change it.
    """
    prepare: Prepare | None = None
    calls: tuple[str, ...] = ()
    """The further operations that `prepare` calls."""
    begins_at: str = "new_page"
    """The view that the link to add a record leads to."""
    template: str = "child_records/list.html"
    picture: Callable[[Record, list[Record]], Any] | None = None
    """A function that draws the system and all its records."""

    def register(self) -> None:
        """Register the list, and the forms that change and remove a record."""
        names = self.operations
        one = f"{self.rule}/<uuid:{self.parameter}>"

        @self.group.get(
            self.rule,
            calls=("get_system", names.list, names.create, names.update, names.delete),
            needs=("get_system", names.list),
        )
        def list_page(visit: Visit, **path: Any) -> Any:
            """Show the records of the system that the person can see."""
            return self._list(visit, path)

        changing = ("get_system", names.get, names.update, *self.calls)

        @self.group.get(f"{one}/edit", calls=changing, needs=(names.update,))
        def edit_page(visit: Visit, **path: Any) -> Any:
            """Show the form that changes a record."""
            return self._with_own(
                visit, path, lambda *found: self._change(visit, path, *found).open()
            )

        @self.group.post(f"{one}/edit", calls=changing, needs=(names.update,))
        def save_edit(visit: Visit, **path: Any) -> Any:
            """Save the fields that the person changed."""
            return self._with_own(
                visit,
                path,
                lambda *found: self._change(visit, path, *found).save(
                    lambda done: self.go_to_list(path, done)
                ),
            )

        removing = ("get_system", names.get, names.delete)

        @self.group.get(f"{one}/removal", calls=removing, needs=(names.delete,))
        def removal_form(visit: Visit, **path: Any) -> Any:
            """Show a record before it is removed."""
            return self._with_own(visit, path, lambda *found: self._check_removal(visit, *found))

        @self.group.post(f"{one}/removal", calls=removing, needs=(names.delete,))
        def remove(visit: Visit, **path: Any) -> Any:
            """Remove a record."""
            return self._remove(visit, path)

    def register_adding(self) -> None:
        """Register the form that adds a record."""
        names = self.operations
        calls = ("get_system", names.create, *self.calls)

        @self.group.get(f"{self.rule}/new", calls=calls, needs=(names.create,))
        def new_page(visit: Visit, **path: Any) -> Any:
            """Show the form of a new record."""
            return self.with_own_parent(
                visit,
                path,
                lambda parent: self.show_new(visit, path, parent, self.form(visit, parent)),
            )

        @self.group.post(f"{self.rule}/new", calls=calls, needs=(names.create,))
        def create(visit: Visit, **path: Any) -> Any:
            """Add a record."""

            def add(parent: Record) -> Any:
                form = self.form(visit, parent)
                return self.add(visit, path, parent, form)

            return self.with_own_parent(visit, path, add)

    def with_own_parent(self, visit: Visit, path: Path, show: Callable[[Record], Any]) -> Any:
        """Show a page about the system, or the page for people of another agency."""
        parent = self._read_parent(visit, path)
        if parent["agency"] != visit.agency:
            return visit.render("errors/not_your_record.html", status=403)
        return show(parent)

    def form(self, visit: Visit, parent: Record, record: Record | None = None) -> Form:
        """Make the form of a new record, or of one that changes."""
        form = Form(self.create if record is None else self.update, self.fields)
        if self.prepare:
            self.prepare(visit, form, parent, record)
        return form

    def add(
        self,
        visit: Visit,
        path: Path,
        parent: Record,
        form: Form,
        to_body: Callable[[Record], Record] = dict,
        **shown: Any,
    ) -> Any:
        """Send what was typed for a new record. The form is shown again if it is refused."""
        form.fill_typed(request.form)
        typed = {n: v for n, v in form.read(request.form).items() if v not in (None, "", [])}
        try:
            visit.call(
                self.operations.create,
                path=self._system(path),
                body=to_body(typed),
                key=request.form.get("key"),
            )
        except Refused as refusal:
            if refusal.status not in MISTAKES:
                raise
            form.note_errors(refusal.problem)
            return self.show_new(visit, path, parent, form, status=422, **shown)
        return self.go_to_list(path, "added")

    def show_new(
        self,
        visit: Visit,
        path: Path,
        parent: Record,
        form: Form,
        *,
        status: int = 200,
        **hidden: Any,
    ) -> Any:
        """Show the form of a new record. It sends the hidden values too."""
        return visit.render(
            "child_records/new.html",
            status=status,
            system=parent,
            words=self.words,
            form=form,
            hidden_values=hidden,
            list_href=self.href("list_page", path),
        )

    def go_to_list(self, path: Path, done: str) -> Any:
        """Send the browser to the list, which shows what was done."""
        return redirect_to(f"{self.group.name}.list_page", system_id=path["system_id"], done=done)

    def href(self, view: str, path: Path, **values: Any) -> str:
        """Return the address of a page of these records."""
        return url_for(f"{self.group.name}.{view}", system_id=path["system_id"], **values)

    def _list(self, visit: Visit, path: Path) -> Any:
        parent = self._read_parent(visit, path)
        names = self.operations
        of_system = {} if self.nested else {"system_ids": path["system_id"]}
        query = {"limit": _ROWS, "cursor": request.args.get("cursor") or None, **of_system}
        found = visit.call(names.list, path=self._system(path), query=query).document
        records, after = found["items"], found["page"]["next_cursor"]
        is_whole = after is None and query["cursor"] is None
        is_own = parent["agency"] == visit.agency
        return visit.render(
            self.template,
            system=parent,
            words=self.words,
            columns=self.columns,
            links=self.links,
            records=records,
            picture=self.picture(parent, records) if self.picture and is_whole else None,
            own=[self._is_own(visit, parent, record) for record in records],
            name=self.name,
            add_href=self.href(self.begins_at, path),
            can_add=is_own and visit.can(names.create),
            can_change=visit.can(names.update),
            can_remove=visit.can(names.delete),
            href=lambda view, record=None: self.href(
                view, path, **({} if record is None else {self.parameter: record["id"]})
            ),
            next_href=self.href("list_page", path, cursor=after) if after else None,
            done=request.args.get("done"),
        )

    def _is_own(self, visit: Visit, parent: Record, record: Record) -> bool:
        owner = parent if self.nested else record
        return bool(owner["agency"] == visit.agency)

    def _with_own(self, visit: Visit, path: Path, show: Callable[[Record, Answer], Any]) -> Any:
        parent = self._read_parent(visit, path)
        answer = visit.call(self.operations.get, path=self._one(path))
        if not self._is_own(visit, parent, answer.document):
            return visit.render("errors/not_your_record.html", status=403)
        return show(parent, answer)

    def _change(self, visit: Visit, path: Path, parent: Record, answer: Answer) -> ChangeForm:
        return ChangeForm(
            visit=visit,
            form=self.form(visit, parent, answer.document),
            update=self.operations.update,
            path=self._one(path),
            answer=answer,
            title=f"Change the {self.words.noun}",
            name=self.name(answer.document),
            back=self.href("list_page", path),
        )

    def _check_removal(
        self, visit: Visit, parent: Record, answer: Answer, *, status: int = 200
    ) -> Any:
        return visit.render(
            "child_records/removal.html",
            status=status,
            system=parent,
            words=self.words,
            columns=self.columns,
            record=answer.document,
            name=self.name(answer.document),
            etag=answer.etag,
            conflict=status == HTTPStatus.CONFLICT,
            reason=request.form.get("reason", ""),
            longest_reason=LONGEST_REASON,
            list_href=self.href("list_page", {"system_id": parent["id"]}),
        )

    def _remove(self, visit: Visit, path: Path) -> Any:
        try:
            visit.call(
                self.operations.delete,
                path=self._one(path),
                etag=request.form.get("etag", ""),
                reason=typed_reason(),
            )
        except Refused as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                # A second click, after the first has removed the record.
                return self.with_own_parent(visit, path, lambda _: self.go_to_list(path, "removed"))
            if refusal.status not in OUT_OF_DATE:
                raise
            return self._with_own(
                visit,
                path,
                lambda *found: self._check_removal(visit, *found, status=HTTPStatus.CONFLICT),
            )
        return self.go_to_list(path, "removed")

    def _read_parent(self, visit: Visit, path: Path) -> Record:
        document: Record = visit.call("get_system", path=_only(path, "system_id")).document
        return document

    def _system(self, path: Path) -> Path:
        return _only(path, "system_id") if self.nested else {}

    def _one(self, path: Path) -> Path:
        return self._system(path) | _only(path, self.parameter)


def _only(path: Path, name: str) -> dict[str, UUID]:
    return {name: path[name]}
