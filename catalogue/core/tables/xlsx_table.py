"""XLSX files, written by XlsxWriter with one row in memory at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import IO, Any

from catalogue.core.tables.cells import MOST_ROWS, Cell, TooManyRows
from catalogue.core.tables.csv_table import disarm

LONGEST_TEXT = 32_767
"""The most characters that an Excel cell can hold."""
_CUT = " … (cut, because an Excel cell holds no more)"
_EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001 - the library takes no zone
"""The creation time of every file, so that the same records give the same bytes."""
_FIRST_DAY = date(1900, 3, 1)
"""The first day that Excel counts correctly, because Excel has a 29 February 1900."""
_NARROWEST, _WIDEST = 12, 40
_FORMATS = {
    "date": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "amount": {"num_format": "#,##0.00"},
    # Excel would turn the text into a formula when somebody edits the cell.
    "formula": {"quote_prefix": True},
}
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": True,
}


@contextmanager
def open_workbook(target: IO[bytes], **options: Any) -> Iterator[Any]:
    """Open a workbook that turns no text into a formula, number or link.

    The end of the block writes the file. After an error, no temporary file is left.
    Raises OSError if the disk is full.
    """
    import xlsxwriter

    # The library leaves its temporary files behind when it cannot finish.
    with TemporaryDirectory(prefix="catalogue-xlsx-") as directory:
        book = xlsxwriter.Workbook(target, _OPTIONS | options | {"tmpdir": directory})
        book.set_properties({"created": _EPOCH})
        try:
            yield book
            failure = _finish(book)
        finally:
            for sheet in book.worksheets():
                if sheet.row_data_fh is not None:
                    with suppress(OSError):
                        sheet.row_data_fh.close()
    if failure is not None:
        raise failure


def _finish(book: Any) -> OSError | None:
    """Write the file, and return the error if it could not be written.

    The library's own error would keep the open archive, which then writes to a closed file.
    """
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        return OSError(*error.args[0].args)
    return None


def write_xlsx(
    target: IO[bytes], sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write headings and rows as one sheet. Moments are in UTC. Raises TooManyRows."""
    with open_workbook(target, constant_memory=True) as book:
        sheet = book.add_worksheet(sheet_name)
        write_headings(book, sheet, headings)
        write = _writers(book, sheet)
        for number, row in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise TooManyRows
            for column, cell in enumerate(row):
                if cell is not None:
                    write[type(cell)](number, column, cell)


def write_headings(book: Any, sheet: Any, headings: Sequence[str]) -> None:
    """Write the row of headings in bold, and keep the row in view when the reader scrolls."""
    bold = book.add_format({"bold": True})
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, min(max(_NARROWEST, len(heading) + 2), _WIDEST))
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    sheet.freeze_panes(1, 0)


def _writers(book: Any, sheet: Any) -> dict[type, Callable[[int, int, Any], object]]:
    """Return the function that writes each type of cell.

    XlsxWriter can find the type of each cell itself, but that takes most of its time.
    """
    formats = {name: book.add_format(properties) for name, properties in _FORMATS.items()}

    def text(row: int, column: int, cell: str) -> None:
        if len(cell) > LONGEST_TEXT:
            cell = cell[: LONGEST_TEXT - len(_CUT)] + _CUT
        armed = formats["formula"] if disarm(cell) is not cell else None
        sheet.write_string(row, column, cell, armed)

    def day(row: int, column: int, cell: date) -> None:
        if cell < _FIRST_DAY:
            sheet.write_string(row, column, cell.isoformat())
        else:
            sheet.write_datetime(row, column, cell, formats["date"])

    def moment(row: int, column: int, cell: datetime) -> None:
        if cell.date() < _FIRST_DAY:
            sheet.write_string(row, column, cell.isoformat())
        else:
            in_utc = cell.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(row, column, in_utc, formats["moment"])

    def amount(row: int, column: int, cell: Decimal) -> None:
        sheet.write_number(row, column, cell, formats["amount"])

    return {
        str: text,
        bool: sheet.write_boolean,
        int: sheet.write_number,
        float: sheet.write_number,
        Decimal: amount,
        date: day,
        datetime: moment,
    }
