"""Conversion of cells into values. A cell that needs a guess is rejected with the reason."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from catalogue.core.tables.lists import split_list
from catalogue.data_exchange.fields import ImportField, Kind
from catalogue.data_exchange.spreadsheets.tables import Cell
from catalogue.data_exchange.synonyms import SYNONYMS, find_value, plain_words, read_yes_or_no

CapabilityLookup = Callable[[str], str | None]
"""Returns the code of a capability for its code or name, or None."""

_DASHES = frozenset({"-", "--", "---", "–", "—", ".", "?"})
_NO_TEXT = frozenset({"n a", "not applicable", "null", "nil", "blank", "not specified", "nan"})
_UNKNOWN = _NO_TEXT | {
    "na", "none", "unknown", "not known", "unk", "tbc", "tbd", "tba", "to be confirmed",
    "to be determined", "not identified", "unspecified", "pending", "not recorded",
}  # fmt: skip
_LONGEST_NOTHING = 30
_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?|\d{1,3}(?:[, \u00a0]\d{3})+")
_HOURS = re.compile(r"(\d+(?:\.\d+)?) *(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)?")
_HOURS_IN = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",),
            ("jun", "june"), ("jul", "july"), ("aug", "august"), ("sep", "september", "sept"),
            ("oct", "october"), ("nov", "november"), ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](?:\d{4}|\d{2})\b")
_EXCEL_EPOCH = date(1899, 12, 30)  # so that Excel's invented 29 February 1900 comes out right
_SERIALS = range(18_264, 109_575)  # 1950 to 2199
_SHORT_YEARS_BEFORE = 70
_MOST_DIGITS = 20
_RECORD_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class ValueProblem(ValueError):
    """A cell that cannot be read as a value of its field."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_value(
    field: ImportField, cell: Cell, capability: CapabilityLookup | None = None
) -> object:
    """Return the value of a cell, or None if the cell is empty. Raises ValueProblem."""
    text = _text(cell)
    if text is None:
        return None
    if field.kind is Kind.CHOICE:
        return _choice(field.name, text)
    if len(text) <= _LONGEST_NOTHING:
        nothing = _NO_TEXT if field.kind is Kind.TEXT else _UNKNOWN
        if plain_words(text) in nothing:
            return None
    match field.kind:
        case Kind.TEXT | Kind.EXTERNAL_ID | Kind.RECORD_ID:
            return text
        case Kind.INTEGER:
            return _integer(text)
        case Kind.HOURS:
            return _hours(text)
        case Kind.BOOLEAN:
            return _boolean(text)
        case Kind.FROM_DATE:
            return _date(cell, text)[0]
        case Kind.UNTIL_DATE:
            return _date(cell, text)[1]
        case Kind.LIST | Kind.TAGS:
            return _listed(text, ";|\n" if re.search(r"[;|\n]", text) else ",")
        case Kind.CAPABILITIES:
            return _capabilities(text, capability)


def _text(cell: Cell) -> str | None:
    """Return the cell as text, or None if it is empty."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, float):
        return format(cell, ".15g")
    # Texts pasted from a word processor often have a vertical tab as line end.
    text = "\n".join(str(cell).splitlines()).strip()
    return None if text in _DASHES or not text else text


def _choice(enumeration: str, text: str) -> str | None:
    value = find_value(enumeration, text)
    if value is None and plain_words(text) not in _UNKNOWN:
        raise ValueProblem(
            "unknown_value",
            f"The value is not known. Use one of: {', '.join(SYNONYMS[enumeration])}.",
        )
    return value


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        raise ValueProblem("not_a_number", "The value is not a whole number.")
    return int(re.sub(r"[, \u00a0]|\.0+$", "", text))


def _hours(text: str) -> int:
    match = _HOURS.fullmatch(text.casefold())
    if not match or len(text) > _MOST_DIGITS:
        raise ValueProblem("not_a_number", "The value is not a number of hours.")
    hours = float(match[1]) * _HOURS_IN[(match[2] or "h")[0]]
    if hours != int(hours):
        raise ValueProblem("not_a_number", "The value is not a whole number of hours.")
    return int(hours)


def _boolean(text: str) -> bool:
    answer = read_yes_or_no(text)
    if answer is not None:
        return answer
    raise ValueProblem("not_yes_or_no", "The value is neither yes nor no.")


def _listed(text: str, separators: str) -> list[str]:
    return split_list(text, separators)


def _capabilities(text: str, lookup: CapabilityLookup | None) -> list[str]:
    codes: list[str] = []
    for part in _listed(text, ";|\n"):
        # Names can hold commas, so a comma divides only a text that is not a name as a whole.
        whole = lookup(part) if lookup else None
        for name in [part] if whole else _listed(part, ",/"):
            code = lookup(name) if lookup else None
            if code is None:
                raise ValueProblem(
                    "unknown_capability",
                    "The value is neither the name nor the code of a capability.",
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
        return _date_in(text)
    except (ValueError, OverflowError) as error:
        if isinstance(error, ValueProblem):
            raise
        raise ValueProblem("not_a_date", "The date does not exist in the calendar.") from None


def _date_in(text: str) -> tuple[date, date]:
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
    if not isinstance(cell, str):
        return False
    try:
        _date_in(cell.strip())
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
