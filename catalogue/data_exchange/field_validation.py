"""Validation of imported values by the schemas of the API's request bodies."""

from datetime import date
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

from catalogue.core.rest.loading import flatten
from catalogue.data_exchange.values import ValueProblem
from catalogue.systems.schemas import ExternalIdSchema, SystemCreate, SystemSchema

_FIELDS = {
    **SystemCreate().fields,
    "external_id": ExternalIdSchema().fields["id"],
    "id": SystemSchema().fields["id"],
}


def schema_field(field: str) -> Field[Any]:
    """Return the schema that checks the values of a system's field."""
    return _FIELDS[field]


def validate_field(field: str, value: Any) -> Any:
    """Return the value of a system's field for operations. Raises ValueProblem."""
    plain = value.isoformat() if isinstance(value, date) else value
    return deserialize(field, _FIELDS[field], plain)


def deserialize(name: str, field: Field[Any], value: Any) -> Any:
    """Return the value for operations. Raises ValueProblem with the code and detail of the API."""
    try:
        return field.deserialize(value)
    except ValidationError as error:
        first = flatten(error.messages, f"/{name}")[0]
        raise ValueProblem(first.code, first.detail) from None
