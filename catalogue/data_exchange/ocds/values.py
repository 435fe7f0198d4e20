"""Values of releases into those of contracts, and what publishers' programs did to them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import ValidationError

from catalogue.contracts.schemas import ContractCreate
from catalogue.core import clock
from catalogue.core.rest.loading import flatten
from catalogue.data_exchange.values import ValueProblem

# A line end that lost its backslashes on the way. No word begins so, but for some abbreviations;
# at the end of a word, as in "barn", there is no telling.
_LOST_LINE_END = re.compile(r"(?<![^\W\d_])(?:rn)+(?!(?:a|ib|li)\b)")
_PENNY = Decimal("0.01")
_LAST_MINUTE = 59
_LAST_HOUR = 23
_FIELDS = ContractCreate().fields


def accept(field: str, value: Any) -> Any:
    """The value as the API's own schema of contracts takes it. ValueProblem says why not."""
    try:
        return _FIELDS[field].deserialize(value)
    except ValidationError as error:
        first = flatten(error.messages)[0]
        raise ValueProblem(first.code, first.detail) from None


def plain(text: Any) -> str:
    """A text of one line, without lost line ends, NULs and repeated spaces; empty if it is none."""
    if not isinstance(text, str):
        return ""
    cleaned = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(_LOST_LINE_END.sub(" ", cleaned).split())


def lost_line_ends(text: Any) -> bool:
    """Whether a text has line ends that became letters."""
    return isinstance(text, str) and bool(_LOST_LINE_END.search(text))


def day_of(value: Any, *, last: bool = False) -> date:
    """The day of the United Kingdom that a date or moment names.

    A moment of the last minute of a day in UTC is that day, as an end: publishers write so in
    summer as well, when it is past midnight here already.
    """
    if not isinstance(value, str):
        raise ValueProblem("not_a_date", "It is not a date.")
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            found = date.fromisoformat(value)
        else:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                found = moment.date()
            else:
                utc = moment.astimezone(UTC)
                ends = last and (utc.hour, utc.minute) == (_LAST_HOUR, _LAST_MINUTE)
                found = utc.date() if ends else utc.astimezone(clock.UK).date()
    except (ValueError, OverflowError):
        raise ValueProblem("not_a_date", "It is not a date.") from None
    accepted: date = accept("end_date", found.isoformat())
    return accepted


def amount_of(value: Any) -> tuple[Decimal, bool]:
    """An amount in pounds and pence, and whether it had to be rounded to a penny."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueProblem("not_a_number", "It is not an amount.")
    try:
        exact = Decimal(str(value).strip())
        rounded = exact.quantize(_PENNY)
    except InvalidOperation:
        raise ValueProblem("not_a_number", "It is not an amount that can be recorded.") from None
    accepted: Decimal = accept("total_value", f"{rounded:f}")
    return accepted, rounded != exact
