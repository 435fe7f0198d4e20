"""The queue of imports, each with its file and a job that runs it."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.actor import Author
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Problem, Unprocessable, conflict
from catalogue.core.ids import new_id
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.operations import JobContext, chore, enqueue
from catalogue.core.late_lock import run_with_late_lock
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.changes import digest_of_changes
from catalogue.data_exchange.models import Import, ImportKind
from catalogue.data_exchange.rejected_rows import (
    delete_expired,
    explain_limit,
    pack,
    rejected_rows_of,
)
from catalogue.data_exchange.report import COUNTS, MOST_PROBLEMS, ImportReport

FILE_KEPT_FOR = timedelta(days=3)
"""The time for which the file of a dry run is kept, so that it can be loaded unchanged."""

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
    kind: ImportKind,
) -> Import:
    """Queue the import of a file for an agency. `options` is a dataclass, stored as JSON."""
    delete_leftover_files(context.session, agency_id)
    delete_expired(context.session)
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
    """Load a queued file, and return the counts. Raises Unprocessable if nothing was imported."""
    return run_with_late_lock(context.session, lambda: _run_queued(context, import_id, load))


def _run_queued(
    context: JobContext, import_id: str, load: Callable[[Import, bytes], ImportReport]
) -> dict[str, Any]:
    session = context.session
    requested = session.get_one(Import, UUID(import_id), options=[undefer(Import.content)])
    if requested.content is None:
        # A worker died after it stored the outcome and before it completed the job.
        return outcome_of(requested)
    context.write_as(Author.of(context.actor, reason=requested.reason, import_id=requested.id))
    try:
        report = load(requested, requested.content)
        _require_outcome_of_dry_run(session, requested, report)
    except Problem:
        session.rollback()
        session.execute(sa.update(Import).where(Import.id == UUID(import_id)).values(content=None))
        session.commit()
        raise
    record_report(requested, report)
    if not report.accepted and not report.dry_run:
        session.commit()
    return outcome_of(requested)


def require_file(session: Session, import_id: str) -> None:
    """Raise Conflict if the file of an import no longer exists, so that a retry cannot load it."""
    kept = sa.select(Import.content.is_not(None)).where(Import.id == UUID(import_id))
    if not session.scalar(kept):
        detail = "The file of this import was deleted. Send the file again."
        raise conflict("", "no_file", detail)


def begin_import(context: Context, *, reason: str | None) -> UUID:
    """Return the id of a new import, which the audit log records with each later change."""
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
    kind: ImportKind,
) -> None:
    """Record an import of the command line, which has no job, if it was written."""
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
    """Store the report of an import, and delete the file unless a dry run can be loaded later."""
    for name, value in {**report.counts(), **report.details()}.items():
        setattr(requested, name, value)
    requested.read_as = report.read_as()
    requested.mapping = report.mapping.as_json()
    requested.written = report.written
    requested.rejected_rows, kept = pack(rejected_rows_of(report))
    # Only the stored report has this notice, because a dry run and its load must agree.
    if limit := explain_limit(kept, report):
        requested.notices = [limit.as_json(), *report.details()["notices"]][:MOST_PROBLEMS]
        requested.notice_count = report.notice_count + 1
    if report.dry_run and report.accepted and requested.job_id is not None:
        requested.outcome_digest = report.outcome_digest
        requested.loadable_until = clock.now() + FILE_KEPT_FOR
    else:
        requested.content = None


def outcome_of(requested: Import) -> dict[str, Any]:
    """Return the counts. Raises Unprocessable if errors or questions stopped the whole import."""
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


def load_dry_run(context: Context, tried: Import) -> Import:
    """Queue the import of a dry run's file. The caller has locked the dry run.

    The job writes nothing if the outcome would differ from that of the dry run. Raises Conflict if
    this import is not a dry run, or if its file cannot be loaded.
    """
    if not tried.dry_run:
        raise conflict("", "not_dry_run", "This import is not a dry run. Send its file again.")
    if tried.rows is None:
        raise conflict("", "no_file", "The dry run has no report yet. Wait until it has ended.")
    if tried.loadable_until is None:
        detail = "The dry run left errors or questions. Correct them, and send the file again."
        raise conflict("", "no_file", detail)
    if tried.content is None or tried.loadable_until <= clock.now():
        detail = (
            "The file of the dry run was loaded before, or was deleted after "
            f"{FILE_KEPT_FOR.days} days. Send the file again."
        )
        raise conflict("", "no_file", detail)
    delete_leftover_files(context.session, tried.agency_id)
    requested = Import(
        agency_id=tried.agency_id,
        client_id=context.actor.client_id,
        kind=tried.kind,
        filename=tried.filename,
        source=tried.source,
        mode=tried.mode,
        dry_run=False,
        dry_run_id=tried.id,
        reason=context.change_reason or tried.reason,
        options=tried.options | {"dry_run": False},
        content=tried.content,
    )
    tried.content = None
    context.session.add(requested)
    context.session.flush()
    kind = context.session.get_one(Job, tried.job_id).kind
    requested.job_id = enqueue(context, kind, {"import_id": str(requested.id)}).id
    return requested


def _require_outcome_of_dry_run(session: Session, requested: Import, report: ImportReport) -> None:
    if requested.dry_run_id is None:
        return
    tried = session.get_one(Import, requested.dry_run_id)
    report.changes_digest = digest_of_changes(session)
    if report.outcome_digest != tried.outcome_digest:
        raise conflict(
            "",
            "changed_since",
            "Records have changed since the dry run, so the import would have a different outcome. "
            "Nothing was imported. Send the file again for another dry run.",
        )


def delete_leftover_files(session: Session, agency_id: UUID) -> None:
    """Delete files that a job left behind because its worker died."""
    running = sa.select(Job.id).where(Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]))
    session.execute(
        sa.update(Import)
        .where(
            Import.agency_id == agency_id,
            Import.content.is_not(None),
            Import.loadable_until.is_(None),
            Import.job_id.not_in(running),
        )
        .values(content=None),
        execution_options={"synchronize_session": False},
    )


@chore
def delete_expired_files(session: Session) -> None:
    """Delete the files of dry runs that can no longer be loaded."""
    session.execute(
        sa.update(Import)
        .where(Import.content.is_not(None), Import.loadable_until <= clock.now())
        .values(content=None),
        execution_options={"synchronize_session": False},
    )
