"""Schemas and fields with strict types, bounded sizes, and a code for each error.

Marshmallow's own fields convert generously: "2" becomes 2, and 2.9 becomes 2. Several agencies rely
on each record, so these fields refuse such values. `loading.flatten` replaces `{field}` in the
messages with the name of the field.
"""

import copy
import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Self
from uuid import UUID

import marshmallow as ma
from marshmallow import ValidationError, fields

from catalogue.core.rest.columns import AMOUNT, LARGEST_INTEGER, parse
from catalogue.core.rest.descriptions import (
    RECORD_FIELDS,
    explain_form,
    without_bounds,
)
from catalogue.core.text import (
    CONTROL_CHARACTER,
    NO_CONTROL,
    NOT_BLANK,
    WHITE_SPACE,
    composed,
    has_visible,
)
from catalogue.core.types import UtcDateTime

EARLIEST_DATE, LATEST_DATE = date(1900, 1, 1), date(2199, 12, 31)
DAY = r"^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$"


class CodedMessage(str):
    """A message for people, with a stable code for programs."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str) -> Self:
        message = super().__new__(cls, text)
        message.code = code
        return message


def validation_error(detail: str, code: str = "invalid") -> ValidationError:
    """Make a validation error with a code. `{field}` in the detail stands for the field's name."""
    return ValidationError([CodedMessage(detail, code)])


def add_metadata(field: fields.Field[Any], **properties: Any) -> None:
    """Add properties to a field's documentation, unless the field states its own."""
    metadata = {name: value for name, value in properties.items() if value is not None}
    field.metadata = metadata | dict(field.metadata)


class CodedField(fields.Field[Any]):
    """A field whose error codes are the keys of its messages."""

    default_error_messages = {
        "required": "{field} is required.",
        "null": "{field} cannot be null.",
    }

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        message = self.error_messages[key]
        text = message if isinstance(message, str) else str(message)
        return validation_error(text.format(field="{field}", **kwargs), key)


class Text(CodedField, fields.String):
    """Text of `min` to `max` characters, trimmed, in Unicode normalisation form C.

    Tabs and line ends are allowed, and other control characters are refused. `pattern_text` is the
    message for text that does not match the pattern.
    """

    default_error_messages = {"invalid": "{field} must be text."}

    def __init__(
        self,
        *,
        max: int = 200,
        min: int = 1,
        pattern: str | None = None,
        pattern_text: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max, self.min, self.pattern, self.pattern_text = max, min, pattern, pattern_text
        add_metadata(
            self,
            maxLength=max,
            minLength=min or None,
            pattern=pattern or (NOT_BLANK if min else NO_CONTROL),
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if CONTROL_CHARACTER.search(value):
            detail = "{field} contains a control character other than a tab or line end. Remove it."
            raise validation_error(detail, "control_character")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            detail = "{field} contains half a surrogate pair, which is not Unicode. Remove it."
            raise validation_error(detail, "invalid") from None
        # Measured before trimming, because the document's bounds apply to the text as sent.
        too_long = f"{{field}} is longer than {self.max} characters. Shorten it."
        if len(value) > self.max:
            raise validation_error(too_long, "too_long")
        text = composed(value.strip(WHITE_SPACE))
        if len(text) < self.min:
            detail = f"{{field}} must have at least {self.min} characters."
            empty = "{field} cannot be empty."
            raise validation_error(empty if self.min == 1 else detail, "too_short")
        if self.min and not has_visible(text):
            detail = "{field} has only invisible characters. Write text that people can read."
            raise validation_error(detail, "too_short")
        if len(text) > self.max:
            # A few characters of Indian scripts become several in the normalised form.
            raise validation_error(too_long, "too_long")
        if self.pattern and not re.fullmatch(
            self.pattern.removeprefix("^").removesuffix("$"), value
        ):
            raise validation_error(self.pattern_text or explain_form(self), "pattern")
        return text


class Secret(Text):
    """A secret that the API returns once. No idempotency key stores it, so a repeat shows null."""

    def __init__(self, *, metadata: dict[str, Any]) -> None:
        described = dict(metadata)
        described["description"] += (
            " Null if the response repeats an earlier one for the same `Idempotency-Key`."
        )
        super().__init__(allow_none=True, metadata=described)


class Integer(CodedField, fields.Integer):
    """A whole number between two bounds. Text, fractions and booleans are refused."""

    default_error_messages = {"invalid": "{field} must be a whole number."}

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)
        self.min, self.max = min, max
        add_metadata(self, minimum=min, maximum=max)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            # JSON has one kind of number, and JSON Schema counts 3.0 as an integer.
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        if not self.min <= value <= self.max:
            detail = f"{{field}} must be from {self.min} to {self.max}."
            raise validation_error(detail, "out_of_range")
        return value


class Boolean(CodedField, fields.Boolean):
    """True or false. Text and numbers that stand for them are refused."""

    default_error_messages = {"invalid": "{field} must be true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class TextBoolean(CodedField, fields.Boolean):
    """True or false as text, in a form or a query string."""

    default_error_messages = {"invalid": "{field} must be true or false."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"truthy": {"true"}, "falsy": {"false"}} | kwargs))


class DateField(CodedField, fields.Date):
    """A date such as 2026-04-01, from 1900 to 2199."""

    default_error_messages = {
        "invalid": "{field} must be a date such as 2026-04-01.",
        "format": "{field} must be a date such as 2026-04-01.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        add_metadata(self, pattern=DAY)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise self.make_error("invalid")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None
        if not EARLIEST_DATE <= day <= LATEST_DATE:
            raise validation_error(
                f"{{field}} must be from {EARLIEST_DATE} to {LATEST_DATE}.", "out_of_range"
            )
        return day


class MomentField(CodedField, fields.DateTime):
    """A moment with its time zone, such as 2026-04-01T09:00:00Z (RFC 3339)."""

    default_error_messages = {"invalid": "{field} must be a time such as 2026-04-01T09:00:00Z."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            moment: datetime = parse(UtcDateTime(), value)
        except ValueError:
            raise self.make_error("invalid") from None
        return moment


class Uuid(CodedField, fields.UUID):
    """The id of a record, which is a UUID with hyphens."""

    default_error_messages = {"invalid_uuid": "{field} must be a UUID."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:
        pattern = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.make_error("invalid_uuid")
        return UUID(value)


class MoneyField(CodedField, fields.String):
    """Pounds and pence as text such as "1250.00", because JSON numbers lose pennies."""

    default_error_messages = {"invalid": '{field} must be an amount such as "1250.00".'}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        add_metadata(self, pattern=AMOUNT)

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(AMOUNT.strip("^$"), value):
            raise self.make_error("invalid")
        return Decimal(value)


class Choice(CodedField, fields.String):
    """A value of an enumeration. The API document describes each enumeration once, by its name."""

    default_error_messages = {"invalid": "{field} must be one of {choices}."}

    def __init__(self, choices: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = choices

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> StrEnum:
        if not isinstance(value, str) or value not in self.choices._value2member_map_:
            raise self.make_error("invalid", choices=", ".join(c.value for c in self.choices))
        return self.choices(value)


class ListOf(CodedField, fields.List[Any]):
    """A list of `min` to `max` values in their given order, without repeats if `unique`."""

    default_error_messages = {"invalid": "{field} must be a list."}

    def __init__(
        self, inner: Any, *, max: int = 100, min: int = 0, unique: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(inner, **kwargs)
        self.max, self.min, self.unique = max, min, unique
        add_metadata(self, maxItems=max, minItems=min or None, uniqueItems=unique or None)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > self.max:
            detail = f"{{field}} has more than {self.max} values. Send fewer."
            raise validation_error(detail, "too_many")
        if len(value) < self.min:
            noun = "value" if self.min == 1 else "values"
            raise validation_error(f"{{field}} needs at least {self.min} {noun}.", "too_few")
        loaded = super()._deserialize(value, attr, data, **kwargs)
        if self.unique:
            for i, item in enumerate(loaded):
                if item in loaded[:i]:
                    detail = "{field} repeats an earlier value. Remove it."
                    raise ValidationError({i: [CodedMessage(detail, "repeated")]})
        return loaded


class Nested(CodedField, fields.Nested):
    """An object within a record."""

    default_error_messages = {"type": "{field} must be a JSON object."}


class ProblemField(fields.Dict):
    """A problem document (RFC 9457) within a response."""


class ReadSchema(ma.Schema):
    """The schema of a response. Unknown fields are allowed, so that a new field breaks no client.

    Every field is present, though perhaps null. Only a field marked `optional` can be absent.
    """

    class Meta:
        unknown = ma.INCLUDE

    def on_bind_field(self, field_name: str, field_obj: Any) -> None:
        """Document the field without its bounds, which apply only to what a client writes."""
        field_obj.required = not field_obj.metadata.get("optional", False)
        if field_name in RECORD_FIELDS:
            add_metadata(field_obj, description=RECORD_FIELDS[field_name])
        _drop_bounds(field_obj)


def _drop_bounds(field: Any) -> None:
    field.metadata = without_bounds(field.metadata)
    inner, nested = getattr(field, "inner", None), getattr(field, "nested", None)
    if inner is not None:
        _drop_bounds(inner)
    if nested is not None and issubclass(nested, WriteSchema):
        field.nested = response_schema_of(nested)


class WriteSchema(ma.Schema):
    """The schema of a request body.

    Unknown fields are refused, so that a misspelt one is noticed.
    """

    class Meta:
        unknown = ma.RAISE

    error_messages = {
        "unknown": CodedMessage("The field {field} does not exist. Remove it.", "unknown_field"),
        "type": CodedMessage("{field} must be a JSON object.", "invalid"),
    }


@cache
def response_schema_of(written: type[WriteSchema]) -> type[ReadSchema]:
    """Make the response schema of an object that clients write as a part of a record."""
    return type(
        f"{written.__name__.removesuffix('Schema')}Answer",
        (ReadSchema,),
        copy.deepcopy(written._declared_fields) | {"__doc__": written.__doc__},
    )


def patch_schema_of(create: type[WriteSchema], name: str, *, without: tuple[str, ...] = ()) -> Any:
    """Make the merge-patch schema (RFC 7396) of a create schema: no field is required.

    Null clears a field, and is refused for a field that the record cannot be without.
    """
    patched: dict[str, Any] = {}
    for field_name, declared in create._declared_fields.items():
        if field_name in without:
            continue
        changed = copy.deepcopy(declared)
        changed.allow_none = bool(declared.allow_none)
        changed.required = False
        changed.load_default = ma.missing
        patched[field_name] = changed
    patched["__doc__"] = (
        "Changes to a record. Fields that you leave out stay unchanged, and null clears a field."
    )
    return type(name, (WriteSchema,), patched)
