"""Examples for the OpenAPI document, made from the schemas so that they stay correct."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from catalogue.core.rest import schemas

_PROBLEM = {
    "type": "urn:catalogue:problem:invalid",
    "title": "Some values are invalid",
    "status": 422,
    "detail": "Correct the values that `errors` lists.",
    "errors": [{"pointer": "/name", "code": "required", "detail": "`name` is required."}],
}
EXAMPLE_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10"


def example_of(schema: type[ma.Schema], *, only_required: bool = False) -> dict[str, Any]:
    """Make a body that is valid for the schema, from the examples or the types of its fields."""
    return {
        declared.data_key or name: example_of_field(name, declared)
        for name, declared in schema().fields.items()
        if declared.required or not only_required
    }


def example_of_field(name: str, field: Any) -> Any:
    """Return the example of the field, or else a valid value of its type."""
    if "example" in field.metadata:
        return field.metadata["example"]
    match field:
        case schemas.Choice():
            return next(iter(field.choices)).value
        case schemas.ProblemField():
            return None if field.allow_none else _PROBLEM
        case schemas.MoneyField():
            return "125000.00"
        case fields.UUID():
            return EXAMPLE_ID
        case fields.DateTime():
            return "2026-04-01T09:00:00+00:00"
        case fields.Date():
            return "2026-04-01"
        case fields.Boolean():
            return False
        case fields.Integer():
            return getattr(field, "min", 0)
        case fields.List():
            return [example_of_field(name, field.inner)]
        case fields.Nested():
            return example_of(type(field.schema))
        case fields.Dict():
            return None if field.allow_none else {}
        case _:
            return name.replace("_", " ").capitalize()
