"""The types of a cell's value, and the largest number of rows in a sheet."""

from datetime import date, datetime
from decimal import Decimal

Cell = str | int | float | Decimal | bool | date | datetime | None
"""The value of a cell. A moment has a time zone, and None is an empty cell."""

MOST_ROWS = 1_048_575
"""The most rows below the headings of a sheet, in Excel and in LibreOffice."""


class TooManyRows(Exception):
    """The table has more rows than a sheet can hold."""
