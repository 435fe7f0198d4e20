"""The queue of imports, each with its file and a job that runs it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from catalogue.agencies.models import Agency
from catalogue.core.actor import Author
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Problem, Unprocessable
from catalogue.core.ids import new_id
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.operations import JobContext, enqueue
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.models import Import, ImportKind
from catalogue.data_exchange.report import COUNTS, ImportReport

_MOST_ERRORS = 100


def queue_import(
    context: Context,
    job_kind: str,
    *,
    agency_id: UUID,
    filename: str,
    content: bytes,
    options: Any,
    source: str | None,
    kind: ImportKind = ImportKind.SYSTEMS,
) -> Import:
    """Queue the import of a file for an agency. `options` is a dataclass, stored as JSON."""
    delete_leftover_files(context.session, agency_id)
    requested = Import(
        agency_id=agency_id,
        client_id=context.actor.client_id,
        kind=kind,
        filename=filename,
        source=source or "",
        mode=options.mode,
        dry_run=options.dry_run,
        reason=context.change_reason,
        options=asdict(options),
        content=content,
    )
    context.session.add(requested)
    context.session.flush()
    requested.job_id = enqueue(context, job_kind, {"import_id": str(requested.id)}).id
    return requested


def run_queued(
    context: JobContext, import_id: str, load: Callable[[Import, bytes], ImportReport]
) -> dict[str, Any]:
    """Load a queued file, and return the counts. Raises Unprocessable if its rows are rejected."""
    session = context.session
    requested = session.get_one(Import, UUID(import_id), options=[undefer(Import.content)])
    if requested.content is None:
        # A worker died after it stored the outcome and before it completed the job.
        return outcome_of(requested)
    context.write_as(Author.of(context.actor, reason=requested.reason, import_id=requested.id))
    try:
        report = load(requested, requested.content)
    except Problem:
        session.rollback()
        session.execute(sa.update(Import).where(Import.id == UUID(import_id)).values(content=None))
        session.commit()
        raise
    record_report(requested, report)
    if not report.accepted and not report.dry_run:
        session.commit()
    return outcome_of(requested)


def begin_import(context: Context, *, reason: str | None) -> UUID:
    """Name a new import and its reason in the history of the records that change from here on."""
    import_id = new_id()
    context.write_as(Author.of(context.actor, reason=reason, import_id=import_id))
    return import_id


def keep_import(
    context: Context,
    import_id: UUID,
    report: ImportReport,
    *,
    agency: Agency,
    filename: str,
    options: Any,
    kind: ImportKind = ImportKind.SYSTEMS,
) -> None:
    """Keep an import of the command line, which has no job, if it was written."""
    if not report.written:
        return
    kept = Import(
        id=import_id,
        agency_id=agency.id,
        client_id=context.actor.client_id,
        kind=kind,
        filename=filename,
        source=report.source or "",
        mode=report.mode,
        dry_run=False,
        reason=context.change_reason,
        options=asdict(options),
    )
    record_report(kept, report)
    context.session.add(kept)


def record_report(requested: Import, report: ImportReport) -> None:
    """Store the outcome of each row, and delete the file."""
    for name, value in {**report.counts(), **report.details()}.items():
        setattr(requested, name, value)
    requested.read_as = report.read_as()
    requested.mapping = report.mapping.as_json()
    requested.written = report.written
    requested.content = None


def outcome_of(requested: Import) -> dict[str, Any]:
    """Return the counts. Raises Unprocessable if invalid rows stopped the whole import."""
    if not requested.written and not requested.dry_run:
        errors = [
            FieldError(_pointer(problem), problem["code"], problem["detail"])
            for problem in (requested.problems or [])[:_MOST_ERRORS]
        ]
        raise Unprocessable(_refusal(requested), errors=errors)
    return {
        "import_id": str(requested.id),
        "written": requested.written,
        **{name: getattr(requested, name) for name in COUNTS},
    }


def _pointer(problem: dict[str, Any]) -> str:
    if problem["row"] is not None:
        return f"/rows/{problem['row']}/{problem['field'] or ''}".rstrip("/")
    return "/source" if problem["code"] == "source_required" else f"/mapping/{problem['field']}"


def _refusal(requested: Import) -> str:
    if not requested.rejected or requested.mode is BulkMode.PARTIAL:
        return "Nothing was imported, because the file leaves a question open. Answer the question."
    return (
        f"Nothing was imported, because {requested.rejected:,} of {requested.rows:,} rows have "
        "errors. Correct the rows, or use the mode `partial`."
    )


def delete_leftover_files(session: Session, agency_id: UUID) -> None:
    """Delete files that a job left behind because its worker died."""
    ended = sa.select(Job.id).where(Job.status.in_([JobStatus.FAILED, JobStatus.SUCCEEDED]))
    session.execute(
        sa.update(Import)
        .where(Import.agency_id == agency_id, Import.content.is_not(None), Import.job_id.in_(ended))
        .values(content=None),
        execution_options={"synchronize_session": False},
    )
