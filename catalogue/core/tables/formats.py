"""The file formats in which tables are written, with their media types and writers."""

from collections.abc import Iterable, Sequence
from typing import IO

from catalogue.core.tables.cells import Cell
from catalogue.core.tables.csv_table import write_csv
from catalogue.core.tables.ods_table import ODS_MEDIA, write_ods
from catalogue.core.tables.xlsx_table import write_xlsx
from catalogue.core.vocabulary import Vocabulary

CSV_MEDIA = "text/csv"
XLSX_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TableFormat(Vocabulary):
    """A file format for spreadsheet programs."""

    CSV = "csv", "Comma-separated text (RFC 4180) in UTF-8, with a byte order mark."
    XLSX = "xlsx", "An Excel workbook."
    ODS = "ods", "An OpenDocument spreadsheet."


MEDIA = {
    TableFormat.CSV: CSV_MEDIA,
    TableFormat.XLSX: XLSX_MEDIA,
    TableFormat.ODS: ODS_MEDIA,
}
"""The media type of each format."""


def content_type(table_format: TableFormat) -> str:
    """Return the value of `Content-Type` for a file in this format."""
    media = MEDIA[table_format]
    return f"{media}; charset=utf-8; header=present" if media == CSV_MEDIA else media


def write_table(
    target: IO[bytes],
    table_format: TableFormat,
    *,
    sheet_name: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """Write headings and rows to a file. Raises TooManyRows if a sheet cannot hold them."""
    match table_format:
        case TableFormat.CSV:
            write_csv(target, headings, rows)
        case TableFormat.XLSX:
            write_xlsx(target, sheet_name, headings, rows)
        case TableFormat.ODS:
            write_ods(target, sheet_name, headings, rows)
