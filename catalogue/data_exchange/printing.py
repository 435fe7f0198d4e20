"""The report of an import as the command line prints it."""

from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from catalogue.data_exchange.column_mapping import ColumnMapping
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.report import ImportReport, Touched
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.table import Table

MOST_SHOWN = 50
MOST_NAMES_SHOWN = 20
MOST_OPTIONS_SHOWN = 4


def print_mapping(table: Table, mapping: ColumnMapping) -> None:
    """Print how the file was read, and the use of each column."""
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


def print_report(report: ImportReport) -> None:
    """Print the problems, notices, records and counts of an import, and the outcome."""
    console = Console()
    _print_problems(console, "Problems", report.problems, report.problem_count)
    _print_problems(console, "Not imported, or in doubt", report.notices, report.notice_count)
    _print_words(console, report)
    is_written = "" if report.written else " (not yet)"
    _print_names(console, f"Created{is_written}", report.created_records, report.created)
    _print_changes(console, f"Updated{is_written}", report.updated_records, report.updated)
    # A file with a few systems leaves out nearly all others, so their list would not help.
    if report.not_seen <= report.existing - report.not_seen:
        _print_names(console, "Not in the file", report.not_seen_records, report.not_seen)
    counts = report.counts()
    grid = _grid(*(name.replace("_", " ") for name in counts))
    _add_row(grid, *(f"{count:,}" for count in counts.values()))
    console.print(grid)
    if report.written:
        console.print(
            "The valid rows were imported." if report.rejected else "All rows were imported."
        )
        if report.notice_count:
            console.print(
                "Check the notices above: some values were not imported, or are in doubt."
            )
    elif report.accepted:
        console.print("This was a dry run, so nothing was imported.")
    elif report.questions:
        console.print("Nothing was imported. First answer the questions, which have no row number.")
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
            grid,
            str(problem.row or "-"),
            problem.column or "-",
            problem.value or "-",
            problem.detail,
        )
    console.print(grid)
    if count > MOST_SHOWN:
        console.print(f"... and {count - MOST_SHOWN:,} more. Use --json to list them.")


def _print_words(console: Console, report: ImportReport) -> None:
    """Print the unknown words, each with the options that choose a value for it."""
    words = report.unknown_words.as_json(FrontDoor.COMMAND_LINE)
    if not words:
        return
    grid = _grid("rows", "word", "field", "choose", title="Unknown words")
    for word in words[:MOST_NAMES_SHOWN]:
        _add_row(grid, f"{word['count']:,}", word["value"], word["field"], _choices(word))
    console.print(grid)
    if (more := report.unknown_words.total - MOST_NAMES_SHOWN) > 0:
        console.print(f"... and {more:,} more. Use --json to list them.")


def _choices(word: dict[str, Any]) -> str:
    """Return the options that choose each value, or one option if there are many values."""
    choices = word["choices"]
    if len(choices) <= MOST_OPTIONS_SHOWN:
        return "\n".join(choice["option"] for choice in choices) or "-"
    values = ", ".join(choice["value"] for choice in choices)
    option = FrontDoor.COMMAND_LINE.translate(word["field"], word["value"], "VALUE")
    return f"{option}, where VALUE is one of {values}"


def _print_changes(console: Console, title: str, records: list[Touched], count: int) -> None:
    """Print the changed fields of each record with their old and new values."""
    if not records:
        return
    console.print(f"{title}: {count:,}", style="bold")
    for record in records[:MOST_NAMES_SHOWN]:
        console.print(f"  {record.name}", markup=False, highlight=False)
        for change in record.changes:
            console.print(
                f"    {change.field}: {change.before or '(empty)'} → {change.after or '(empty)'}",
                markup=False,
                highlight=False,
            )
    if count > MOST_NAMES_SHOWN:
        console.print(f"  ... and {count - MOST_NAMES_SHOWN:,} more. Use --json to list them.")


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
