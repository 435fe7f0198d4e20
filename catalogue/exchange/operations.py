"""Loading spreadsheets of systems: at once, or as a job.

All rows of a file are written in one transaction, inside a savepoint that is taken back when
nothing is to be written. Whoever is killed in the middle leaves nothing behind, and the file can
be imported again.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer
from sqlalchemy.orm.exc import StaleDataError

from catalogue.agencies.models import Agency
from catalogue.capabilities.models import Capability
from catalogue.core.actor import Actor
from catalogue.core.database import gather_statistics
from catalogue.core.errors import Conflict, FieldError, Forbidden, Problem, Unprocessable, invalid
from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.operations import JobContext, enqueue, job_handler
from catalogue.core.rest.bulk import BulkMode
from catalogue.core.text import fold
from catalogue.exchange.acceptance import accept
from catalogue.exchange.loading import Loading
from catalogue.exchange.mapping import ColumnMapping, match_columns
from catalogue.exchange.models import Import
from catalogue.exchange.problems import TableProblem
from catalogue.exchange.records import read_records
from catalogue.exchange.report import ImportReport, Touched
from catalogue.exchange.spreadsheets.tables import Table, read_table
from catalogue.exchange.values import CapabilityLookup
from catalogue.systems.models import System, SystemCapability, SystemExternalId
from catalogue.systems.schemas import ExternalIdSchema

Progress = Callable[[int, int], None]

DEFAULT_SOURCE = "import"
JOB_KIND = "import_systems"
_BATCH = 1_000
_MOST_ERRORS = 100
_POINTERS = {
    "unknown_encoding": "/encoding",
    "unknown_delimiter": "/delimiter",
    "sheet_not_found": "/sheet",
    "no_name_column": "/mapping/name",
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be read and loaded."""

    mode: BulkMode = BulkMode.ATOMIC
    dry_run: bool = False
    source: str = DEFAULT_SOURCE
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    mapping: dict[str, str | None] = field(default_factory=dict)


def capability_lookup(session: Session) -> CapabilityLookup:
    """Finds the code of a capability by its code or its name, however they are typed."""
    known: dict[str, str] = {}
    for code, name in session.execute(sa.select(Capability.code, Capability.name)):
        known[fold(name)] = known[fold(code)] = code
    return lambda text: known.get(fold(text))


def import_systems(
    session: Session,
    *,
    agency: Agency,
    table: Table,
    mapping: ColumnMapping,
    mode: BulkMode,
    by: Actor,
    source: str = DEFAULT_SOURCE,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Write the rows of a table as systems of an agency, and say what became of each.

    Atomic: one bad row, and nothing is written. Partial: the good rows are. A dry run writes
    nothing. `progress` is told how many rows are done, of how many. Conflict when somebody else
    changes the same records meanwhile.
    """
    if by.agency_id not in {None, agency.id}:
        raise Forbidden("Systems are imported by the agency that answers for them.")
    require_source(source)
    report = ImportReport(table, mapping, mode, dry_run, source, rows=len(table.rows))
    # Imports of one agency take turns, so that no two of them create the same name.
    session.execute(
        sa.select(Agency.id).where(Agency.id == agency.id).with_for_update(key_share=True)
    )
    attempt = session.begin_nested()
    loading = Loading(session, agency.id, source, report)
    records = read_records(table, mapping, capability=capability_lookup(session), accept=accept)
    try:
        with session.no_autoflush:
            for done, record in enumerate(records, 1):
                loading.take(record)
                if done % _BATCH == 0:
                    session.flush()
                    if progress:
                        progress(done, report.rows)
            session.flush()
    except (IntegrityError, StaleDataError):
        raise Conflict(
            "Somebody else changed the same systems during the import. Import the file again."
        ) from None
    report.miss(loading.unseen)
    report.existing = len(loading.seen) + report.not_seen
    if report.written:
        attempt.commit()
        if report.created >= _BATCH:
            gather_statistics(session, System, SystemCapability, SystemExternalId)
    else:
        attempt.rollback()
        report.created_records = [Touched(t.name, row=t.row) for t in report.created_records]
    if progress:
        progress(report.rows, report.rows)
    return report


def require_source(source: str) -> None:
    """Unprocessable if this cannot be the name of a source of external ids."""
    if found := ExternalIdSchema().validate({"source": source, "id": "x"}):
        raise invalid("/source", "pattern", str(found["source"][0]))


def request_import(
    session: Session, *, by: Actor, filename: str, content: bytes, options: ImportOptions
) -> Import:
    """Queue the loading of a file for the actor's agency.

    The file is read here first, so that one that cannot be read is refused at once: Unprocessable
    names the option that is to blame, or `/file`.
    """
    if by.agency_id is None:
        raise Forbidden("Systems belong to an agency, and this client acts for none.")
    require_source(options.source)
    _table_and_mapping(session, content, options)
    forget_what_is_done(session, by.agency_id)
    requested = Import(
        agency_id=by.agency_id,
        client_id=by.client_id,
        filename=filename,
        source=options.source,
        mode=options.mode,
        dry_run=options.dry_run,
        options=asdict(options),
        content=content,
    )
    session.add(requested)
    session.flush()
    job = enqueue(session, JOB_KIND, {"import_id": str(requested.id)}, by=by)
    requested.job_id = job.id
    return requested


@job_handler(JOB_KIND)
def run_import(context: JobContext, import_id: str) -> dict[str, Any]:
    """Load a file that was queued; the counts. Unprocessable when its rows are refused."""
    session = context.session
    requested = session.get_one(Import, UUID(import_id), options=[undefer(Import.content)])
    if requested.content is None:
        # A worker died after it had written the outcome, and before it could say so.
        return outcome_of(requested)
    options = ImportOptions(**requested.options | {"mode": BulkMode(requested.mode)})
    try:
        table, mapping = _table_and_mapping(session, requested.content, options)
        report = import_systems(
            session,
            agency=session.get_one(Agency, requested.agency_id),
            table=table,
            mapping=mapping,
            mode=options.mode,
            by=context.actor,
            source=options.source,
            dry_run=options.dry_run,
            progress=context.progress,
        )
    except Problem:
        session.rollback()
        session.execute(sa.update(Import).where(Import.id == UUID(import_id)).values(content=None))
        session.commit()
        raise
    record_report(requested, report)
    if not report.accepted and not report.dry_run:
        session.commit()
    return outcome_of(requested)


def record_report(requested: Import, report: ImportReport) -> None:
    """Keep what became of the rows, and let go of the file."""
    for name, value in {**report.counts(), **report.details()}.items():
        setattr(requested, name, value)
    requested.read_as = report.read_as()
    requested.mapping = report.mapping.as_json()
    requested.written = report.written
    requested.content = None


def outcome_of(requested: Import) -> dict[str, Any]:
    """The counts; Unprocessable if bad rows kept the rest from being written."""
    refused = requested.rejected and requested.mode is BulkMode.ATOMIC and not requested.dry_run
    if refused:
        errors = [
            FieldError(f"/rows/{p['row']}/{p['field'] or ''}".rstrip("/"), p["code"], p["detail"])
            for p in (requested.problems or [])[:_MOST_ERRORS]
        ]
        raise Unprocessable(
            f"{requested.rejected} of {requested.rows} rows are not acceptable; "
            "nothing was written.",
            errors=errors,
        )
    names = ("rows", "created", "updated", "unchanged", "rejected", "existing", "not_seen")
    return {
        "import_id": str(requested.id),
        "written": requested.written,
        **{name: getattr(requested, name) for name in names},
    }


def _table_and_mapping(
    session: Session, content: bytes, options: ImportOptions
) -> tuple[Table, ColumnMapping]:
    try:
        table = read_table(
            content, sheet=options.sheet, encoding=options.encoding, delimiter=options.delimiter
        )
        return table, match_columns(table, options.mapping, capability=capability_lookup(session))
    except TableProblem as problem:
        raise refused(problem) from None


def refused(problem: TableProblem) -> Unprocessable:
    """The problem of a file as the API tells it."""
    told = f"/mapping/{problem.field}" if problem.field else "/file"
    if problem.code == "unknown_field":
        told = "/mapping"
    pointer = _POINTERS.get(problem.code, told)
    return Unprocessable(
        "The file cannot be imported.", errors=[FieldError(pointer, problem.code, str(problem))]
    )


def forget_what_is_done(session: Session, agency_id: UUID) -> None:
    """Let go of files whose job ended without letting go of them: its worker died each time."""
    ended = sa.select(Job.id).where(Job.status.in_([JobStatus.FAILED, JobStatus.SUCCEEDED]))
    session.execute(
        sa.update(Import)
        .where(Import.agency_id == agency_id, Import.content.is_not(None), Import.job_id.in_(ended))
        .values(content=None),
        execution_options={"synchronize_session": False},
    )
