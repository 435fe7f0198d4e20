"""Conversion of cells into values. A cell that needs a guess is rejected with the reason.

A value comes with a notice if the cell holds more than the value, or something else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from catalogue.core.tables.lists import split_list
from catalogue.core.text import composed
from catalogue.data_exchange.amounts import (
    read_amount,
    read_financial_year,
    read_hours,
    read_months,
    read_notice,
)
from catalogue.data_exchange.custom_values import find_choice, read_decimal
from catalogue.data_exchange.everyday_values import (
    LONGEST_NOTHING,
    approximate_number,
    is_error,
    is_financial_year,
    means_nothing,
)
from catalogue.data_exchange.fields import ImportField, Kind
from catalogue.data_exchange.spreadsheets.table import Cell
from catalogue.data_exchange.synonyms import SYNONYMS, find_value, plain_words, read_yes_or_no

CapabilityLookup = Callable[[str], str | None]
"""Returns the code of a capability for its code or name, or None."""

_DASHES = frozenset({"-", "--", "---", "–", "—", ".", "?"})
_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?|\d{1,3}(?:[, \u00a0]\d{3})+")
_MONTH_NAMES = (
    "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august"
    "|sep sept september|oct october|nov november|dec december"
)
_MONTHS = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.split("|"), start=1)
    for name in names.split()
}
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})\b")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR_FIRST = re.compile(r"\s*\d{4}-")
_EXCEL_EPOCH = date(1899, 12, 30)  # so that Excel's invented 29 February 1900 comes out right
_SERIALS = range(18_264, 109_575)  # 1950 to 2199
_SHORT_YEARS_BEFORE = 70
_MOST_DIGITS = 20
_RECORD_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_EXACT_DIGITS = 10**15
"""Spreadsheet programs keep 15 digits of a number, and replace the others with zeros."""
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_SEVERAL_LINES = frozenset({"description", "notes", "comments", "note", "fallback"})
_ANNUAL = {"annual_value": True, "total_value": False, "exit_cost": False}
"""Whether a field holds an amount for each year."""
_ERRORS = ("#", "Err:", "ERR:", "err:")
_LONGEST_SPAN = 10
"""The length of a whole date, which no span of years such as 2023/2024 reaches."""
_APPROXIMATE = frozenset({"user_count", "users"})


class ValueProblem(ValueError):
    """A cell that cannot be read as a value of its field."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with the code and the detail of a notice. The value None counts as an empty cell."""

    value: object
    code: str
    detail: str


def without_notice(value: object) -> object:
    """Return a value that was read, without its notice if it has one."""
    return value.value if isinstance(value, Noted) else value


def read_value(
    field: ImportField, cell: Cell, capability: CapabilityLookup | None = None
) -> object:
    """Return the value of a cell, with a notice if there is one, or None if the cell is empty.

    Raises ValueProblem if the value can only be guessed.
    """
    text = _text(cell)
    if text is None:
        return None
    if text.startswith(_ERRORS) and is_error(text):
        return _error(field)
    if len(text) <= LONGEST_NOTHING and not text[-1].isdigit():
        words = plain_words(text)
        is_known = field.kind is Kind.CHOICE and _find_choice(field, text) is not None
        if not is_known and means_nothing(field.name, words):
            detail = "The words mean that there is no value, so the cell counts as empty."
            return Noted(None, "no_value", detail)
    match field.kind:
        case Kind.CHOICE:
            return _choice(field, text)
        case Kind.TEXT:
            keeps_lines = field.label or field.name in _SEVERAL_LINES
            return text if keeps_lines else _one_line(text)
        case Kind.EXTERNAL_ID:
            return _identity(cell, text)
        case Kind.RECORD_ID:
            return text
        case Kind.INTEGER:
            return _integer(text, approximate=bool(field.label) or field.name in _APPROXIMATE)
        case Kind.HOURS:
            return _number(read_hours, text)
        case Kind.AMOUNT:
            return _noted(partial(read_amount, is_annual=_ANNUAL.get(field.name)), text)
        case Kind.DECIMAL:
            return _noted(read_decimal, text)
        case Kind.DAYS:
            return _number(read_notice, text)
        case Kind.MONTHS:
            return _number(read_months, text)
        case Kind.FINANCIAL_YEAR:
            return _financial_year(text)
        case Kind.CHOICES:
            parts = _listed(text, ";|\n,")
            return list(dict.fromkeys(_choice(field, part) for part in parts))
        case Kind.BOOLEAN:
            return _boolean(text)
        case Kind.DAY:
            return _only_day(*_date(cell, text))
        case Kind.FROM_DATE:
            return _date(cell, text)[0]
        case Kind.UNTIL_DATE:
            return _date(cell, text)[1]
        case Kind.LIST | Kind.TAGS:
            return _listed(text, ";|\n" if re.search(r"[;|\n]", text) else ",")
        case Kind.CAPABILITIES:
            return _capabilities(text, capability)


def _error(field: ImportField) -> Noted:
    """Return an empty value with a notice, for a cell with the error of a formula.

    Raises ValueProblem for a field that would then get a default or another name.
    """
    detail = "The cell holds the error of a formula, or a value that did not fit its column."
    if field.name == "name" or field.kind in {Kind.CHOICE, Kind.BOOLEAN}:
        raise ValueProblem("error_text", f"{detail} Correct the cell.")
    return Noted(None, "error_text", f"{detail} It counts as empty.")


def _one_line(text: str) -> object:
    lines = text.splitlines()
    if len(lines) == 1:
        return text
    one = " ".join(line.strip() for line in lines if line.strip())
    return Noted(one, "line_breaks", "The line breaks in the text were replaced by spaces.")


def _identity(cell: Cell, text: str) -> object:
    is_rounded = isinstance(cell, int | float) and abs(cell) >= _EXACT_DIGITS
    if is_rounded or _SCIENTIFIC.fullmatch(text):
        raise ValueProblem(
            "shortened_id",
            "A spreadsheet program has replaced digits of the id with a power of ten or with zeros. "
            "Format the column as text, and enter the whole id again.",
        )
    return _one_line(text)


def _text(cell: Cell) -> str | None:
    """Return the cell as text, or None if it is empty."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="minutes" if not cell.second else "seconds")
    if isinstance(cell, float):
        return format(cell, ".15g")
    # Text from a word processor often has vertical tabs as line ends.
    text = str(cell)
    text = composed((text if text.isprintable() else "\n".join(text.splitlines())).strip())
    return None if text in _DASHES or not text else text


def _find_choice(field: ImportField, text: str) -> str | None:
    return find_choice(field.choices, text) if field.choices else find_value(field.name, text)


def _choice(field: ImportField, text: str) -> str:
    value = _find_choice(field, text)
    if value is None:
        choices = ", ".join(field.choices or SYNONYMS[field.name])
        raise ValueProblem("unknown_value", f"The value is not known. Use one of: {choices}.")
    return value


def _integer(text: str, *, approximate: bool) -> object:
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        about = approximate_number(text) if approximate and len(text) <= LONGEST_NOTHING else None
        if about is not None:
            detail = f"The number is approximate or has further words. {about:,} was recorded."
            return Noted(about, "approximate_number", detail)
        raise ValueProblem("not_a_number", "The value is not a whole number. Write digits only.")
    return int(re.sub(r"[, \u00a0]|\.0+$", "", text))


def _number(read: Callable[[str], int], text: str) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise ValueProblem("not_a_number", str(error)) from None


def _noted(read: Callable[[str], tuple[object, str | None]], text: str) -> object:
    try:
        number, notice = read(text)
    except ValueError as error:
        raise ValueProblem("not_a_number", str(error)) from None
    return Noted(number, "approximate_number", notice) if notice else number


def _financial_year(text: str) -> str:
    try:
        return read_financial_year(text)
    except ValueError as error:
        raise ValueProblem("not_a_financial_year", str(error)) from None


def _boolean(text: str) -> bool:
    answer = read_yes_or_no(text)
    if answer is not None:
        return answer
    raise ValueProblem("not_yes_or_no", "The value is neither yes nor no. Write one of them.")


def _listed(text: str, separators: str) -> list[str]:
    return split_list(text, separators)


def _capabilities(text: str, lookup: CapabilityLookup | None) -> list[str]:
    codes: list[str] = []
    for part in _listed(text, ";|\n"):
        # Names can hold commas, so a comma divides only text that is not a name as a whole.
        whole = lookup(part) if lookup else None
        for name in [part] if whole else _listed(part, ",/"):
            code = lookup(name) if lookup else None
            if code is None:
                raise ValueProblem(
                    "unknown_capability",
                    "The value is neither the name nor the code of a capability. Use a name "
                    "or code from the list of capabilities.",
                )
            codes.append(code)
    return list(dict.fromkeys(codes))


def _date(cell: Cell, text: str) -> tuple[date, date]:
    """Return the first and last day that the text can mean, which differ for a month or year."""
    if isinstance(cell, datetime):
        return cell.date(), cell.date()
    if isinstance(cell, date):
        return cell, cell
    try:
        # The two usual forms need no other test.
        if _DAY.fullmatch(text):
            return _day(int(text[:4]), int(text[5:7]), int(text[8:]))
        if len(text) == _LONGEST_SPAN and (match := _NUMERIC_DATE.fullmatch(text)):
            return _day_first(int(match[1]), int(match[2]), _year(match[3]))
        return _date_in(text)
    except (ValueError, OverflowError) as error:
        if isinstance(error, ValueProblem):
            raise
        raise ValueProblem(
            "not_a_date", "The date does not exist in the calendar. Correct it."
        ) from None


def _only_day(first: date, last: date) -> date:
    if first != last:
        detail = (
            "The value is a month or a year, and the field takes a day. Write it as YYYY-MM-DD."
        )
        raise ValueProblem("not_a_date", detail)
    return first


def _date_in(text: str) -> tuple[date, date]:
    if (len(text) < _LONGEST_SPAN or text[0] in "fF") and is_financial_year(text):
        raise ValueProblem(
            "financial_year",
            "The value can be a financial year, which is not a date. Write the date as YYYY-MM-DD.",
        )
    text = re.sub(
        r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?$", "", text
    )
    parts = re.findall(r"\d+|[^\W\d_]+", text)
    if len(parts) == 3 and parts[1].lower() in _MONTHS:
        return _day(_year(parts[2]), _MONTHS[parts[1].lower()], int(parts[0]))
    if parts and parts[0].lower() in _MONTHS:
        if len(parts) == 3:  # December 31, 2025: the month is a word, so the date is clear
            return _day(_year(parts[2]), _MONTHS[parts[0].lower()], int(parts[1]))
        if len(parts) == 2:
            return _month(_year(parts[1]), _MONTHS[parts[0].lower()])
    if not all(part.isdecimal() for part in parts) or not re.fullmatch(r"[\d/.\- ]+", text):
        raise _no_date()
    numbers = [int(part) for part in parts]
    lengths = tuple(len(part) for part in parts)
    match lengths:
        case (8,):
            return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
        case (4,):
            return date(numbers[0], 1, 1), date(numbers[0], 12, 31)
        case (5 | 6,) if numbers[0] in _SERIALS:
            day = _EXCEL_EPOCH + timedelta(days=numbers[0])
            return day, day
        case (4, 1 | 2, 1 | 2):
            return _day(*numbers)
        case (1 | 2, 1 | 2, 2 | 4):
            return _day_first(numbers[0], numbers[1], _year(parts[2]))
        case (4, 1 | 2) if numbers[1] <= 12:
            return _month(*numbers)
        case (1 | 2, 4):
            return _month(numbers[1], numbers[0])
    raise _no_date()


def _day_first(day: int, month: int, year: int) -> tuple[date, date]:
    if month > 12 >= day >= 1:
        raise ValueProblem(
            "month_first_date",
            "The date has the month first, as in the United States. Dates must have the day first. "
            "Write the date as YYYY-MM-DD, and check the other dates of the column.",
        )
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> tuple[date, date]:
    only_day = date(year, month, day)
    return only_day, only_day


def _month(year: int, month: int) -> tuple[date, date]:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _year(text: str) -> int:
    if len(text) not in {2, 4} or not text.isdecimal():
        raise _no_date()
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < _SHORT_YEARS_BEFORE else 1900)


def _no_date() -> ValueProblem:
    return ValueProblem(
        "not_a_date", "The value is not a date. Write a date as YYYY-MM-DD or DD/MM/YYYY."
    )


def is_record_id(cell: Cell) -> bool:
    """Return whether a cell has the form of the catalogue's own ids."""
    return isinstance(cell, str) and _RECORD_ID.fullmatch(cell.strip()) is not None


def has_month_first(cell: Cell) -> bool:
    """Return whether a cell can only be a date with the month first, such as 12/31/2025."""
    if not isinstance(cell, str) or _YEAR_FIRST.match(cell):
        return False
    text = cell.strip()
    if len(text) == _LONGEST_SPAN and (match := _NUMERIC_DATE.fullmatch(text)):
        return int(match[2]) > 12 >= int(match[1]) >= 1
    try:
        _date_in(text)
    except ValueProblem as problem:
        return problem.code == "month_first_date"
    except (ValueError, OverflowError):
        pass
    return False


def is_ambiguous_date(cell: Cell) -> bool:
    """Return whether a cell is a date that could have the month first, such as 03/04/2025."""
    match = _NUMERIC_DATE.match(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return False
    return match[1] != match[2] and max(int(match[1]), int(match[2])) <= 12
