"""A scan of a spreadsheet's XML for the size of each sheet and for cells that the reader skips.

The reader lays out a sheet as one dense block from its first to its last cell. Two cells in
opposite corners of a file of 5 kilobytes need hundreds of gigabytes, and end the process. So this
scan measures each sheet first. It also collects everything that the reader leaves out: formulas
with an error or no value, hidden rows and columns, formats that add zeros, and merged cells of ODS.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from catalogue.data_exchange.problems import TableProblem

Place = tuple[int, int]
"""Row and column of a cell, both counted from 0."""

Range = tuple[int, int]
"""The first and last row or column, both counted from 0."""


@dataclass(frozen=True, slots=True)
class ZeroFormat:
    """A number format that adds leading zeros, with the text around the digits."""

    before: str
    digits: int
    after: str

    def apply(self, number: int) -> str:
        """Return the number as the spreadsheet program shows it."""
        return f"{self.before}{number:0{self.digits}d}{self.after}"


@dataclass(slots=True)
class SheetScan:
    """The facts about a sheet before it is read."""

    name: str = ""
    rows: int = 0
    columns: int = 0
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    merges: list[tuple[Place, Place]] = field(default_factory=list)
    hidden_rows: list[Range] = field(default_factory=list)
    hidden_columns: list[Range] = field(default_factory=list)
    is_filtered: bool = False
    styles: dict[Place, str] = field(default_factory=dict)
    """The XLSX style of cells whose number format adds zeros."""
    shown: dict[Place, str] = field(default_factory=dict)
    """The text that ODS shows for numbers with leading zeros."""

    @property
    def marks(self) -> int:
        """The number of special cells, or of merged or hidden ranges if there are more of these."""
        cells = len(self.errors) + len(self.uncalculated) + len(self.styles) + len(self.shown)
        return max(cells, len(self.merges), len(self.hidden_rows), len(self.hidden_columns))

    def extend_to(self, row: int, column: int) -> None:
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)


class PartScan:
    """The scan of one part of the archive, which receives its bytes piece by piece."""

    def __init__(self, zero_formats: Collection[str] = ()) -> None:
        self.root = ""
        self.zero_formats: dict[str, ZeroFormat] = {}
        """The formats of a style sheet that add zeros, by the index of the cell style."""
        self.counts_from_1904 = False
        """True if the dates of the workbook are counted from 1904."""
        self.well_formed = True
        self.mentions_cells = False
        self.sheets: list[SheetScan] = []
        """The worksheet of this part, or all the tables of an OpenDocument."""
        self.relations: list[tuple[str, str]] = []
        self.main_part = ""
        """The part that a relation names as the workbook itself."""
        self.workbook_sheets: list[tuple[str, str]] = []
        self._parser: Any = expat.ParserCreate()
        self._parser.StartElementHandler = self._first
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.buffer_text = True
        self._tail = b""
        self._row = self._column = -1
        self._valued = True
        self._formula = self._error = False
        self._zero_styles = zero_formats
        self._formats: dict[str, ZeroFormat] = {}
        self._list, self._style = "", 0
        self._next_column = 0
        self._shown = ""

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
        self._end_number()
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
            "styleSheet": self._in_styles,
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
                if self._zero_styles and attributes.get("s") in self._zero_styles:
                    self.sheets[0].styles[self._row, self._column] = attributes["s"]
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
                if attributes.get("hidden") in _TRUE:
                    _extend(self.sheets[0].hidden_rows, self._row, self._row)
            case "col" if attributes.get("hidden") in _TRUE:
                first, last = attributes.get("min", ""), attributes.get("max", "")
                if first.isdecimal() and last.isdecimal():
                    _extend(self.sheets[0].hidden_columns, _number(first) - 1, _number(last) - 1)
            case "filterColumn":
                self.sheets[0].is_filtered = True

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
        elif _local(name) == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in _TRUE

    def _in_styles(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "numFmt":
                if known := _zero_format(attributes.get("formatCode", "")):
                    self._formats[attributes.get("numFmtId", "")] = known
            case "cellXfs" | "cellStyleXfs" | "cellStyles" | "dxfs" as found:
                self._list = found
            case "xf" if self._list == "cellXfs":
                if known := self._formats.get(attributes.get("numFmtId", "")):
                    self.zero_formats[str(self._style)] = known
                self._style += 1

    def _in_relations(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            target = attributes.get("Target", "")
            self.relations.append((attributes.get("Id", ""), target))
            if attributes.get("Type", "").endswith("/officeDocument"):
                self.main_part = target.lstrip("/")

    # ODS --------------------------------------------------------------------------------------

    def _in_ods(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "table":
                self.sheets.append(SheetScan(name=_attribute(attributes, "name")))
                self._next_row, self._row, self._column, self._repeated = 0, -1, -1, 1
                self._next_column = 0
            case "table-column" if self.sheets:
                first = self._next_column
                self._next_column += _repeats(attributes, "number-columns-repeated")
                if _attribute(attributes, "visibility") in _HIDDEN:
                    _extend(self.sheets[-1].hidden_columns, first, self._next_column - 1)
            case "table-row" if self.sheets:
                self._end_number()
                self._row = self._next_row
                self._repeated = _repeats(attributes, "number-rows-repeated")
                self._next_row += self._repeated
                self._column = -1
                visibility = _attribute(attributes, "visibility")
                if visibility in _HIDDEN:
                    _extend(self.sheets[-1].hidden_rows, self._row, self._next_row - 1)
                    self.sheets[-1].is_filtered |= visibility == "filter"
            case "table-cell" | "covered-table-cell" if self.sheets:
                self._end_number()
                repeated = _repeats(attributes, "number-columns-repeated")
                self._column += repeated
                if len(attributes) > (repeated > 1):
                    self._ods_cell(attributes)

    def _ods_cell(self, attributes: dict[str, str]) -> None:
        sheet = self.sheets[-1]
        types = [v for k, v in attributes.items() if _local(k) == "value-type"]
        if not _ODS_VALUES.isdisjoint(map(_local, attributes)):
            sheet.extend_to(self._row + self._repeated - 1, self._column)
        if "float" in types:
            self._shown = ""
            self._parser.CharacterDataHandler = self._number_text
        if "error" in types:
            sheet.errors[self._row, self._column] = "an error"
        rows = _repeats(attributes, "number-rows-spanned")
        columns = _repeats(attributes, "number-columns-spanned")
        if rows > 1 or columns > 1:
            last = (self._row + rows - 1, self._column + columns - 1)
            sheet.merges.append(((self._row, self._column), last))

    def _number_text(self, text: str) -> None:
        if len(self._shown) <= _LONGEST_SHOWN:
            self._shown += text

    def _end_number(self) -> None:
        shown, self._shown = self._shown, ""
        if shown:
            self._parser.CharacterDataHandler = None
            if _LEADING_ZERO.fullmatch(shown):
                self.sheets[-1].shown[self._row, self._column] = shown


_MOST_DIGITS = 10
# The reader takes a value from any of these, with or without a type.
_ODS_VALUES = frozenset({
    "value-type", "value", "date-value", "time-value", "boolean-value", "string-value", "formula",
})  # fmt: skip
_SKIPPED_ROOTS = frozenset({"other", "sst", "theme"})
_TRUE = frozenset({"1", "true"})
_HIDDEN = frozenset({"collapse", "filter"})
_LONGEST_SHOWN = 64
_LEADING_ZERO = re.compile(r"0\d{1,30}")
_ZERO_FORMAT = re.compile(r'((?:"[^"]{0,20}"|\\.|-)*)(0{1,30})((?:"[^"]{0,20}"|\\.)*)')
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')


def _zero_format(code: str) -> ZeroFormat | None:
    """Return the format if it shows an id with more characters, such as 00000 or "APP-"0000."""
    found = _ZERO_FORMAT.fullmatch(code.partition(";")[0])
    if not found:
        return None
    before, after = (_LITERAL.sub(r"\1\2", part) for part in (found[1], found[3]))
    has_letter = any(character.isalpha() for character in before + after)
    return ZeroFormat(before, len(found[2]), after) if len(found[2]) > 1 or has_letter else None


def _extend(ranges: list[Range], first: int, last: int) -> None:
    """Add a range, and join it to the last one if they touch."""
    if ranges and ranges[-1][1] == first - 1:
        ranges[-1] = ranges[-1][0], last
    else:
        ranges.append((first, last))


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
    """Return the largest number in attributes of this name, because their prefixes can differ."""
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
