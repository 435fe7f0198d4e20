"""The list of imports, the upload, the report of each import, and what can be done with it."""

from typing import Any
from uuid import UUID

from flask import request

from catalogue.core.application import settings
from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.data_exchange.schemas import ImportForm
from catalogue.web.api_calls import Refused
from catalogue.web.files import send_on
from catalogue.web.filters import YES_NO, Filter, Kind, choices_of
from catalogue.web.imports.columns import correction_of, field_label, read_options
from catalogue.web.imports.words import counted, headline, sentence, state
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit, redirect_to

imports = Pages("imports")

_LIMIT = "max_import_bytes"
_ROWS = 100
"""The rows of each table of a report."""
_KINDS = choices_of(ImportForm().fields["kind"].choices)  # type: ignore[attr-defined]

LIST = ListPage(
    operation="list_imports",
    endpoint="pages-imports.list_page",
    sorts={
        "filename": "File",
        "created_at": "Sent",
        "kind": "Records",
        "created": "Created",
        "updated": "Updated",
        "rejected": "Rejected rows",
    },
    filters=(
        Filter("kind", "Records", _KINDS),
        Filter("dry_run", "Dry run", YES_NO),
        Filter("written", "Loaded", YES_NO),
        Filter("undone_at__isnull", "Undone", (("true", "No"), ("false", "Yes"))),
        Filter("rejected__gte", "Rejected rows, at least"),
        Filter("created_at__gte", "Sent from", kind=Kind.MOMENT),
    ),
)


@imports.get("/imports", calls=("list_imports",), needs=("list_imports",))
def list_page(visit: Visit) -> Any:
    """The imports of the person's agency, newest first."""
    return visit.render("imports/list.html", listed=LIST.read(visit, request.args), state=state)


_UPLOAD = ("create_import",)


@imports.get("/imports/new", calls=_UPLOAD, needs=_UPLOAD)
def new_page(visit: Visit) -> Any:
    """The form that sends a spreadsheet."""
    return _show_upload(visit, {})


@imports.post("/imports/new", calls=_UPLOAD, needs=_UPLOAD, max_bytes_setting=_LIMIT)
def upload(visit: Visit) -> Any:
    """Try a spreadsheet without changing any record."""
    options = {
        name: value for name in ("kind", "source") if (value := request.form.get(name, "").strip())
    }
    requested, errors = _send(visit, options)
    if requested is None:
        return _show_upload(visit, errors, status=422)
    return redirect_to("pages-imports.record_page", import_id=requested["id"])


def _show_upload(visit: Visit, errors: dict[str, str], *, status: int = 200) -> Any:
    return visit.render(
        "imports/new.html",
        status=status,
        kinds=_KINDS,
        chosen=request.values,
        errors=errors,
        error_list=_error_list(errors),
        megabytes=settings().max_import_bytes // 2**20,
    )


def _send(visit: Visit, options: dict[str, str]) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Make a dry run of the chosen file. Return it, or the errors by control."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return None, {"file": "Choose a file"}
    form = {"dry_run": "true", "mode": "partial"} | options
    try:
        answer = visit.call("create_import", form=form, file=file, key=request.form.get("key"))
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return None, _errors_of(refusal)
    return answer.document, {}


def _errors_of(refusal: Refused) -> dict[str, str]:
    """Return the first error of each control. The file stands for all that has no control."""
    errors: dict[str, str] = {}
    for error in refusal.problem.get("errors", ()):
        name = error["pointer"].lstrip("/").partition("/")[0]
        control = name if name in {"kind", "source", "sheet"} else "file"
        errors.setdefault(control, sentence({"value": None, **error}))
    return errors or {"file": refusal.problem["detail"]}


def _error_list(errors: dict[str, str]) -> list[dict[str, str]]:
    return [{"text": text, "href": f"#{name}"} for name, text in errors.items()]


_RECORD = ("get_import", "create_import", "load_dry_run", "undo_import", "get_rejected_rows")


@imports.get("/imports/<uuid:import_id>", calls=_RECORD, needs=("get_import",))
def record_page(visit: Visit, import_id: UUID) -> Any:
    """One import: its progress, then its report."""
    report = visit.call("get_import", path={"import_id": import_id}).document
    return _show_report(visit, report, {})


@imports.post(
    "/imports/<uuid:import_id>",
    calls=_RECORD,
    needs=("get_import", "create_import"),
    max_bytes_setting=_LIMIT,
)
def try_again(visit: Visit, import_id: UUID) -> Any:
    """Try a file with the columns and words that the person has corrected."""
    report = visit.call("get_import", path={"import_id": import_id}).document
    options = {"kind": report["kind"]} | read_options(report, request.form)
    requested, errors = _send(visit, options)
    if requested is None:
        return _show_report(visit, report, errors, status=422)
    return redirect_to("pages-imports.record_page", import_id=requested["id"])


def _show_report(
    visit: Visit, report: dict[str, Any], errors: dict[str, str], *, status: int = 200
) -> Any:
    if report["status"] in {"queued", "running"}:
        return visit.render("imports/progress.html", report=report)
    has_run = report["rows"] is not None and report["mapping"] is not None
    return visit.render(
        "imports/record.html",
        status=status,
        report=report,
        has_run=has_run,
        headline=headline(report) if has_run else None,
        questions=[p for p in report["problems"] or () if p["row"] is None],
        rows_to_correct=[p for p in report["problems"] or () if p["row"] is not None],
        correction=correction_of(report) if has_run and report["dry_run"] else None,
        most=_ROWS,
        sentence=sentence,
        state=state(report),
        field_label=field_label,
        can_load=visit.can("load_dry_run") and report["loadable_until"] is not None,
        can_undo=visit.can("undo_import") and report["written"] and not report["undone_at"],
        chosen=request.form,
        errors=errors,
        error_list=_error_list(errors),
        megabytes=settings().max_import_bytes // 2**20,
        done=request.args.get("done"),
    )


_LOAD = ("get_import", "load_dry_run")


@imports.get("/imports/<uuid:import_id>/load", calls=_LOAD, needs=_LOAD)
def check_load(visit: Visit, import_id: UUID) -> Any:
    """The effect of loading a dry run, before it is loaded."""
    return _show_load(visit, import_id)


@imports.post("/imports/<uuid:import_id>/load", calls=_LOAD, needs=_LOAD)
def load(visit: Visit, import_id: UUID) -> Any:
    """Load the file of a dry run as it was tried."""
    try:
        loaded = visit.call(
            "load_dry_run",
            path={"import_id": import_id},
            reason=_typed_reason(),
            key=request.form.get("key"),
        ).document
    except Refused as refusal:
        if refusal.status != 409:
            raise
        return _show_load(visit, import_id, _details(refusal))
    return redirect_to("pages-imports.record_page", import_id=loaded["id"])


def _show_load(visit: Visit, import_id: UUID, errors: list[str] | None = None) -> Any:
    report = visit.call("get_import", path={"import_id": import_id}).document
    return visit.render(
        "imports/load.html",
        status=409 if errors else 200,
        report=report,
        counted=counted,
        can_load=report["loadable_until"] is not None and not errors,
        reason=request.form.get("reason", ""),
        longest_reason=LONGEST_REASON,
        error_list=[{"text": text} for text in errors or ()],
    )


_UNDO = ("get_import", "undo_import")


@imports.get("/imports/<uuid:import_id>/undo", calls=_UNDO, needs=_UNDO)
def check_undo(visit: Visit, import_id: UUID) -> Any:
    """The effect of undoing an import, before it is undone."""
    return _show_undo(visit, import_id)


@imports.post("/imports/<uuid:import_id>/undo", calls=_UNDO, needs=_UNDO)
def undo(visit: Visit, import_id: UUID) -> Any:
    """Undo an import, completely or not at all."""
    try:
        visit.call(
            "undo_import",
            path={"import_id": import_id},
            reason=_typed_reason(),
            key=request.form.get("key"),
        )
    except Refused as refusal:
        if refusal.status != 409:
            raise
        return _show_undo(visit, import_id, _details(refusal))
    return redirect_to("pages-imports.record_page", import_id=import_id, done="undone")


def _show_undo(visit: Visit, import_id: UUID, obstacles: list[str] | None = None) -> Any:
    report = visit.call("get_import", path={"import_id": import_id}).document
    return visit.render(
        "imports/undo.html",
        status=409 if obstacles else 200,
        report=report,
        counted=counted,
        can_undo=report["written"] and not report["undone_at"],
        reason=request.form.get("reason", ""),
        longest_reason=LONGEST_REASON,
        error_list=[{"text": text} for text in obstacles or ()],
    )


def _details(refusal: Refused) -> list[str]:
    errors = refusal.problem.get("errors", ())
    return [error["detail"] for error in errors] or [refusal.problem["detail"]]


def _typed_reason() -> str:
    return " ".join(request.form.get("reason", "").split())


@imports.get(
    "/imports/<uuid:import_id>/rejected-rows",
    calls=("get_rejected_rows",),
    needs=("get_rejected_rows",),
    sends_file=True,
)
def rejected_rows(visit: Visit, import_id: UUID) -> Any:
    """The rejected rows of an import as a workbook to correct."""
    path, query = {"import_id": import_id}, {"format": "xlsx"}
    return send_on(visit.call("get_rejected_rows", path=path, query=query))


@imports.get(
    "/imports/template",
    calls=("get_import_template",),
    needs=("get_import_template",),
    sends_file=True,
)
def template(visit: Visit) -> Any:
    """A workbook to fill in for one kind of record."""
    return send_on(visit.call("get_import_template", query={"kind": request.args.get("kind")}))
