"""The `as_of` parameter of reads."""

from datetime import date, datetime, timedelta
from typing import Any

import marshmallow as ma

from catalogue.core import clock
from catalogue.core.errors import bad_parameter
from catalogue.core.rest.columns import parse
from catalogue.core.types import UtcDateTime

AS_OF = "as_of"
EARLIEST_YEAR = 1970
AS_OF_DESCRIPTION = (
    "The records as they stood at this moment, or at the end of this day in the United Kingdom; "
    "as far as history has been kept."
)
AS_OF_SCHEMA = {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}


def parse_as_of(text: str) -> datetime:
    """The moment that a text means; ValueError says what was expected."""
    try:
        if len(text) == len("2026-04-01"):
            day = date.fromisoformat(text)
            moment = clock.start_of(day + timedelta(days=1)) - timedelta(microseconds=1)
        else:
            moment = parse(UtcDateTime(), text)
    except (ValueError, OverflowError):
        raise ValueError("a moment such as 2026-04-01T09:00:00Z, or a day") from None
    if moment.year < EARLIEST_YEAR:
        raise ValueError(f"not before {EARLIEST_YEAR}")
    if moment > clock.now() and text != clock.today().isoformat():
        raise ValueError("a moment that has passed: what is to come is not recorded")
    return moment


def take_as_of(arguments: dict[str, list[str]]) -> datetime | None:
    """Take the moment out of the parameters, if one is given; BadRequest if it is none."""
    texts = arguments.pop(AS_OF, None)
    if texts is None:
        return None
    try:
        if len(texts) > 1:
            raise ValueError("given only once")
        return parse_as_of(texts[0])
    except ValueError as error:
        raise bad_parameter(AS_OF, "invalid", f"It should be {error}.") from None


class AsOfField(ma.fields.String):
    """A moment that has passed, or a day."""

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> datetime:
        try:
            return parse_as_of(value)
        except ValueError as error:
            raise ma.ValidationError(f"It should be {error}.") from None


class AsOfQuery(ma.Schema):
    """When a record is to be read as of."""

    as_of = AsOfField(load_default=None, metadata=AS_OF_SCHEMA | {"description": AS_OF_DESCRIPTION})
