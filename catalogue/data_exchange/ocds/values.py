"""Conversion of values in releases, with repairs of damage by publishers' programs."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from catalogue.contracts.schemas import ContractCreate
from catalogue.core import clock
from catalogue.data_exchange.field_validation import deserialize
from catalogue.data_exchange.values import ValueProblem

# A line end that lost its backslashes. Only some abbreviations begin like this. At the end of a
# word, as in "barn", it cannot be recognised.
_LOST_LINE_END = re.compile(r"(?<![^\W\d_])(?:rn)+(?!(?:a|ib|li)\b)")
_PENNY = Decimal("0.01")
_LAST_MINUTE = 59
_LAST_HOUR = 23
_FIELDS = ContractCreate().fields


def validate_field(field: str, value: Any) -> Any:
    """Return the value of a contract's field for operations. Raises ValueProblem."""
    return deserialize(field, _FIELDS[field], value)


def plain(text: Any) -> str:
    """Return text as one line, without lost line ends, NULs and repeated spaces.

    A value of another type gives an empty string.
    """
    if not isinstance(text, str):
        return ""
    cleaned = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(_LOST_LINE_END.sub(" ", cleaned).split())


def has_lost_line_ends(text: Any) -> bool:
    """Return whether text has line ends that became the letters “rn”."""
    return isinstance(text, str) and bool(_LOST_LINE_END.search(text))


def day_of(value: Any, *, last: bool = False) -> date:
    """Return the day in the United Kingdom of a date or moment.

    An end in the last minute of a day in UTC means that day. Publishers write this in summer too,
    when it is already past midnight in the United Kingdom.
    """
    if not isinstance(value, str):
        raise ValueProblem(
            "not_a_date", "The value is not a date. Write it as YYYY-MM-DD, such as 2026-03-31."
        )
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = date.fromisoformat(value)
        else:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                day = moment.date()
            else:
                utc = moment.astimezone(UTC)
                ends = last and (utc.hour, utc.minute) == (_LAST_HOUR, _LAST_MINUTE)
                day = utc.date() if ends else utc.astimezone(clock.UK).date()
    except (ValueError, OverflowError):
        raise ValueProblem(
            "not_a_date", "The value is not a date. Write it as YYYY-MM-DD, such as 2026-03-31."
        ) from None
    accepted: date = validate_field("end_date", day.isoformat())
    return accepted


def amount_of(value: Any) -> tuple[Decimal, bool]:
    """Return an amount in pounds and pence, and whether it was rounded."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueProblem(
            "not_a_number", "The value is not an amount. Write a number such as 1250.00."
        )
    try:
        exact = Decimal(str(value).strip())
        rounded = exact.quantize(_PENNY)
    except InvalidOperation:
        raise ValueProblem(
            "not_a_number", "The value is not an amount. Write a number such as 1250.00."
        ) from None
    accepted: Decimal = validate_field("total_value", f"{rounded:f}")
    return accepted, rounded != exact
