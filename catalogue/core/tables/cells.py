"""Cells of tables, and the bounds of a sheet."""

from datetime import date, datetime
from decimal import Decimal

Cell = str | int | float | Decimal | bool | date | datetime | None
"""The value of a cell. A moment has a time zone, and None is an empty cell."""

MOST_ROWS = 1_048_575
"""The rows of a sheet below its headings, in Excel as in LibreOffice."""


class TooManyRows(Exception):
    """The table has more rows than a sheet can hold."""
