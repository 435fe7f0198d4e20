"""The parameter `as_of`, which reads records as they stood at a past moment."""

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
    "Return the records as they stood at this past moment, or at the end of this day in the "
    "United Kingdom. Send a time with its zone, or a date. States from before the audit log began "
    "are unknown. Today's sharing applies."
)
AS_OF_SCHEMA = {"type": "string", "examples": ["2026-04-01T09:00:00Z", "2026-04-01"]}


def parse_as_of(text: str) -> datetime:
    """Parse a moment, or a day as its last moment.

    Raises ValueError with the expected form in words.
    """
    try:
        if len(text) == len("2026-04-01"):
            day = date.fromisoformat(text)
            moment = clock.start_of(day + timedelta(days=1)) - timedelta(microseconds=1)
        else:
            moment = parse(UtcDateTime(), text)
    except (ValueError, OverflowError):
        raise ValueError("a time such as 2026-04-01T09:00:00Z or a date") from None
    if moment.year < EARLIEST_YEAR:
        raise ValueError(f"{EARLIEST_YEAR} or later")
    if moment > clock.now() and text != clock.today().isoformat():
        raise ValueError("in the past, because the future is not recorded")
    return moment


def take_as_of(arguments: dict[str, list[str]]) -> datetime | None:
    """Remove `as_of` from the parameters, and return it or None.

    Raises BadRequest if it is invalid.
    """
    texts = arguments.pop(AS_OF, None)
    if texts is None:
        return None
    try:
        if len(texts) > 1:
            raise ValueError("sent only once")
        return parse_as_of(texts[0])
    except ValueError as error:
        raise bad_parameter(AS_OF, "invalid", f"`{AS_OF}` must be {error}.") from None


class AsOfField(ma.fields.String):
    """A field for a past moment, or for a day, which stands for its last moment."""

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> datetime:
        try:
            return parse_as_of(value)
        except ValueError as error:
            raise ma.ValidationError(f"`{AS_OF}` must be {error}.") from None


class AsOfQuery(ma.Schema):
    """The past moment at which to read a record."""

    as_of = AsOfField(load_default=None, metadata=AS_OF_SCHEMA | {"description": AS_OF_DESCRIPTION})
