"""`catalogue import`: load a spreadsheet of an agency's systems from the command line."""

from pathlib import Path
from typing import Any

import click
import orjson
from flask import current_app
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid
from rich.text import Text

from catalogue.agencies.operations import find_agency
from catalogue.core.application import database, unit_of_work
from catalogue.core.context import Context
from catalogue.core.errors import NotFound, Problem
from catalogue.core.migrations import is_current
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.mapping import ColumnMapping, match_columns
from catalogue.data_exchange.operations import (
    DEFAULT_SOURCE,
    capability_lookup,
    import_systems,
    require_source,
)
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.report import ImportReport, Touched
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.tables import Table, read_table

REJECTED, UNUSABLE = 1, 2
MOST_SHOWN = 50
MOST_NAMES_SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", metavar="CODE", required=True, help="The agency that has the systems.")
@click.option(
    "--map",
    "told",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="Which column fills a field; without a column, the field is left alone.",
)
@click.option(
    "--source",
    default=DEFAULT_SOURCE,
    show_default=True,
    help="The register that the file's ids are from.",
)
@click.option("--sheet", help="A sheet's name, or its number from 1.")
@click.option("--encoding", help="The file's encoding, if it is not found rightly.")
@click.option("--delimiter", type=click.Choice(list(DELIMITERS.values())), help="For CSV.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in BulkMode]),
    default=BulkMode.ATOMIC.value,
    show_default=True,
    help="All rows or none, or each row for itself.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def import_file(
    context: click.Context,
    file: Path,
    agency: str,
    told: tuple[str, ...],
    source: str,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    dry_run: bool,
    mode: str,
    as_json: bool,
) -> None:
    """Load a spreadsheet of systems (CSV, XLSX or ODS).

    The exit status is 0 if every row was accepted, 1 if rows were rejected, and 2 if the file
    or the options could not be used.
    """
    if not is_current(database().engine):
        raise click.UsageError("The database is not ready: run `catalogue database upgrade`.")
    try:
        table = read_table(file.read_bytes(), sheet=sheet, encoding=encoding, delimiter=delimiter)
        with unit_of_work(current_app) as work:
            report = _load(
                work,
                table,
                agency=agency,
                mapping=_mapping_from_options(told),
                source=source,
                dry_run=dry_run,
                mode=BulkMode(mode),
                quiet=as_json,
            )
    except (TableProblem, Problem) as problem:
        fail(context, problem, as_json=as_json)
        return
    if as_json:
        click.echo(orjson.dumps({"file": file.name, "agency": agency, **report.as_json()}))
    else:
        print_report(report)
    if report.rejected:
        context.exit(REJECTED)


def _load(
    work: Context,
    table: Table,
    *,
    agency: str,
    mapping: dict[str, str | None],
    quiet: bool,
    **options: Any,
) -> ImportReport:
    try:
        found = find_agency(work.session, agency)
    except NotFound:
        raise click.UsageError(f"There is no agency {agency!r}.") from None
    require_source(options["source"])
    matched = match_columns(table, mapping, capability=capability_lookup(work.session))
    console = Console(stderr=True)
    if not quiet:
        _print_mapping(table, matched)
    # A bar is for somebody who watches; a log file has no use for it.
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(f"{len(table.rows):,} rows", total=len(table.rows))
        return import_systems(
            work,
            agency=found,
            table=table,
            mapping=matched,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            **options,
        )


def _mapping_from_options(pairs: tuple[str, ...]) -> dict[str, str | None]:
    told: dict[str, str | None] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip():
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN.", param_hint="--map")
        if field.strip() in told:
            raise click.BadParameter(f"{field.strip()} is given twice.", param_hint="--map")
        told[field.strip()] = column.strip() or None
    return told


def fail(context: click.Context, problem: TableProblem | Problem, *, as_json: bool) -> None:
    """Say why a file or an option could not be used, and end."""
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


def _print_mapping(table: Table, mapping: ColumnMapping) -> None:
    console = Console()
    kind = table.kind.upper()
    if table.sheet:
        kind += f", sheet “{table.sheet}”"
    if table.encoding:
        kind += f", {table.encoding}, {DELIMITERS[table.delimiter or ',']}"
    console.print(
        f"{len(table.rows):,} rows ({kind}), headings in row {table.heading_row}.", markup=False
    )
    grid = _grid("column", "field", "because", "for example")
    for match in mapping.matches:
        became = ", ".join(f"{word} → {value}" for word, value in match.translations[:12])
        _add_row(
            grid,
            match.column.label,
            match.field.name,
            match.why,
            became or _sample_text(match.samples),
        )
    for left in mapping.unmatched:
        _add_row(grid, left.column.label, "-", left.why, _sample_text(left.samples))
    console.print(grid)
    for note in mapping.notes:
        console.print(note, markup=False)


def print_report(report: ImportReport) -> None:
    """Say what became of the rows."""
    console = Console()
    _print_problems(console, "Rejected", report.problems, report.problem_count)
    _print_problems(console, "Not taken over", report.notices, report.notice_count)
    _print_names(console, "Not seen in the file", report.not_seen_records, report.not_seen)
    counts = report.counts()
    grid = _grid(*(name.replace("_", " ") for name in counts))
    _add_row(grid, *(f"{count:,}" for count in counts.values()))
    console.print(grid)
    if report.written:
        console.print("The rejected rows were left out." if report.rejected else "Done.")
    elif report.accepted:
        console.print("A dry run: nothing was written.")
    else:
        console.print(
            "Nothing was written, as rows were rejected. Correct them, or use --mode partial."
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
        console.print(f"... and {count - MOST_SHOWN:,} more; --json lists them.")


def _print_names(console: Console, title: str, records: list[Touched], count: int) -> None:
    if not records:
        return
    console.print(f"{title}: {count:,}", style="bold")
    for record in records[:MOST_NAMES_SHOWN]:
        console.print(f"  {record.name}", markup=False, highlight=False)
    if count > MOST_NAMES_SHOWN:
        console.print(f"  ... and {count - MOST_NAMES_SHOWN:,} more; --json lists them.")


def _grid(*headings: str, title: str | None = None) -> Grid:
    grid = Grid(box=None, title=title, title_justify="left", pad_edge=False)
    for heading in headings:
        grid.add_column(heading, overflow="fold")
    return grid


def _add_row(grid: Grid, *cells: str) -> None:
    """Cells are other people's text: no markup in them is meant."""
    grid.add_row(*map(Text, cells))


def _sample_text(samples: tuple[str, ...]) -> str:
    return " | ".join(sample[:40] for sample in samples)
