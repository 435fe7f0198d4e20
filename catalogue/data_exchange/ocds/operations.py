"""Imports of OCDS releases as contracts of an agency, at once or as a job.

As with spreadsheets, all contracts are written in one transaction, inside a savepoint that is
rolled back when nothing must be written.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import Conflict, Forbidden
from catalogue.core.jobs.operations import JobContext, job_handler
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.text import fold
from catalogue.data_exchange.changes import digest_of_changes
from catalogue.data_exchange.models import Import, ImportKind
from catalogue.data_exchange.ocds.contract_writer import ContractWriter
from catalogue.data_exchange.ocds.files import ReleaseFile, read_releases
from catalogue.data_exchange.ocds.releases import Draft, drafts_of, why_no_contract
from catalogue.data_exchange.operations import Progress, as_unprocessable
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.queue import queue_import, require_file, run_queued
from catalogue.data_exchange.report import ImportReport, Touched

SOURCE = "ocds"
JOB_KIND = "import_contracts"


@dataclass(frozen=True, slots=True)
class OcdsImportOptions:
    """Options for importing a file of releases."""

    mode: BulkMode = BulkMode.ATOMIC
    dry_run: bool = False
    buyer: str | None = None
    """The buyer whose releases are imported. None imports the releases of every buyer."""
    require_supplier: bool = False
    """True if contracts without a supplier are rejected."""


@dataclass
class Origins:
    """The places in the releases that the contracts' values came from."""

    sources: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the places as the report of a spreadsheet lists its columns."""
        mapped = [
            {
                "field": name,
                "column": where,
                "reason": f"found in {count:,} {'contract' if count == 1 else 'contracts'}",
                "samples": [],
                "translations": {},
            }
            for (name, where), count in sorted(self.sources.items())
        ]
        return {"mapped": mapped, "unmapped": [], "notes": self.notes}


def import_releases(
    context: Context,
    *,
    agency: Agency,
    file: ReleaseFile,
    options: OcdsImportOptions,
    progress: Progress | None = None,
) -> ImportReport:
    """Write the contracts in releases as contracts of an agency, and report on each.

    A contract is recognised by its reference, which is the OCID with the id of the award if there
    is one. Fields that a release leaves out stay, and nothing is deleted. Raises Conflict if
    another client changes the same records during the import.
    """
    if context.actor.agency_id not in {None, agency.id}:
        raise Forbidden(
            "You can import contracts for your own agency only. Use a client of that agency."
        )
    origins = Origins()
    report = ImportReport(file, origins, options.mode, options.dry_run, SOURCE)
    # Imports of one agency run one after another, so that no two create the same contract.
    context.session.execute(
        sa.select(Agency.id).where(Agency.id == agency.id).with_for_update(key_share=True)
    )
    for problem in file.problems:
        report.reject([problem])
    drafts = _newest(_of_buyer(_drafts(file, report, origins), options.buyer, origins), report)
    report.rows = report.rejected + len(drafts)
    savepoint = context.session.begin_nested()
    writer = ContractWriter(context, agency, report, require_supplier=options.require_supplier)
    try:
        with context.session.no_autoflush:
            for count, draft in enumerate(drafts, 1):
                origins.sources += draft.sources
                writer.write(draft)
                if progress and count % 100 == 0:
                    progress(count, report.rows)
            context.session.flush()
    except (IntegrityError, StaleDataError):
        raise Conflict(
            "Another client changed the same contracts during the import. Import the file again."
        ) from None
    report.finish()
    report.list_not_seen(writer.unseen)
    report.existing = len(writer.seen) + report.not_seen
    if report.dry_run:
        report.changes_digest = digest_of_changes(context.session)
    if report.written:
        savepoint.commit()
    else:
        savepoint.rollback()
        if report.accepted:
            report.created_records = [Touched(t.name, row=t.row) for t in report.created_records]
        else:
            report.hold_back()
    if progress:
        progress(report.rows, report.rows)
    return report


def _drafts(file: ReleaseFile, report: ImportReport, origins: Origins) -> list[Draft]:
    all_drafts: list[Draft] = []
    without = 0
    for row, release in file.releases:
        drafts = list(drafts_of(row, release))
        all_drafts += drafts
        if not drafts:
            without += 1
            report.notice(
                TableProblem("no_contract", why_no_contract(release), row, value=release["ocid"])
            )
    if without:
        origins.notes.append(f"Releases without a contract that were skipped: {without:,}.")
    return all_drafts


def _of_buyer(drafts: list[Draft], buyer: str | None, origins: Origins) -> list[Draft]:
    if buyer is None:
        return drafts
    kept = [draft for draft in drafts if fold(draft.buyer) == fold(buyer)]
    if others := len(drafts) - len(kept):
        origins.notes.append(f"Contracts of other buyers that were skipped: {others:,}.")
    return kept


def _newest(drafts: list[Draft], report: ImportReport) -> list[Draft]:
    """Return the latest draft of each contract, without tenders that led to a contract."""
    newest: dict[str, Draft] = {}
    for draft in drafts:
        reference = draft.fields["reference"]
        other = newest.get(reference)
        if other is None or (draft.dated, draft.row) >= (other.dated, other.row):
            newest[reference] = draft
    awarded = {draft.ocid: draft for draft in newest.values() if not draft.is_tender}
    kept = []
    for draft in drafts:
        later = newest[draft.fields["reference"]]
        later = awarded.get(draft.ocid, later) if draft.is_tender else later
        if later is draft:
            kept.append(draft)
        else:
            detail = f"Row {later.row} has a later release on this contract, and was used instead."
            report.notice(TableProblem("superseded", detail, draft.row, value=draft.ocid))
    return kept


def request_ocds_import(
    context: Context, *, filename: str, content: bytes, options: OcdsImportOptions
) -> Import:
    """Queue an import of releases for the actor's agency.

    Raises Unprocessable if the file holds no release.
    """
    agency_id = context.require_agency("Contracts belong to an agency")
    _read(content)
    return queue_import(
        context,
        JOB_KIND,
        agency_id=agency_id,
        filename=filename,
        content=content,
        options=options,
        source=SOURCE,
        kind=ImportKind.CONTRACTS,
    )


@job_handler(JOB_KIND, scope=Scope.IMPORTS_WRITE, require_retryable=require_file)
def run_ocds_import(context: JobContext, import_id: str) -> dict[str, Any]:
    """Import a queued file of releases, and return the counts."""

    def load(requested: Import, content: bytes) -> ImportReport:
        return import_releases(
            context,
            agency=context.session.get_one(Agency, requested.agency_id),
            file=_read(content),
            options=OcdsImportOptions(**requested.options | {"mode": BulkMode(requested.mode)}),
            progress=context.progress,
        )

    return run_queued(context, import_id, load)


def _read(content: bytes) -> ReleaseFile:
    try:
        return read_releases(content)
    except TableProblem as problem:
        raise as_unprocessable(problem) from None
