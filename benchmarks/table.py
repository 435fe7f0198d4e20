"""The table that `make bench` prints."""

from rich.console import Console
from rich.table import Table

from benchmarks.imports import ImportRates
from benchmarks.rounds import Comparison, Outcome


def print_table(
    comparisons: list[Comparison], import_rates: ImportRates | None, *, title: str, notes: str
) -> None:
    """Print both sides next to each other, with a row for each workload."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for side in ("product", "floor"):
        table.add_column(f"{side}/s", justify="right")
        table.add_column("p50 / p99 ms", justify="right")
        table.add_column("connections", justify="right")
    table.add_column("ratio", justify="right")
    for each in comparisons:
        cells = [*_cells(each.product), *_cells(each.floor)]
        table.add_row(each.name, *cells, f"{each.ratio:.2f}")
    if import_rates:
        name = f"import of {import_rates.rows:,} rows"
        product, floor = f"{import_rates.product:,.0f}", f"{import_rates.floor:,.0f}"
        table.add_row(name, product, "", "", floor, "", "", f"{import_rates.ratio:.2f}")
    # Wide enough for the table, also when the output goes to a file.
    console = Console(highlight=False, width=max(104, Console().width))
    console.print(table)
    console.print(notes)


def _cells(outcome: Outcome) -> tuple[str, str, str]:
    times = f"{outcome.p50:.1f} / {outcome.p99:.1f}"
    return f"{outcome.rate:,.0f}", times, str(outcome.connections)
