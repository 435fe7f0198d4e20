"""The command `catalogue import`, which imports a spreadsheet of an agency's systems."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson
from flask import current_app
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid
from rich.text import Text
from sqlalchemy.orm import Session

from catalogue.agencies.codes import LISTED_BY_COMMAND, unknown_agency
from catalogue.agencies.models import Agency
from catalogue.agencies.operations import find_agency
from catalogue.core.application import database, unit_of_work
from catalogue.core.context import Context
from catalogue.core.errors import NotFound, Problem
from catalogue.core.migrations import find_problem
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.data_exchange.mapping import ColumnMapping, match_columns
from catalogue.data_exchange.operations import (
    DEFAULT_SOURCE,
    ImportOptions,
    capability_lookup,
    import_systems,
    require_source,
)
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.queue import begin_import, keep_import
from catalogue.data_exchange.report import ImportReport, Touched
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.tables import Table, read_table

REJECTED, UNUSABLE = 1, 2
MOST_SHOWN = 50
MOST_NAMES_SHOWN = 20

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
    """Return the option that chooses between all records and the valid ones."""
    return click.option(
        "--mode",
        type=click.Choice([mode.value for mode in BulkMode]),
        default=BulkMode.ATOMIC.value,
        show_default=True,
        help=explanation,
    )


@click.command("import")
@file_argument
@agency_option("systems")
@click.option(
    "--map",
    "mapping",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="Fill a field from a column. Leave out the column to skip the field.",
)
@click.option(
    "--source",
    default=DEFAULT_SOURCE,
    show_default=True,
    help="The register that the ids in the file come from.",
)
@click.option("--sheet", help="The name of a sheet, or its number from 1.")
@click.option("--encoding", help="The encoding of a CSV file, if it is not detected correctly.")
@click.option(
    "--delimiter",
    type=click.Choice(list(DELIMITERS.values())),
    help="The delimiter of a CSV file, if it is not detected correctly.",
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
    mapping: tuple[str, ...],
    source: str,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    dry_run: bool,
    mode: str,
    reason: str | None,
    as_json: bool,
) -> None:
    """Import a spreadsheet of systems (CSV, XLSX or ODS).

    The exit status is 0 if every row was accepted, and 1 if rows were rejected. It is 2 if the file
    or an option is invalid.
    """
    require_current_database()
    options = ImportOptions(
        mode=BulkMode(mode),
        dry_run=dry_run,
        source=source,
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
        mapping=_mapping_from_options(mapping),
    )
    try:
        table = read_table(file.read_bytes(), sheet=sheet, encoding=encoding, delimiter=delimiter)
        with unit_of_work(current_app) as work:
            owner = find_owner(work.session, agency)
            import_id = begin_import(work, reason=checked_reason(reason))
            report = _load(work, table, owner, options, quiet=as_json)
            keep_import(work, import_id, report, agency=owner, filename=file.name, options=options)
    except (TableProblem, Problem) as problem:
        fail(context, problem, as_json=as_json)
        return
    finish(context, report, file=file, agency=agency, import_id=import_id, as_json=as_json)


def _load(
    work: Context, table: Table, owner: Agency, options: ImportOptions, *, quiet: bool
) -> ImportReport:
    require_source(options.source)
    matched = match_columns(table, options.mapping, capability=capability_lookup(work.session))
    console = Console(stderr=True)
    if not quiet:
        _print_mapping(table, matched)
    # A progress bar helps in a terminal, and only fills a log file.
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(f"{len(table.rows):,} rows", total=len(table.rows))
        return import_systems(
            work,
            agency=owner,
            table=table,
            mapping=matched,
            mode=options.mode,
            source=options.source,
            dry_run=options.dry_run,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _mapping_from_options(pairs: tuple[str, ...]) -> dict[str, str | None]:
    mapping: dict[str, str | None] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip():
            raise click.BadParameter(
                f"{pair!r} does not have the form FIELD=COLUMN.", param_hint="--map"
            )
        if field.strip() in mapping:
            raise click.BadParameter(
                f"The field {field.strip()} is listed more than once.", param_hint="--map"
            )
        mapping[field.strip()] = column.strip() or None
    return mapping


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
    if problem := find_problem(database().engine):
        raise click.UsageError(problem)


def find_owner(session: Session, code: str) -> Agency:
    """Return the agency with this code. Raises UsageError if there is none."""
    try:
        return find_agency(session, code)
    except NotFound:
        raise click.UsageError(unknown_agency(session, code, listed_by=LISTED_BY_COMMAND)) from None


def fail(context: click.Context, problem: TableProblem | Problem, *, as_json: bool) -> None:
    """Print why a file or an option is invalid, and exit."""
    if isinstance(problem, TableProblem):
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
    """Print the report of an import, and exit with 1 if rows were rejected."""
    if as_json:
        named = {"file": file.name, "agency": agency}
        identity = {"import_id": str(import_id) if report.written else None}
        click.echo(orjson.dumps(named | identity | report.as_json()))
    else:
        _print_report(report)
    if report.rejected:
        context.exit(REJECTED)


def _print_mapping(table: Table, mapping: ColumnMapping) -> None:
    console = Console()
    kind = table.kind.upper()
    if table.sheet:
        kind += f", sheet “{table.sheet}”"
    if table.encoding:
        kind += f", {table.encoding}, {DELIMITERS[table.delimiter or ',']}"
    console.print(
        f"{len(table.rows):,} {'row' if len(table.rows) == 1 else 'rows'} ({kind}), "
        f"headings in row {table.heading_row}.",
        markup=False,
    )
    grid = _grid("column", "field", "reason", "examples")
    for match in mapping.matches:
        translations = ", ".join(f"{word} → {value}" for word, value in match.translations[:12])
        _add_row(
            grid,
            match.column.label,
            match.field.name,
            match.reason,
            translations or _sample_text(match.samples),
        )
    for left in mapping.unmatched:
        _add_row(grid, left.column.label, "-", left.reason, _sample_text(left.samples))
    console.print(grid)
    for note in mapping.notes:
        console.print(note, markup=False)


def _print_report(report: ImportReport) -> None:
    """Print the outcome of the rows."""
    console = Console()
    _print_problems(console, "Rejected", report.problems, report.problem_count)
    _print_problems(console, "Not imported, or in doubt", report.notices, report.notice_count)
    _print_names(console, "Not in the file", report.not_seen_records, report.not_seen)
    counts = report.counts()
    grid = _grid(*(name.replace("_", " ") for name in counts))
    _add_row(grid, *(f"{count:,}" for count in counts.values()))
    console.print(grid)
    if report.written:
        console.print(
            "The valid rows were imported." if report.rejected else "All rows were imported."
        )
    elif report.accepted:
        console.print("This was a dry run, so nothing was imported.")
    else:
        console.print(
            "Nothing was imported, because rows were rejected. "
            "Correct the rows, or use --mode partial."
        )


def _print_problems(console: Console, title: str, problems: list[TableProblem], count: int) -> None:
    if not problems:
        return
    grid = _grid("row", "column", "value", "reason", title=f"{title}: {count:,}")
    for problem in problems[:MOST_SHOWN]:
        _add_row(
            grid, str(problem.row), problem.column or "-", problem.value or "-", problem.detail
        )
    console.print(grid)
    if count > MOST_SHOWN:
        console.print(f"... and {count - MOST_SHOWN:,} more. Use --json to list them.")


def _print_names(console: Console, title: str, records: list[Touched], count: int) -> None:
    if not records:
        return
    console.print(f"{title}: {count:,}", style="bold")
    for record in records[:MOST_NAMES_SHOWN]:
        console.print(f"  {record.name}", markup=False, highlight=False)
    if count > MOST_NAMES_SHOWN:
        console.print(f"  ... and {count - MOST_NAMES_SHOWN:,} more. Use --json to list them.")


def _grid(*headings: str, title: str | None = None) -> Grid:
    grid = Grid(box=None, title=title, title_justify="left", pad_edge=False)
    for heading in headings:
        grid.add_column(heading, overflow="fold")
    return grid


def _add_row(grid: Grid, *cells: str) -> None:
    """Add a row of plain text, because cells are user data and not markup."""
    grid.add_row(*map(Text, cells))


def _sample_text(samples: tuple[str, ...]) -> str:
    return " | ".join(sample[:40] for sample in samples)
