"""Labelled lists of records and their true pairs, read from files of delimited text."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid5

from catalogue.core.text import fold
from catalogue.rationalisation.matching.evaluation.results import Numbers, Task
from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.records import Record
from catalogue.systems.vocabulary import Lifecycle

LEFT, RIGHT = UUID(int=1), UUID(int=2)
"""Ids of the two agencies that the two files stand for."""
DELIMITERS = (",", ";", "\t", "|")
COLUMNS = {
    "name": ("name",),
    "supplier": ("supplier", "supplier_name"),
    "description": ("description",),
    "version": ("version", "product_version"),
    "capabilities": ("capabilities",),
    "aliases": ("aliases",),
    "product": ("product", "product_name"),
}
"""The fields that are read from a list, each with the headings that it accepts."""
PAIR_COLUMNS = ("old_name", "candidate_name", "label")
YES = frozenset({"1", "1.0", "true", "t", "yes", "y"})
NO = frozenset({"0", "0.0", "false", "f", "no", "n"})
MOST_HEADINGS = 12

_SEPARATOR = re.compile(r"[;\n]")
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


class UnusableFile(ValueError):
    """An error in a file, with its path and line, and a sentence that explains it."""

    def __init__(self, path: Path, detail: str, *, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: {detail}")


@dataclass(frozen=True)
class _Table:
    path: Path
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    """Each row with the number of the line that it begins on."""

    def index_of(self, *names: str) -> int | None:
        """Return the index of the first column with one of these names, or None."""
        folded = [fold(heading).replace(" ", "_") for heading in self.headings]
        for name in names:
            if (heading := fold(name).replace(" ", "_")) in folded:
                return folded.index(heading)
        return None

    def listed_headings(self) -> str:
        return ", ".join(heading or "(empty)" for heading in self.headings[:MOST_HEADINGS])


def read_two(
    left: Path,
    right: Path,
    truth: Path,
    delimiter: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Task:
    """Read two lists and their true pairs. The first column of a list holds the ids.

    `mapping` names the column for a field. A list without that column uses the field's own
    headings. Without a delimiter, the delimiter of each file is detected.

    Raises UnusableFile for an error in a file, and ValueError for an unknown field.
    """
    tables = [_table(path, delimiter) for path in (left, right)]
    columns = dict(mapping or {})
    for field, column in columns.items():
        if field not in COLUMNS:
            raise ValueError(f"There is no field {field!r}. The fields are {', '.join(COLUMNS)}.")
        if all(table.index_of(column) is None for table in tables):
            raise UnusableFile(
                left,
                f"Neither this file nor {right} has a column {column!r}. Their columns are "
                f"{tables[0].listed_headings()} and {tables[1].listed_headings()}.",
            )
    lists = [
        _records(table, side, columns) for table, side in zip(tables, (LEFT, RIGHT), strict=True)
    ]
    ids = [{label: place for place, (label, _) in enumerate(each)} for each in lists]
    return Task(
        left=tuple(record for _, record in lists[0]),
        right=tuple(record for _, record in lists[1]),
        truth=frozenset(_truth(_table(truth, delimiter), ids, (left, right))),
        left_labels=tuple(ids[0]),
        right_labels=tuple(ids[1]),
    )


def read_pairs(path: Path, delimiter: str | None = None) -> Task:
    """Read pairs of names, each labelled as true or false. A repeated name is one record."""
    table = _table(path, delimiter)
    places = [table.index_of(column) for column in PAIR_COLUMNS]
    missing = [name for name, at in zip(PAIR_COLUMNS, places, strict=True) if at is None]
    if missing:
        raise UnusableFile(
            path,
            f"There is no column {' or '.join(missing)}. The columns are {table.listed_headings()}.",
        )
    sides: tuple[dict[str, int], dict[str, int]] = {}, {}
    labels: dict[Numbers, bool] = {}
    for line, row in table.rows:
        old, candidate, label = (row[place] for place in places if place is not None)
        if not old or not candidate:
            raise UnusableFile(path, "One of the two names is empty. Give both names.", line=line)
        if label.lower() not in YES | NO:
            detail = (
                f"The label {label!r} is unknown. Write 1 for one system, or 0 for two systems."
            )
            raise UnusableFile(path, detail, line=line)
        pair = (
            sides[0].setdefault(old, len(sides[0])),
            sides[1].setdefault(candidate, len(sides[1])),
        )
        is_true = label.lower() in YES
        if labels.setdefault(pair, is_true) != is_true:
            raise UnusableFile(
                path,
                (
                    f"The pair {old!r} and {candidate!r} has a different label on an earlier line. "
                    "Remove one of the two lines."
                ),
                line=line,
            )
    return Task(
        left=tuple(_record(LEFT, place, {"name": name}) for name, place in sides[0].items()),
        right=tuple(_record(RIGHT, place, {"name": name}) for name, place in sides[1].items()),
        truth=frozenset(pair for pair, is_true in labels.items() if is_true),
        listed=frozenset(labels),
    )


def _records(table: _Table, side: UUID, mapping: Mapping[str, str]) -> list[tuple[str, Record]]:
    indexes = {
        field: table.index_of(*([mapping[field]] if field in mapping else []), *names)
        for field, names in COLUMNS.items()
    }
    if indexes["name"] is None:
        raise UnusableFile(
            table.path,
            f"There is no column name. The columns are {table.listed_headings()}. Name the right "
            "column, for example with --map name=title.",
        )
    records: dict[str, Record] = {}
    lines: dict[str, int] = {}
    for line, row in table.rows:
        if not (label := row[0]):
            raise UnusableFile(
                table.path,
                "The id in the first column is empty. Give each record an id.",
                line=line,
            )
        if label in records:
            detail = (
                f"The id {label!r} is also on line {lines[label]}. Give each record its own id."
            )
            raise UnusableFile(table.path, detail, line=line)
        lines[label] = line
        values = {field: row[index] for field, index in indexes.items() if index is not None}
        records[label] = _record(side, len(records), values)
    return list(records.items())


def _record(side: UUID, place: int, values: Mapping[str, str]) -> Record:
    return Record(
        uuid5(side, str(place)),
        side,
        values["name"],
        Lifecycle.LIVE,
        product_name=values.get("product") or None,
        supplier_name=values.get("supplier") or None,
        capabilities=_capabilities(values.get("capabilities", "")),
        aliases=tuple(_parts(values.get("aliases", ""))),
        description=values.get("description") or None,
        version=values.get("version") or None,
    )


def _capabilities(text: str) -> tuple[str, ...]:
    """Return the codes of the lowest capabilities that a cell names, by code or by name."""
    known = {
        fold(written): code
        for code, name in shipped_reference().capabilities.items()
        for written in (code, name)
    }
    return tuple(dict.fromkeys(known[fold(p)] for p in _parts(text) if fold(p) in known))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]


def _truth(table: _Table, ids: list[dict[str, int]], paths: tuple[Path, Path]) -> Iterator[Numbers]:
    for line, row in table.rows:
        for label, known, path in zip(row, ids, paths, strict=False):
            if label not in known:
                detail = f"The id {label!r} is not in {path}. Correct or remove this pair."
                raise UnusableFile(table.path, detail, line=line)
        yield ids[0][row[0]], ids[1][row[1]]


def _table(path: Path, delimiter: str | None) -> _Table:
    text = _text(path)
    if separator_line := _SEPARATOR_LINE.match(text):
        # Excel reads the delimiter of a file from such a line.
        delimiter = delimiter or separator_line[1]
    used = delimiter or max(DELIMITERS, key=lambda each: _width(text, each))
    lines = list(_lines(path, text, used))
    if separator_line and lines:
        lines = lines[1:]
    if not lines:
        raise UnusableFile(path, "The file is empty. Add a line of headings and the records.")
    (line, headings), *rows = lines
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) < 2:
        others = [each for each in DELIMITERS if _width(text, each) > 1]
        hint = f"Try the delimiter {others[0]!r}" if others else "At least two are needed"
        by = f" with the delimiter {used!r}" if delimiter else ""
        raise UnusableFile(path, f"The file has only one column{by}. {hint}.", line=line)
    return _Table(path, headings, [(at, _padded(path, at, row, headings)) for at, row in rows])


def _padded(path: Path, line: int, row: list[str], headings: list[str]) -> list[str]:
    if any(row[len(headings) :]):
        detail = (
            f"The row has {len(row)} cells, but there are {len(headings)} headings. "
            "Put a cell that contains the delimiter into quotes."
        )
        raise UnusableFile(path, detail, line=line)
    return (row + [""] * len(headings))[: len(headings)]


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            cells = [" ".join(cell.split()) if "\n" not in cell else cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnusableFile(
            path, f"The row cannot be read ({error}). Save the file again as CSV.", line=line
        ) from None


def _width(text: str, delimiter: str) -> int:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return len(next(csv.reader([first], delimiter=delimiter), []))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnusableFile(
            path, f"The file cannot be read ({error.strerror}). Check its path and permissions."
        ) from None
    if data.startswith(_BINARY):
        raise UnusableFile(path, "The file is not text. Save it as CSV.")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise UnusableFile(path, "The file is neither UTF-8 nor Windows-1252 text. Save it as UTF-8.")
