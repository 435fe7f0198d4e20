"""Whether a value is acceptable: by the very schema that the API's bodies go through."""

from datetime import date
from typing import Any

from marshmallow import ValidationError

from catalogue.core.rest.loading import flatten
from catalogue.data_exchange.values import ValueProblem
from catalogue.systems.schemas import ExternalIdSchema, SystemCreate

_FIELDS = {**SystemCreate().fields, "external_id": ExternalIdSchema().fields["id"]}


def accept(field: str, value: Any) -> Any:
    """The value as operations take it. Raises ValueProblem with the API's code and reason."""
    try:
        return _FIELDS[field].deserialize(value.isoformat() if isinstance(value, date) else value)
    except ValidationError as error:
        first = flatten(error.messages)[0]
        raise ValueProblem(first.code, first.detail) from None
