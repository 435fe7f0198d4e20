"""Validation of imported values by the schema of the API's request bodies."""

from datetime import date
from typing import Any

from marshmallow import ValidationError

from catalogue.core.rest.loading import flatten
from catalogue.data_exchange.values import ValueProblem
from catalogue.systems.schemas import ExternalIdSchema, SystemCreate

_FIELDS = {**SystemCreate().fields, "external_id": ExternalIdSchema().fields["id"]}


def validate_field(field: str, value: Any) -> Any:
    """Return the value for operations. Raises ValueProblem with the code and detail of the API."""
    try:
        return _FIELDS[field].deserialize(value.isoformat() if isinstance(value, date) else value)
    except ValidationError as error:
        first = flatten(error.messages)[0]
        raise ValueProblem(first.code, first.detail) from None
