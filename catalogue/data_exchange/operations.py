"""Imports of spreadsheets, at once or as a job.

All rows of a file are written in one transaction. It is rolled back to its state before the import
when nothing must be written. An import that is interrupted leaves nothing behind, and can be repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from catalogue.agencies.models import Agency
from catalogue.capabilities.models import Capability
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import analyze_tables
from catalogue.core.errors import Conflict, FieldError, Forbidden, Unprocessable
from catalogue.core.jobs.operations import JobContext, job_handler
from catalogue.core.late_lock import is_unlocked
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.loading import load
from catalogue.core.text import fold
from catalogue.data_exchange.changes import digest_of_changes
from catalogue.data_exchange.column_mapping import ColumnMapping
from catalogue.data_exchange.custom_fields import with_custom_fields
from catalogue.data_exchange.field_validation import validate_field
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.identity import Confirmed
from catalogue.data_exchange.kinds.record_kind import ImportRun, RecordKind
from catalogue.data_exchange.kinds.registry import KINDS
from catalogue.data_exchange.known_headings import known_headings
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.models import Import, ImportKind
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.questions import add_column_notices, add_questions
from catalogue.data_exchange.queue import queue_import, require_file, run_queued
from catalogue.data_exchange.records import read_records
from catalogue.data_exchange.report import ImportReport, Touched
from catalogue.data_exchange.spreadsheets.headings import is_blank
from catalogue.data_exchange.spreadsheets.table import Table
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.data_exchange.translations import (
    Chosen,
    Translations,
    UnknownWords,
    checked_translations,
)
from catalogue.data_exchange.values import CapabilityLookup
from catalogue.systems.schemas import ExternalIdSchema

Progress = Callable[[int, int], None]

JOB_KIND = "import_spreadsheet"
_BATCH = 1_000
_BATCH_OF_ONE_WRITER = 20_000
"""The rows that an import on SQLite prepares in memory before it takes the lock to write."""
_POINTERS = {
    "unknown_encoding": "/encoding",
    "unknown_delimiter": "/delimiter",
    "sheet_not_found": "/sheet",
    "sheet_unclear": "/sheet",
    "heading_row_not_found": "/heading_row",
    "invalid_translation": "/values",
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options for reading and loading a file."""

    kind: ImportKind = ImportKind.SYSTEMS
    mode: BulkMode = BulkMode.ATOMIC
    dry_run: bool = False
    source: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    heading_row: int | None = None
    mapping: dict[str, str | list[str] | None] = field(default_factory=dict)
    values: dict[str, dict[str, str | None]] = field(default_factory=dict)
    skipped_columns: list[str] = field(default_factory=list)
    confirm_renames: bool = False
    confirm_ids: bool = False

    @property
    def confirmed(self) -> Confirmed:
        return Confirmed(renames=self.confirm_renames, ids=self.confirm_ids)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A file that was read, with the use of its columns and words."""

    kind: RecordKind
    table: Table
    mapping: ColumnMapping
    translations: Mapping[str, Translations]


def plan_import(
    session: Session,
    content: bytes,
    options: ImportOptions,
    *,
    agency_id: UUID,
    filename: str = "",
) -> ImportPlan:
    """Read a file with these options, and match its columns. Raises TableProblem."""
    kind = with_custom_fields(session, KINDS[options.kind], agency_id)
    table = read_table(
        content,
        sheet=options.sheet,
        encoding=options.encoding,
        delimiter=options.delimiter,
        heading_row=options.heading_row,
        field_of=known_headings(kind.fields, options.mapping, knows=kind.knows_heading),
        filename=filename,
    )
    return plan_table(
        session,
        table,
        options.mapping,
        kind=kind,
        values=options.values,
        skipped=options.skipped_columns,
    )


def plan_table(
    session: Session,
    table: Table,
    columns: Mapping[str, str | Sequence[str] | None] | None = None,
    *,
    kind: RecordKind,
    values: Chosen | None = None,
    skipped: Sequence[str] = (),
) -> ImportPlan:
    """Return the use of a table's columns and words. Raises TableProblem."""
    capability = capability_lookup(session)
    translations = checked_translations(kind.fields, values or {}, capability)
    if kind.prepare:
        table = kind.prepare(table)
    mapping = match_columns(
        table,
        columns,
        fields=kind.fields,
        skipped=skipped,
        translations=translations,
        capability=capability,
    )
    return ImportPlan(kind, table, mapping, translations)


def capability_lookup(session: Session) -> CapabilityLookup:
    """Return a function that finds the code of a capability by its code or name."""
    codes: dict[str, str] = {}
    for code, name in session.execute(sa.select(Capability.code, Capability.name)):
        codes[fold(name)] = codes[fold(code)] = code
    return lambda text: codes.get(fold(text))


def import_table(
    context: Context,
    plan: ImportPlan,
    *,
    agency: Agency,
    mode: BulkMode,
    source: str | None = None,
    confirmed: Confirmed = Confirmed(),  # noqa: B008 - it is frozen
    dry_run: bool = False,
    front_door: FrontDoor = FrontDoor.HTTP,
    progress: Progress | None = None,
) -> ImportReport:
    """Write the rows of a planned file as records of an agency, and report on each.

    In atomic mode one invalid row stops the import, and in partial mode the valid rows are written.
    A dry run writes nothing, and so does an import with open questions about the file as a whole.
    `front_door` decides how the report names options. `progress` receives the number of processed
    rows, and of all rows. Raises Conflict if another client changes the same records during the
    import.
    """
    if context.actor.agency_id not in {None, agency.id}:
        raise Forbidden(
            "You can import records for your own agency only. Use a client of that agency."
        )
    if source is not None:
        require_source(source)
    kind, table, mapping = plan.kind, plan.table, plan.mapping
    report = ImportReport(
        table,
        mapping,
        mode,
        dry_run,
        source,
        front_door,
        rows=len(table.rows),
        unknown_words=UnknownWords(mapping.fields),
    )
    add_column_notices(mapping, report)
    # Imports of one agency run one after another, so that no two create the same name.
    context.session.execute(
        sa.select(Agency.id).where(Agency.id == agency.id).with_for_update(key_share=True)
    )
    mapped = {match.column.label for match in mapping.matches}
    for notice in table.notices:
        # Repaired text matters only in a column that fills a field.
        if notice.column is None or notice.row is None or notice.column in mapped:
            report.notice(replace(notice, detail=front_door.reworded(notice.detail)))
    # Nothing was written before a late lock, so the whole transaction can be rolled back.
    session = context.session
    savepoint = None if is_unlocked(session) else session.begin_nested()
    batch = _BATCH_OF_ONE_WRITER if context.database.dialect == "sqlite" else _BATCH
    names = _names_in(table, mapping)
    writer = kind.writer(ImportRun(context, agency, report, source, confirmed, names))
    records = read_records(
        table,
        mapping,
        capability=capability_lookup(context.session),
        validate=partial(validate_field, kind.schemas),
        translations=plan.translations,
        leave_out=mode is BulkMode.PARTIAL,
    )
    try:
        with context.session.no_autoflush:
            for count, record in enumerate(records, 1):
                writer.write(record)
                if count % _BATCH == 0:
                    writer.prepare_inserts()
                    if count % batch == 0:
                        writer.flush()
                    if progress:
                        progress(count, report.rows)
            writer.flush()
    except (IntegrityError, StaleDataError):
        raise Conflict(
            "Another client changed the same records during the import. Import the file again."
        ) from None
    writer.finish()
    add_questions(table, mapping, report, confirmed, has_ids=writer.has_ids)
    report.finish()
    report.list_not_seen(writer.unseen)
    report.existing = len(writer.seen) + report.not_seen
    if report.dry_run:
        report.changes_digest = digest_of_changes(context.session)
    if report.written:
        if savepoint is not None:
            savepoint.commit()
        if report.created >= _BATCH:
            analyze_tables(context.session, *kind.tables)
    else:
        (savepoint or session).rollback()
        if report.accepted:
            report.created_records = [Touched(t.name, row=t.row) for t in report.created_records]
        else:
            report.hold_back()
    if progress:
        progress(report.rows, report.rows)
    return report


def _names_in(table: Table, mapping: ColumnMapping) -> list[str]:
    name = mapping.fields.needed[0]
    column = mapping.column_of(name) or mapping.column_of(mapping.fields.substitutes.get(name, ""))
    if column is None:
        return []
    cells = (row.cells[column.index] for row in table.rows)
    return [str(cell) for cell in cells if not is_blank(cell)]


def require_source(source: str) -> None:
    """Raise Unprocessable if this is not a valid source of external ids."""
    load(ExternalIdSchema(), {"source": source, "id": "x"})


def request_import(
    context: Context, *, filename: str, content: bytes, options: ImportOptions
) -> Import:
    """Queue the import of a spreadsheet for the actor's agency.

    The file is read now, so that an unreadable file is refused at once, and again in the job.
    Raises Unprocessable, with a pointer to the option at fault or to `/file`.
    """
    agency_id = context.require_agency("Imported records belong to an agency")
    if options.source is not None:
        require_source(options.source)
    _plan(context.session, content, options, agency_id, filename)
    return queue_import(
        context,
        JOB_KIND,
        agency_id=agency_id,
        filename=filename,
        content=content,
        options=options,
        source=options.source,
        kind=options.kind,
    )


@job_handler(JOB_KIND, scope=Scope.IMPORTS_WRITE, require_retryable=require_file)
def run_import(context: JobContext, import_id: str) -> dict[str, Any]:
    """Import a queued spreadsheet, and return the counts."""

    def load(requested: Import, content: bytes) -> ImportReport:
        options = ImportOptions(
            **requested.options | {"mode": BulkMode(requested.mode), "kind": requested.kind}
        )
        return import_table(
            context,
            _plan(context.session, content, options, requested.agency_id, requested.filename),
            agency=context.session.get_one(Agency, requested.agency_id),
            mode=options.mode,
            source=options.source,
            confirmed=options.confirmed,
            dry_run=options.dry_run,
            progress=context.progress,
        )

    return run_queued(context, import_id, load)


def _plan(
    session: Session, content: bytes, options: ImportOptions, agency_id: UUID, filename: str
) -> ImportPlan:
    try:
        return plan_import(session, content, options, agency_id=agency_id, filename=filename)
    except TableProblem as problem:
        raise as_unprocessable(problem) from None


def as_unprocessable(problem: TableProblem) -> Unprocessable:
    """Return the problem of a file as an error of the API."""
    default = f"/mapping/{problem.field}" if problem.field else "/file"
    if problem.code == "unknown_field":
        default = "/mapping"
    pointer = _POINTERS.get(problem.code, default)
    return Unprocessable(
        "The file cannot be imported. Correct the errors, and send the file again.",
        errors=[FieldError(pointer, problem.code, str(problem))],
    )
