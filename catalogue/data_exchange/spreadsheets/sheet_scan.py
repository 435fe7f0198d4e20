"""A scan of a spreadsheet's XML for the size of each sheet and for cells that the reader skips.

The reader lays out a sheet as one dense block from its first to its last cell. Two cells in
opposite corners of a file of 5 kilobytes need hundreds of gigabytes, and end the process. So this
scan measures each sheet first. It also collects formulas that have an error or no value and, for
ODS, merged cells.
"""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from catalogue.data_exchange.problems import TableProblem

Place = tuple[int, int]
"""Row and column of a cell, both counted from 0."""


@dataclass(slots=True)
class SheetScan:
    """The facts about a sheet before it is read."""

    name: str = ""
    rows: int = 0
    columns: int = 0
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    merges: list[tuple[Place, Place]] = field(default_factory=list)

    def extend_to(self, row: int, column: int) -> None:
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)


class PartScan:
    """The scan of one part of the archive, which receives its bytes piece by piece."""

    def __init__(self) -> None:
        self.root = ""
        self.well_formed = True
        self.mentions_cells = False
        self.sheets: list[SheetScan] = []
        """The worksheet of this part, or all the tables of an OpenDocument."""
        self.relations: list[tuple[str, str]] = []
        self.workbook_sheets: list[tuple[str, str]] = []
        self._parser: Any = expat.ParserCreate()
        self._parser.StartElementHandler = self._first
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.buffer_text = True
        self._tail = b""
        self._row = self._column = -1
        self._valued = True
        self._formula = self._error = False

    def feed(self, piece: bytes) -> None:
        self._parse(piece)
        if self.root != "worksheet":
            # The reader follows every part that the workbook names, whatever its root element is.
            seam = self._tail + piece
            self.mentions_cells |= b"<sheetData" in seam or b":sheetData" in seam
            self._tail = piece[-16:]

    def close(self) -> None:
        self._parse(b"", is_last=True)
        self._end_cell()
        # A handler and the parser refer to each other, so release both at once.
        self._parser = None

    def _parse(self, piece: bytes, *, is_last: bool = False) -> None:
        if not self.well_formed or self.root in _SKIPPED_ROOTS:
            return
        try:
            self._parser.Parse(piece, is_last)
        except (expat.ExpatError, LookupError):  # LookupError means an unknown encoding
            self.well_formed = False

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        self.root = _local(name)
        handler = {
            "worksheet": self._in_worksheet,
            "document-content": self._in_ods,
            "Relationships": self._in_relations,
            "workbook": self._in_workbook,
        }.get(self.root)
        if self.root == "worksheet":
            self.sheets.append(SheetScan())
        self._parser.StartElementHandler = handler
        if handler is None and self.root not in _SKIPPED_ROOTS:
            self.root = "other"

    # XLSX -------------------------------------------------------------------------------------

    def _in_worksheet(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "c":
                self._end_cell()
                self._column += 1
                if place := _place(attributes.get("r")):
                    self._row, self._column = place
                self._valued = False
                if attributes.get("t") == "e":
                    self._error = True
                    self._parser.CharacterDataHandler = self._error_text
            case "v" | "is":
                self._valued = True
                self.sheets[0].extend_to(self._row, self._column)
            case "f":
                self._formula = True
            case "row":
                self._end_cell()
                number = attributes.get("r", "")
                self._row = _number(number) - 1 if number.isdecimal() else self._row + 1
                self._column = -1

    def _end_cell(self) -> None:
        if self._formula and not self._valued:
            self.sheets[0].uncalculated.add((self._row, self._column))
        self._formula = False
        if self._error:
            self._error = False
            self._parser.CharacterDataHandler = None

    def _error_text(self, text: str) -> None:
        if self._valued and text.startswith("#"):
            self.sheets[0].errors[self._row, self._column] = text

    def _in_workbook(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            key = next((v for k, v in attributes.items() if _local(k) == "id" and ":" in k), "")
            self.workbook_sheets.append((attributes.get("name", ""), key))

    def _in_relations(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            self.relations.append((attributes.get("Id", ""), attributes.get("Target", "")))

    # ODS --------------------------------------------------------------------------------------

    def _in_ods(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "table":
                self.sheets.append(SheetScan(name=_attribute(attributes, "name")))
                self._next_row, self._row, self._column, self._repeated = 0, -1, -1, 1
            case "table-row" if self.sheets:
                self._row = self._next_row
                self._repeated = _repeats(attributes, "number-rows-repeated")
                self._next_row += self._repeated
                self._column = -1
            case "table-cell" | "covered-table-cell" if self.sheets:
                repeated = _repeats(attributes, "number-columns-repeated")
                self._column += repeated
                if len(attributes) > (repeated > 1):
                    self._ods_cell(attributes)

    def _ods_cell(self, attributes: dict[str, str]) -> None:
        sheet = self.sheets[-1]
        types = [v for k, v in attributes.items() if _local(k) == "value-type"]
        if not _ODS_VALUES.isdisjoint(map(_local, attributes)):
            sheet.extend_to(self._row + self._repeated - 1, self._column)
        if "error" in types:
            sheet.errors[self._row, self._column] = "an error"
        rows = _repeats(attributes, "number-rows-spanned")
        columns = _repeats(attributes, "number-columns-spanned")
        if rows > 1 or columns > 1:
            last = (self._row + rows - 1, self._column + columns - 1)
            sheet.merges.append(((self._row, self._column), last))


_MOST_DIGITS = 10
# The reader takes a value from any of these, with or without a type.
_ODS_VALUES = frozenset({
    "value-type", "value", "date-value", "time-value", "boolean-value", "string-value", "formula",
})  # fmt: skip
_SKIPPED_ROOTS = frozenset({"other", "sst", "styleSheet", "theme"})


def _refuse_doctype(*_: object) -> None:
    raise TableProblem(
        "damaged",
        "The spreadsheet declares a document type. Open and save the file, and send it again.",
    )


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _attribute(attributes: dict[str, str], local: str) -> str:
    return next((value for name, value in attributes.items() if _local(name) == local), "")


def _repeats(attributes: dict[str, str], local: str) -> int:
    """Return the largest of the attributes of that name, because the reader's prefix is unknown."""
    values = [v for k, v in attributes.items() if k.endswith(local) and _local(k) == local]
    return max((_number(value) for value in values if value.isdecimal()), default=1) or 1


def _number(digits: str) -> int:
    """Return the number. Too many digits give a number beyond every limit."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _place(reference: str | None) -> Place | None:
    if not reference:
        return None
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not digits or not letters.isascii() or not letters.isalpha():
        return None
    column = 0
    for letter in letters.upper()[:_MOST_DIGITS]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return _number(digits) - 1, column - 1
