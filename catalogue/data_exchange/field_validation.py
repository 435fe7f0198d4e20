"""Validation of imported values by the schemas of the API's request bodies."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

from catalogue.core.rest.loading import flatten
from catalogue.data_exchange.values import ValueProblem

Schemas = Mapping[str, Field[Any]]
"""For each field of a record, the schema that checks its values."""


def validate_field(schemas: Schemas, field: str, value: Any) -> Any:
    """Return the value of a record's field for operations. Raises ValueProblem."""
    plain = value.isoformat() if isinstance(value, date) else value
    return deserialize(field, schemas[field], plain)


def deserialize(name: str, field: Field[Any], value: Any) -> Any:
    """Return the value for operations. Raises ValueProblem with the code and detail of the API."""
    try:
        return field.deserialize(value)
    except ValidationError as error:
        first = flatten(error.messages, f"/{name}")[0]
        raise ValueProblem(first.code, first.detail) from None
