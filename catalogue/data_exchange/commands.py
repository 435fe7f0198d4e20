"""The command `catalogue import`, which imports a spreadsheet of an agency's records."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson
from flask import current_app
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from catalogue.agencies.codes import LISTED_BY_COMMAND, unknown_agency
from catalogue.agencies.models import Agency
from catalogue.agencies.operations import find_agency
from catalogue.core.application import database, unit_of_work
from catalogue.core.context import Context
from catalogue.core.errors import NotFound, Problem
from catalogue.core.late_lock import run_with_late_lock
from catalogue.core.migrations import compare
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.core.tables.formats import write_table
from catalogue.data_exchange.fields import LISTS, RecordFields
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.kinds.registry import KINDS
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.operations import ImportOptions, import_table, plan_import
from catalogue.data_exchange.output_files import table_format_of, written_whole
from catalogue.data_exchange.printing import print_mapping, print_report
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.queue import begin_import, keep_import
from catalogue.data_exchange.rejected_rows import rejected_rows_of
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.saved_mappings.operations import with_saved_mapping
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS

REJECTED, UNUSABLE, IN_DOUBT = 1, 2, 3

Option = Callable[[Callable[..., None]], Callable[..., None]]

file_argument: Option = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
dry_run_option: Option = click.option(
    "--dry-run", is_flag=True, help="Report the effect without changing any record."
)
reason_option: Option = click.option(
    "--reason", help="The reason for the import, which the history of each record shows."
)
json_option: Option = click.option(
    "--json", "as_json", is_flag=True, help="Print the report as one JSON object."
)


def agency_option(records: str) -> Option:
    """Return the option that names the owner of the imported records."""
    return click.option(
        "--agency",
        metavar="CODE",
        required=True,
        help=f"The code of the agency that owns the {records}.",
    )


def mode_option(explanation: str) -> Option:
    """Return the option that decides whether one invalid record stops the whole import."""
    return click.option(
        "--mode",
        type=click.Choice([mode.value for mode in BulkMode]),
        default=BulkMode.ATOMIC.value,
        show_default=True,
        help=explanation,
    )


@click.command("import")
@file_argument
@agency_option("records")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ImportKind]),
    default=ImportKind.SYSTEMS.value,
    show_default=True,
    help="The kind of record in the file.",
)
@click.option(
    "--map",
    "mapping",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="Fill a field from a column. Leave out the column to skip the field. A list such as tags "
    "can have several columns, and attributes.NAME is a field of your own.",
)
@click.option(
    "--value",
    "values",
    metavar="FIELD:WORD=VALUE",
    multiple=True,
    help="Translate a word of the file. Leave out the value to leave the field empty.",
)
@click.option(
    "--skip",
    "skipped",
    metavar="COLUMN",
    multiple=True,
    help="Leave a column out without a notice.",
)
@click.option(
    "--mapping", "mapping_name", metavar="NAME", help="Use a saved mapping of the agency."
)
@click.option(
    "--source",
    help="The register that the ids in the file come from, such as cmdb. Required with ids.",
)
@click.option(
    "--confirm-renames",
    is_flag=True,
    help="Accept ids that lead to a record of a quite different name, and rename it.",
)
@click.option(
    "--confirm-ids",
    is_flag=True,
    help="Accept ids that look like row numbers, or that differ from recorded ones only in zeros.",
)
@click.option("--sheet", help="The name of a sheet, or its number from 1.")
@click.option("--encoding", help="The encoding of a CSV file, if it is not detected correctly.")
@click.option(
    "--delimiter",
    type=click.Choice(list(DELIMITERS.values())),
    help="The delimiter of a CSV file, if it is not detected correctly.",
)
@click.option(
    "--rejected",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rejected rows with the reasons to this file (.csv, .xlsx or .ods).",
)
@click.option(
    "--heading-row",
    type=click.IntRange(min=1),
    help="The number of the row with the headings, if it is not detected correctly.",
)
@dry_run_option
@mode_option("Import all rows or none (atomic), or the valid rows (partial).")
@reason_option
@json_option
@click.pass_context
def import_file(
    context: click.Context,
    file: Path,
    agency: str,
    kind: str,
    mapping: tuple[str, ...],
    values: tuple[str, ...],
    skipped: tuple[str, ...],
    mapping_name: str | None,
    source: str | None,
    confirm_renames: bool,
    confirm_ids: bool,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    heading_row: int | None,
    rejected: Path | None,
    dry_run: bool,
    mode: str,
    reason: str | None,
    as_json: bool,
) -> None:
    """Import a spreadsheet of systems, contracts, costs and other records.

    The exit status is 0 if everything was imported, and 3 if there are notices to check. It is 1 if
    rows were rejected or a question is open, and 2 if the file or an option is invalid.
    """
    require_current_database()
    if rejected is not None:
        table_format_of(rejected)
    options = ImportOptions(
        kind=ImportKind(kind),
        mode=BulkMode(mode),
        dry_run=dry_run,
        source=source,
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
        heading_row=heading_row,
        mapping=_mapping_from_options(KINDS[ImportKind(kind)].fields, mapping),
        values=_values_from_options(values),
        skipped_columns=list(skipped),
        confirm_renames=confirm_renames,
        confirm_ids=confirm_ids,
    )
    try:
        content = file.read_bytes()
        with unit_of_work(current_app) as work:

            def run() -> tuple[UUID, ImportReport]:
                owner = find_owner(work.session, agency)
                chosen = options
                if mapping_name is not None:
                    chosen = with_saved_mapping(work.session, owner.id, mapping_name, options)
                import_id = begin_import(work, reason=checked_reason(reason))
                report = _load(work, content, owner, chosen, filename=file.name, quiet=as_json)
                keep_import(
                    work,
                    import_id,
                    report,
                    agency=owner,
                    filename=file.name,
                    options=chosen,
                    kind=options.kind,
                )
                return import_id, report

            import_id, report = run_with_late_lock(work.session, run)
    except (TableProblem, Problem) as problem:
        fail(context, problem, as_json=as_json)
        return
    if rejected is not None:
        write_rejected_rows(rejected, report)
    finish(context, report, file=file, agency=agency, import_id=import_id, as_json=as_json)


def write_rejected_rows(file: Path, report: ImportReport) -> None:
    """Write the rejected rows of an import to a file, or only the headings if there are none."""
    rejected = rejected_rows_of(report)
    with written_whole(file) as target:
        write_table(
            target,
            table_format_of(file),
            sheet_name="rejected-rows",
            headings=rejected.headings,
            rows=rejected.rows,
        )


def _load(
    work: Context,
    content: bytes,
    owner: Agency,
    options: ImportOptions,
    *,
    filename: str,
    quiet: bool,
) -> ImportReport:
    plan = plan_import(work.session, content, options, agency_id=owner.id, filename=filename)
    table = plan.table
    console = Console(stderr=True)
    if not quiet:
        print_mapping(table, plan.mapping)
    # A progress bar helps in a terminal, and only fills a log file.
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(f"{len(table.rows):,} rows", total=len(table.rows))
        return import_table(
            work,
            plan,
            agency=owner,
            mode=options.mode,
            source=options.source,
            confirmed=options.confirmed,
            dry_run=options.dry_run,
            front_door=FrontDoor.COMMAND_LINE,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _mapping_from_options(
    fields: RecordFields, pairs: tuple[str, ...]
) -> dict[str, str | list[str] | None]:
    mapping: dict[str, str | list[str] | None] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip():
            raise click.BadParameter(
                f"{pair!r} does not have the form FIELD=COLUMN.", param_hint="--map"
            )
        name = field.strip()
        known = fields.find(name)
        if known and known.kind in LISTS and column.strip():
            mapping[name] = [*(mapping.get(name) or []), column.strip()]
            continue
        if name in mapping:
            raise click.BadParameter(
                f"The field {name} is listed more than once. Choose one of its columns.",
                param_hint="--map",
            )
        mapping[name] = column.strip() or None
    return mapping


def _values_from_options(pairs: tuple[str, ...]) -> dict[str, dict[str, str | None]]:
    values: dict[str, dict[str, str | None]] = {}
    for pair in pairs:
        field, colon, rest = pair.partition(":")
        word, equals, value = rest.rpartition("=")
        if not colon or not equals or not field.strip():
            raise click.BadParameter(
                f"{pair!r} does not have the form FIELD:WORD=VALUE.", param_hint="--value"
            )
        words = values.setdefault(field.strip(), {})
        if word.strip() in words:
            raise click.BadParameter(
                f"The word “{word.strip()}” is listed more than once. Choose one of its values.",
                param_hint="--value",
            )
        words[word.strip()] = value.strip() or None
    return values


def checked_reason(reason: str | None) -> str | None:
    """Return the reason without outer spaces. Raises BadParameter if it is too long."""
    reason = (reason or "").strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise click.BadParameter(
            f"The reason must have at most {LONGEST_REASON} characters, without line breaks.",
            param_hint="--reason",
        )
    return reason or None


def require_current_database() -> None:
    """Raise UsageError if this release cannot use the database."""
    if not (comparison := compare(database().engine)).usable:
        raise click.UsageError(comparison.message)


def find_owner(session: Session, code: str) -> Agency:
    """Return the agency with this code. Raises UsageError if there is none."""
    try:
        return find_agency(session, code)
    except NotFound:
        raise click.UsageError(unknown_agency(session, code, listed_by=LISTED_BY_COMMAND)) from None


def fail(context: click.Context, problem: TableProblem | Problem, *, as_json: bool) -> None:
    """Print why a file or an option is invalid, and exit."""
    if isinstance(problem, TableProblem):
        problem = replace(problem, detail=FrontDoor.COMMAND_LINE.reworded(problem.detail))
        document: dict[str, Any] = problem.as_json()
        text = str(problem)
    else:
        document = problem.document()
        text = " ".join([problem.detail, *(error.detail for error in problem.errors)])
    if as_json:
        click.echo(orjson.dumps({"problem": document}))
    else:
        click.echo(f"Error: {text}", err=True)
    context.exit(UNUSABLE)


def finish(
    context: click.Context,
    report: ImportReport,
    *,
    file: Path,
    agency: str,
    import_id: UUID,
    as_json: bool,
) -> None:
    """Print the report of an import, and exit.

    The exit status is 1 if rows were rejected or a question is open, or else 3 if there are
    notices.
    """
    if as_json:
        named = {"file": file.name, "agency": agency}
        identity = {"import_id": str(import_id) if report.written else None}
        click.echo(orjson.dumps(named | identity | report.as_json()))
    else:
        print_report(report)
        if report.written and (report.created or report.updated):
            click.echo(f"To undo this import: catalogue import-undo {import_id}")
    if report.rejected or not report.accepted:
        context.exit(REJECTED)
    if report.notice_count:
        context.exit(IN_DOUBT)
