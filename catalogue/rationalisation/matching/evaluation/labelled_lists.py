"""Reading lists of records, and which of them belong together, from files of delimited text."""

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
"""The two files are two agencies."""
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
"""What is looked for in a list, and what its column may be called: also as the API says it."""
PAIR_COLUMNS = ("old_name", "candidate_name", "label")
YES = frozenset({"1", "1.0", "true", "t", "yes", "y"})
NO = frozenset({"0", "0.0", "false", "f", "no", "n"})
MOST_TOLD = 12

_PARTED = re.compile(r"[;\n]")
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


class UnusableFile(ValueError):
    """A sentence on what is wrong with a file, and where."""

    def __init__(self, path: Path, said: str, *, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: {said}")


@dataclass(frozen=True)
class _Table:
    path: Path
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    """With the number of the line that each begins on."""

    def place(self, *names: str) -> int | None:
        """Which column is called by one of some names."""
        folded = [fold(heading).replace(" ", "_") for heading in self.headings]
        for name in names:
            if (wanted := fold(name).replace(" ", "_")) in folded:
                return folded.index(wanted)
        return None

    def told_headings(self) -> str:
        return ", ".join(heading or "(empty)" for heading in self.headings[:MOST_TOLD])


def read_two(
    left: Path,
    right: Path,
    truth: Path,
    delimiter: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Task:
    """Two lists and their true pairs. The first column of a list is its id.

    `mapping` says which column is to be taken for a field; a list without that column is read by
    the field's own name. Without a delimiter, each file's own is found. UnusableFile says what is
    wrong with a file.
    """
    tables = [_table(path, delimiter) for path in (left, right)]
    told = dict(mapping or {})
    for field, column in told.items():
        if field not in COLUMNS:
            raise ValueError(f"There is no field {field!r}; there are {', '.join(COLUMNS)}.")
        if all(table.place(column) is None for table in tables):
            raise UnusableFile(
                left,
                f"neither it nor {right} has a column {column!r}, only "
                f"{tables[0].told_headings()} and {tables[1].told_headings()}.",
            )
    lists = [_records(table, side, told) for table, side in zip(tables, (LEFT, RIGHT), strict=True)]
    ids = [{label: place for place, (label, _) in enumerate(each)} for each in lists]
    return Task(
        left=tuple(record for _, record in lists[0]),
        right=tuple(record for _, record in lists[1]),
        truth=frozenset(_truth(_table(truth, delimiter), ids, (left, right))),
        left_labels=tuple(ids[0]),
        right_labels=tuple(ids[1]),
    )


def read_pairs(path: Path, delimiter: str | None = None) -> Task:
    """Pairs of names, each labelled as true or not. A name that is repeated is one record."""
    table = _table(path, delimiter)
    places = [table.place(column) for column in PAIR_COLUMNS]
    missing = [name for name, at in zip(PAIR_COLUMNS, places, strict=True) if at is None]
    if missing:
        raise UnusableFile(
            path, f"it has no column {' or '.join(missing)}, only {table.told_headings()}."
        )
    sides: tuple[dict[str, int], dict[str, int]] = {}, {}
    labels: dict[Numbers, bool] = {}
    for line, row in table.rows:
        old, candidate, label = (row[place] for place in places if place is not None)
        if not old or not candidate:
            raise UnusableFile(path, "one of the two names is empty.", line=line)
        if label.lower() not in YES | NO:
            raise UnusableFile(path, f"the label is {label!r}, not 1 or 0.", line=line)
        pair = (
            sides[0].setdefault(old, len(sides[0])),
            sides[1].setdefault(candidate, len(sides[1])),
        )
        is_true = label.lower() in YES
        if labels.setdefault(pair, is_true) != is_true:
            raise UnusableFile(
                path, f"{old!r} and {candidate!r} are labelled otherwise above.", line=line
            )
    return Task(
        left=tuple(_record(LEFT, place, {"name": name}) for name, place in sides[0].items()),
        right=tuple(_record(RIGHT, place, {"name": name}) for name, place in sides[1].items()),
        truth=frozenset(pair for pair, is_true in labels.items() if is_true),
        listed=frozenset(labels),
    )


def _records(table: _Table, side: UUID, told: Mapping[str, str]) -> list[tuple[str, Record]]:
    columns = {
        field: table.place(*([told[field]] if field in told else []), *names)
        for field, names in COLUMNS.items()
    }
    if columns["name"] is None:
        raise UnusableFile(
            table.path,
            f"it has no column name, only {table.told_headings()}. Say which it is, as in "
            "--map name=title.",
        )
    found: dict[str, Record] = {}
    begun: dict[str, int] = {}
    for line, row in table.rows:
        if not (label := row[0]):
            raise UnusableFile(table.path, "the id, in the first column, is empty.", line=line)
        if label in found:
            said = f"the id {label!r} is that of line {begun[label]}, too."
            raise UnusableFile(table.path, said, line=line)
        begun[label] = line
        said_of = {field: row[at] for field, at in columns.items() if at is not None}
        found[label] = _record(side, len(found), said_of)
    return list(found.items())


def _record(side: UUID, place: int, said: Mapping[str, str]) -> Record:
    return Record(
        uuid5(side, str(place)),
        side,
        said["name"],
        Lifecycle.LIVE,
        product_name=said.get("product") or None,
        supplier_name=said.get("supplier") or None,
        capabilities=_capabilities(said.get("capabilities", "")),
        aliases=tuple(_parts(said.get("aliases", ""))),
        description=said.get("description") or None,
        version=said.get("version") or None,
    )


def _capabilities(text: str) -> tuple[str, ...]:
    """The codes that are meant. What the capabilities' tree does not have, it has not."""
    known = {
        fold(written): code
        for code, name in shipped_reference().capabilities.items()
        for written in (code, name)
    }
    return tuple(dict.fromkeys(known[fold(p)] for p in _parts(text) if fold(p) in known))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _PARTED.split(text) if part.strip()]


def _truth(table: _Table, ids: list[dict[str, int]], paths: tuple[Path, Path]) -> Iterator[Numbers]:
    for line, row in table.rows:
        for label, known, path in zip(row, ids, paths, strict=False):
            if label not in known:
                said = f"the id {label!r} is not in {path}."
                raise UnusableFile(table.path, said, line=line)
        yield ids[0][row[0]], ids[1][row[1]]


def _table(path: Path, delimiter: str | None) -> _Table:
    text = _text(path)
    if said := _SEPARATOR_LINE.match(text):
        # Excel reads its own delimiter from such a line.
        delimiter = delimiter or said[1]
    found = delimiter or max(DELIMITERS, key=lambda each: _width(text, each))
    lines = list(_lines(path, text, found))
    if said and lines:
        lines = lines[1:]
    if not lines:
        raise UnusableFile(path, "it is empty.")
    (line, headings), *rows = lines
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) < 2:
        others = [each for each in DELIMITERS if _width(text, each) > 1]
        hint = f" Is {others[0]!r} what parts its cells?" if others else ""
        shown = f"parted by {found!r}, " if delimiter else ""
        raise UnusableFile(path, f"{shown}it has only one column.{hint}", line=line)
    return _Table(path, headings, [(at, _fitted(path, at, row, headings)) for at, row in rows])


def _fitted(path: Path, line: int, row: list[str], headings: list[str]) -> list[str]:
    if any(row[len(headings) :]):
        said = f"it has {len(row)} cells, and the heading {len(headings)}."
        raise UnusableFile(path, said, line=line)
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
        raise UnusableFile(path, f"it cannot be read ({error}).", line=line) from None


def _width(text: str, delimiter: str) -> int:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return len(next(csv.reader([first], delimiter=delimiter), []))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnusableFile(path, f"it cannot be read ({error.strerror}).") from None
    if data.startswith(_BINARY):
        raise UnusableFile(path, "it is no text; save it as CSV.")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise UnusableFile(path, "it is neither UTF-8 nor Windows-1252 text.")
