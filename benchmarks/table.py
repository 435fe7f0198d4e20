"""The table that `make bench` prints."""

from rich.console import Console
from rich.table import Table

from benchmarks.imports import Imported
from benchmarks.rounds import Compared, Outcome


def print_table(
    compared: list[Compared], imported: Imported | None, *, title: str, notes: str
) -> None:
    """Both sides beside each other, workload by workload."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for side in ("product", "floor"):
        table.add_column(f"{side}/s", justify="right")
        table.add_column("p50 / p99 ms", justify="right")
        table.add_column("over", justify="right")
    table.add_column("ratio", justify="right")
    for each in compared:
        cells = [*_cells(each.product), *_cells(each.floor)]
        table.add_row(each.name, *cells, f"{each.ratio:.2f}")
    if imported:
        name = f"import of {imported.rows:,} rows"
        ours, theirs = f"{imported.product:,.0f}", f"{imported.floor:,.0f}"
        table.add_row(name, ours, "", "", theirs, "", "", f"{imported.ratio:.2f}")
    # Wide enough for the table wherever the output goes, a file included.
    console = Console(highlight=False, width=max(96, Console().width))
    console.print(table)
    console.print(notes)


def _cells(outcome: Outcome) -> tuple[str, str, str]:
    times = f"{outcome.p50:.1f} / {outcome.p99:.1f}"
    return f"{outcome.rate:,.0f}", times, str(outcome.connections)
