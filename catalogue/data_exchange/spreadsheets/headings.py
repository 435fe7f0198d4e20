"""The headings of a table: the row that holds them, and a name for each column.

A row of known headings is preferred to the first row that is wide enough, because titles and
details of a document can be as wide as its table. Without a function that recognises headings, the
width alone decides.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.sheet_scan import Place

FieldOf = Callable[[str], str | None]
"""Returns the field that a heading clearly names, or None."""

Merges = Sequence[tuple[Place, Place]]

SEARCHED_ROWS = 30
"""The number of rows with a value that are searched for the headings."""
IDENTITIES = ("name", "title", "reference", "system", "from_system", "product_name")
"""The fields that name the record of a row."""
_FILLED = 0.75
_MOSTLY = 0.5
_DEEPEST = 3
_LONGEST_LABEL = 40
_OTHER_THINGS = frozenset({
    "contract", "contracts", "contract details", "procurement", "commercial", "supplier",
    "suppliers", "supplier details", "vendor", "vendors", "cost", "costs", "finance", "financial",
    "finances", "budget", "licence", "licences", "license", "licenses", "licensing", "support",
    "support contract", "contact", "contacts", "server", "servers", "database", "interface",
    "interfaces", "project", "projects", "programme", "replacement", "migration", "risk", "risks",
    "disaster recovery",
})  # fmt: skip
"""Headings above a group of columns that are about something other than the system."""


@dataclass(frozen=True, slots=True)
class Headings:
    """The index of the row of headings and of the first row below, and a name for each column."""

    row: int
    first: int
    names: list[str]
    known: int
    """The number of different fields that the names clearly mean."""
    full_above: tuple[int, ...] = ()
    """The indexes of rows above the headings that are as full as a row of the table."""


def is_blank(cell: object) -> bool:
    """Return whether a cell is empty or holds only spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def find_headings(
    grid: list[list[Any]],
    merges: Merges = (),
    *,
    field_of: FieldOf | None = None,
    heading_row: int | None = None,
) -> Headings:
    """Return the headings of a table. `heading_row` is the number of the row that a person chose.

    Raises TableProblem if no row can hold the headings.
    """
    sample = []
    for index, row in enumerate(grid):
        if count := _filled(row):
            sample.append((index, count))
        if len(sample) == SEARCHED_ROWS:
            break
    if not sample:
        raise TableProblem(
            "empty_file", "Every cell of the file is empty. Send a file with headings and rows."
        )
    merges = [each for each in merges if each[0][0] <= sample[-1][0] or heading_row is not None]
    if heading_row is not None:
        chosen = _chosen_row(grid, merges, heading_row)
    else:
        chosen = _best_row(grid, merges, sample, field_of)
    below = _depth(chosen, merges)
    names = _names(grid, chosen, below, merges)
    if field_of is not None:
        names = _with_groups(names, _group_labels(grid, chosen, merges), field_of)
    enough = _enough(sample)
    above = tuple(i for i, n in sample if i < chosen and n >= enough and n > 1)
    if heading_row is not None:
        above = ()
    if field_of is not None and above and above[-1] == chosen - 1:
        labels = _group_labels(grid, chosen, merges)
        above = above[:-1] if labels else above
    return Headings(chosen, chosen + below + 1, names, _known(names, field_of), above)


def _filled(row: Iterable[object]) -> int:
    return sum(not is_blank(cell) for cell in row)


def _enough(sample: list[tuple[int, int]]) -> int:
    """Return the number of cells that a full row has. Titles above a table are sparse."""
    usual = median(count for _, count in sample)
    return max(math.ceil(usual * _FILLED), min(2, max(count for _, count in sample)))


def _known(names: Iterable[str], field_of: FieldOf | None) -> int:
    return len({field_of(name) for name in names if name} - {None}) if field_of else 0


def _chosen_row(grid: list[list[Any]], merges: Merges, number: int) -> int:
    row = number - 1
    if not 0 <= row < len(grid) or not _filled(grid[row]):
        raise TableProblem(
            "heading_row_not_found",
            f"Row {number} has no cell with a value. "
            "Choose the number of the row with the headings.",
            value=str(number),
        )
    # A heading that is merged downwards begins in an earlier row.
    tops = [first[0] for first, last in merges if first[0] < row <= last[0]]
    return min([row, *tops])


def _best_row(
    grid: list[list[Any]],
    merges: Merges,
    sample: list[tuple[int, int]],
    field_of: FieldOf | None,
) -> int:
    enough = _enough(sample)
    best, most = None, (0, False, 0)
    spans = {(first[0], last[0]) for first, last in merges if first[0] < last[0]}
    covered = {i for i, _ in sample if any(top < i <= bottom for top, bottom in spans)}
    for index, count in sample if field_of else ():
        if index in covered and best is not None:
            continue
        names = [name for name in _names(grid, index, _depth(index, merges), merges) if name]
        known = _known(names, field_of)
        # A single known word can be a value, such as “Software”, unless the table has one column.
        clear = known >= len(names) * _MOSTLY and (known > 1 or (enough == 1 == count))
        # A row of headings is fuller, and its names differ more, than a row of groups above it.
        score = (known, count >= enough, len(set(names)))
        if clear and score > most:
            best, most = index, score
    if best is not None:
        return best
    for index, count in sample:
        if count >= enough and any(isinstance(cell, str) for cell in grid[index]):
            return index
    raise TableProblem(
        "no_header",
        "No row looks like the headings of a table. Put the headings into one row above the data, "
        "or choose their row with `heading_row`.",
    )


def _depth(heading: int, merges: Merges) -> int:
    """Return how many further rows the headings cover through merged cells."""
    depths = (last[0] - heading for first, last in merges if first[0] == heading)
    return min(max(depths, default=0), _DEEPEST)


def _names(grid: list[list[Any]], heading: int, below: int, merges: Merges) -> list[str]:
    """Return the heading of each column. Headings of two rows are joined, the upper one first."""
    block = [list(row) for row in grid[heading : heading + below + 1]]
    if below:
        for first, last in merges:
            if heading <= first[0] < heading + below:
                row = block[first[0] - heading]
                for column in range(first[1], min(last[1] + 1, len(row))):
                    row[column] = row[first[1]]
    names = []
    for column in range(max(len(row) for row in block)):
        parts = [
            " ".join(str(row[column]).split())
            for row in block
            if column < len(row) and not is_blank(row[column])
        ]
        text = " ".join(dict.fromkeys(parts))
        names.append("".join(character for character in text if character.isprintable()))
    while names and not names[-1]:
        names.pop()
    return names


def _group_labels(grid: list[list[Any]], heading: int, merges: Merges) -> list[str]:
    """Return the label above each column, or an empty list if the row above has no groups."""
    if heading == 0:
        return []
    above = list(grid[heading - 1])
    width = len(grid[heading])
    above += [None] * (width - len(above))
    spans = [(f, last) for f, last in merges if f[0] == heading - 1 and last[1] > f[1]]
    if any(last[0] >= heading for _, last in spans):
        return []
    filled = [cell for cell in above if not is_blank(cell)]
    texts = [" ".join(cell.split()) for cell in filled if isinstance(cell, str)]
    if len(texts) < len(filled) or any(
        len(text) > _LONGEST_LABEL or any(c.isdigit() for c in text) for text in texts
    ):
        return []
    labels: list[str] = []
    repeats = len(set(texts)) < len(texts)
    spanned = {column for f, last in spans for column in range(f[1], last[1] + 1)}
    for column in range(width):
        text = "" if is_blank(above[column]) else " ".join(str(above[column]).split())
        if not text and labels and (column in spanned or not (spans or repeats)):
            text = labels[-1]
        labels.append(text)
    return labels if len(set(labels) - {""}) > 1 or (spans and "" in labels) else []


def _with_groups(names: list[str], labels: list[str], field_of: FieldOf) -> list[str]:
    """Return the headings, each with the heading of its group where this changes the meaning."""
    counts = Counter(name.casefold() for name in names)
    labels = labels + [""] * (len(names) - len(labels))
    return [
        _grouped(name, label, field_of, is_repeated=counts[name.casefold()] > 1)
        for name, label in zip(names, labels, strict=False)
    ]


def _grouped(name: str, label: str, field_of: FieldOf, *, is_repeated: bool) -> str:
    if not name or not label or name.casefold().startswith(label.casefold()):
        return name
    together = f"{label} {name}"
    if meaning := field_of(together):
        return name if field_of(name) == meaning and not is_repeated else together
    is_other = label.casefold() in _OTHER_THINGS and field_of(name) != "supplier_name"
    return together if is_repeated or is_other else name
