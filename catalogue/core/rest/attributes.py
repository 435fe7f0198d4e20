"""The field for a record's custom fields: a map of short values, whose keys the agency chooses."""

from typing import Any

from marshmallow import ValidationError, fields

from catalogue.core.rest.descriptions import CUSTOM_VALUES
from catalogue.core.rest.schemas import CodedField, Text, add_metadata, validation_error
from catalogue.core.text import NOT_BLANK, composed


class Attributes(CodedField, fields.Dict):
    """Custom fields: an object of strings, numbers, booleans and nulls."""

    default_error_messages = {"invalid": "{field} must be a JSON object with your custom fields."}

    def __init__(self, *, max: int = 50, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max = max
        add_metadata(
            self,
            maxProperties=max,
            propertyNames={"minLength": 1, "maxLength": 100, "pattern": NOT_BLANK},
            additionalProperties={"anyOf": CUSTOM_VALUES},
        )

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if len(value) > self.max:
            raise validation_error(
                f"{{field}} has more than {self.max} fields. Remove some.", "too_many"
            )
        inner = Text(max=2000, min=0)
        kept: dict[str, Any] = {}
        for name, custom in value.items():
            try:
                Text(max=100).deserialize(name)
                key = composed(name)
                if key in kept:
                    detail = "The object has this key more than once. Send each key once."
                    raise validation_error(detail, "repeated")
                kept[key] = custom
                if isinstance(custom, str):
                    inner.deserialize(custom)
                    kept[key] = composed(custom)
                elif not isinstance(custom, int | float | bool | None):
                    raise validation_error("{field} must be text, a number, true, false or null.")
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from None
        return kept
