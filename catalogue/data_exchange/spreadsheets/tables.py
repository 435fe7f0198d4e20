"""Tables in CSV, XLSX and ODS files. The content, and not the name, shows the format."""

from dataclasses import replace

from catalogue.core.tables.csv_table import rearm
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.sandbox import read_in_sandbox
from catalogue.data_exchange.spreadsheets.archives import ENCRYPTED_FILE
from catalogue.data_exchange.spreadsheets.delimited import (
    DELIMITERS,
    known_delimiter,
    read_delimited,
)
from catalogue.data_exchange.spreadsheets.encodings import ENCODINGS, decode, known_encoding
from catalogue.data_exchange.spreadsheets.headings import SEARCHED_ROWS, FieldOf, find_headings
from catalogue.data_exchange.spreadsheets.layout import lay_out
from catalogue.data_exchange.spreadsheets.sheet_notices import choose_sheet
from catalogue.data_exchange.spreadsheets.table import Cell, Limits, Table
from catalogue.data_exchange.spreadsheets.workbooks import Sheet, SheetLimits

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"{\\rtf", "a rich-text document"),
)

_MARKUP = (b"<?xml", b"<html", b"<!doctype", b"<!--", b"<head", b"<meta", b"<table", b"<workbook")
_JSON = (b'{"', b"[{", b"{\n", b"{\r\n", b"[\n", b"[\r\n")


def read_table(
    data: bytes,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    heading_row: int | None = None,
    field_of: FieldOf | None = None,
    filename: str = "",
    limits: Limits | None = None,
) -> Table:
    """Return the table in a file. Raises TableProblem if it cannot be read as a whole.

    `sheet` is a name or a number from 1. A text file counts as sheet 1. `encoding`, `delimiter` and
    `heading_row` replace the detected values. `field_of` recognises headings. Without this
    function, the cells are returned as they are: no row is left out, and no text is repaired. The
    ending of `filename` does not affect how the file is read, but a notice names a wrong ending.
    """
    limits = limits or Limits()
    if encoding is not None:
        encoding = known_encoding(encoding)
    if delimiter is not None:
        delimiter = known_delimiter(delimiter)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise TableProblem("empty_file", "The file is empty. Send a file with headings and rows.")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _from_workbook(
            data, sheet=sheet, heading_row=heading_row, field_of=field_of, limits=limits
        )
    _refuse_other_kinds(data)
    if sheet not in {None, "1"}:
        raise TableProblem(
            "sheet_not_found",
            "The file is a text file without sheets. Leave out the sheet.",
            value=sheet,
        )
    is_given = encoding is not None
    text, encoding = decode(data, encoding)
    records, delimiter = read_delimited(
        text, delimiter=delimiter, most_rows=limits.rows + SEARCHED_ROWS, field_of=field_of
    )
    grid: list[list[Cell]] = [[rearm(cell) or None for cell in record] for record in records]
    found = find_headings(grid, field_of=field_of, heading_row=heading_row)
    table = lay_out(grid, found, limits, field_of, kind="csv")
    notices = [
        *_named_otherwise(filename, encoding, delimiter),
        *([] if is_given or encoding != "mac-roman" else [_MAC_ROMAN]),
        *table.notices,
    ]
    return replace(table, encoding=encoding, delimiter=delimiter, notices=tuple(notices))


_MAC_ROMAN = TableProblem(
    "mac_roman",
    "The file was read as Mac Roman, because its words make no sense in Windows-1252. Check the "
    "accents and apostrophes. If they are wrong, choose the encoding with `encoding`.",
)


def _named_otherwise(filename: str, encoding: str, delimiter: str) -> list[TableProblem]:
    ending = filename.lower().rpartition(".")[2]
    if ending not in {"xlsx", "xlsm", "xls", "ods"}:
        return []
    return [
        TableProblem(
            "named_otherwise",
            f"The name of the file ends in .{ending}, but the file is plain text. It was read as "
            f"CSV in {ENCODINGS[encoding]} with the delimiter {DELIMITERS[delimiter]}. Check the "
            "values.",
        )
    ]


def _from_workbook(
    data: bytes,
    *,
    sheet: str | None,
    heading_row: int | None,
    field_of: FieldOf | None,
    limits: Limits,
) -> Table:
    """Return the table of the chosen sheet, or of the visible sheet with known headings."""

    def read(name: str | None) -> Sheet:
        return read_in_sandbox(
            data,
            sheet=name,
            archive=limits.archive,
            limits=SheetLimits(limits.rows + SEARCHED_ROWS, limits.columns),
        )

    chosen = read(sheet)
    if sheet is None and field_of is not None:
        chosen = choose_sheet(chosen, read, field_of, heading_row)
    found = find_headings(chosen.grid, chosen.merges, field_of=field_of, heading_row=heading_row)
    table = lay_out(chosen.grid, found, limits, field_of, kind=chosen.kind, sheet=chosen)
    if sheet is None:
        return table
    # A person who chose a sheet knows of the others.
    notices = tuple(each for each in table.notices if each.code != "sheets_not_read")
    return replace(table, notices=notices)


def _refuse_other_kinds(data: bytes) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise TableProblem("encrypted", ENCRYPTED_FILE)
        raise TableProblem(
            "old_excel_format",
            "The file is in the Excel format used before 2007. Save the file as .xlsx or CSV.",
        )
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise TableProblem(
                "unknown_kind", f"The file is {what}, not a table. Send CSV, XLSX or ODS."
            )
    start = data[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(_MARKUP):
        is_page = b"<html" in start or b"<table" in start or start.startswith(b"<!doctype html")
        what = "a web page (HTML)" if is_page else "XML"
        raise TableProblem(
            "unknown_kind",
            f"The file is {what}, whatever the ending of its name. Open the file in a spreadsheet "
            "program, and save the table as .xlsx or CSV.",
        )
    if start.startswith(_JSON):
        raise TableProblem(
            "unknown_kind",
            "The file is JSON, not a table. Import OCDS releases as contracts, or send CSV, XLSX "
            "or ODS.",
        )
