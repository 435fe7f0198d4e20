"""Descriptions made from declarations, for the OpenAPI document and for error messages."""

import re
from enum import StrEnum
from typing import Any

import marshmallow as ma

from catalogue.core.text import NO_CONTROL
from catalogue.core.vocabulary import Vocabulary

RECORD_FIELDS = {
    "id": "The id of the record, a UUID that never changes.",
    "created_at": "When the record was created, in UTC.",
    "updated_at": "When the record was last changed, in UTC.",
    "revision": "The number of times that the record has been written.",
}
"""The descriptions of fields that every record has, unless a schema gives its own."""

CUSTOM_VALUES: list[dict[str, Any]] = [
    {
        "type": "string",
        "maxLength": 2000,
        "pattern": NO_CONTROL,
        "description": (
            "A text or a choice, a date such as `2026-04-01`, or a number with decimal places such "
            "as `1250.00`."
        ),
    },
    {"type": "number", "description": "A whole number, or any undeclared number."},
    {"type": "boolean", "description": "Yes or no."},
    {"type": "null", "description": "No value. In a change, null removes a field."},
]
"""The values of custom fields, each with its meaning."""


def first_paragraph(docstring: str) -> str:
    """Return the whole first paragraph of a docstring, on one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def enumeration(choices: type[StrEnum]) -> dict[str, Any]:
    """Describe an enumeration: its docstring, and the meaning of each value."""
    description = first_paragraph(choices.__doc__ or choices.__name__)
    meanings = [f"- `{c.value}`: {c.meaning}" for c in choices if isinstance(c, Vocabulary)]
    return {
        "type": "string",
        "enum": [choice.value for choice in choices],
        "description": "\n".join([description, "", *meanings]) if meanings else description,
    }


def noun_phrase(schema: type[ma.Schema]) -> str:
    """Return the name of a schema as words: "the notice date" for `NoticeDateSchema`."""
    name = schema.__name__.removesuffix("Schema")
    return "the " + re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


COPY_HASH = "{field} is not a content hash. Copy the hash from the record."
"""The message for a value that does not have the form of a content hash."""


def explain_form(field: Any) -> str:
    """Return the message for text in the wrong form, with an example of the field or its list."""
    for described in (field, field.parent):
        example = getattr(described, "metadata", {}).get("example")
        for each in example if isinstance(example, list) else [example]:
            if isinstance(each, str):
                return f"{{field}} must have the form of this example: {each}."
    return "{field} is in the wrong form. Send the form that the API document describes."


def without_bounds(metadata: Any) -> Any:
    """Copy a field's metadata at every depth, without the bounds that apply only to requests."""
    if isinstance(metadata, dict):
        return {
            name: without_bounds(each) for name, each in metadata.items() if name not in _BOUNDS
        }
    return [without_bounds(each) for each in metadata] if isinstance(metadata, list) else metadata


_BOUNDS = {
    "optional",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "propertyNames",
}
