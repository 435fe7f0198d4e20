"""Values of custom fields: the form in which each type is stored, and the check of new values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.codes import quote, suggest
from catalogue.core.errors import FieldError, Unprocessable
from catalogue.core.money import amount_text
from catalogue.core.rest.columns import LARGEST_INTEGER
from catalogue.core.rest.loading import flatten
from catalogue.core.rest.schemas import (
    Boolean,
    DateField,
    Integer,
    MoneyField,
    Text,
    validation_error,
)
from catalogue.custom_fields.models import CustomField
from catalogue.custom_fields.vocabulary import (
    LONGEST_TEXT,
    CustomFieldRecord,
    CustomFieldType,
)

MOST_LISTED = 10
"""The most choices that a message lists."""

_NUMBER = '{field} must be a number as text, such as "1250.00", with at most two decimal places.'
_READERS: dict[CustomFieldType, ma.fields.Field[Any]] = {
    CustomFieldType.TEXT: Text(max=LONGEST_TEXT, min=0),
    CustomFieldType.CHOICE: Text(max=LONGEST_TEXT, min=0),
    CustomFieldType.INTEGER: Integer(min=-LARGEST_INTEGER),
    CustomFieldType.DECIMAL: MoneyField(error_messages={"invalid": _NUMBER}),
    CustomFieldType.DATE: DateField(),
    CustomFieldType.BOOLEAN: Boolean(),
}
_STORED: dict[CustomFieldType, Callable[[Any], Any]] = {
    CustomFieldType.DECIMAL: lambda amount: amount_text(amount or abs(amount)),
    CustomFieldType.DATE: lambda day: day.isoformat(),
}


@dataclass(frozen=True)
class DeclaredField:
    """A custom field that the records of an agency have."""

    key: str
    label: str
    type: CustomFieldType
    choices: tuple[str, ...] = ()
    description: str | None = None

    @classmethod
    def of(cls, field: CustomField) -> "DeclaredField":
        return cls(field.key, field.label, field.type, tuple(field.choices), field.description)

    def stored(self, value: Any) -> Any:
        """Return a value in the form that is stored. Raises ValidationError if it does not fit."""
        read = _READERS[self.type].deserialize(value)
        if self.type is CustomFieldType.CHOICE and read not in self.choices:
            raise validation_error(self._explain_choices(read))
        convert = _STORED.get(self.type)
        return convert(read) if convert else read

    def holds(self, value: Any) -> bool:
        """Return whether a stored value has the form of the field."""
        try:
            stored = self.stored(value)
        except ma.ValidationError:
            return False
        return type(stored) is type(value) and bool(stored == value)

    def _explain_choices(self, value: str) -> str:
        if len(self.choices) <= MOST_LISTED:
            listed = ", ".join(f"`{choice}`" for choice in self.choices)
            return f"{{field}} has no choice {quote(value)}. Use one of {listed}."
        folded = {choice.casefold(): choice for choice in self.choices}
        similar = [folded[each] for each in get_close_matches(value.casefold(), folded)]
        return (
            f"{{field}} has no choice {quote(value)}.{suggest(similar)} `GET /v1/custom-fields` "
            "lists the choices."
        )


def declared_fields(
    session: Session, agency_id: UUID | None, record: CustomFieldRecord
) -> dict[str, DeclaredField]:
    """Return the custom fields of an agency's records, its own and those of all agencies, by key."""
    owned: sa.ColumnElement[bool] = CustomField.agency_id.is_(None)
    if agency_id is not None:
        owned = sa.or_(owned, CustomField.agency_id == agency_id)
    columns = CustomField.__table__.c
    statement = (
        sa.select(columns.key, columns.label, columns.type, columns.choices, columns.description)
        .where(CustomField.record == record, owned)
        .order_by(CustomField.key)
    )
    with session.no_autoflush:
        return {
            key: DeclaredField(key, label, type_, tuple(choices), description)
            for key, label, type_, choices, description in session.execute(statement)
        }


def stored_values(
    declared: Mapping[str, DeclaredField], values: Mapping[str, Any], *, pointer: str
) -> dict[str, Any]:
    """Return values by key in the form that is stored. Keys without a declaration stay as they are.

    Null removes a value, and fits every field. Raises Unprocessable with an error for each value
    that does not fit, below `pointer`.
    """
    stored = dict(values)
    errors: list[FieldError] = []
    for key, value in values.items():
        field = declared.get(key)
        if field is None or value is None:
            continue
        try:
            stored[key] = field.stored(value)
        except ma.ValidationError as error:
            errors += flatten(error.messages, f"{pointer}/{key}")
    if errors:
        raise Unprocessable(
            "Some custom fields have values that do not fit. Correct those that `errors` lists.",
            errors=errors,
        )
    return stored
