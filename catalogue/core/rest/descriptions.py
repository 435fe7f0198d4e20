"""Texts made from declarations: descriptions for the OpenAPI document, and forms of values."""

import re
from enum import StrEnum
from typing import Any

import marshmallow as ma

from catalogue.core.vocabulary import Vocabulary

RECORD_FIELDS = {
    "id": "The id of the record, a UUID that never changes.",
    "created_at": "When the record was created, in UTC.",
    "updated_at": "When the record was last changed, in UTC.",
    "revision": "The number of times that the record has been written.",
}
"""The descriptions of fields that every record has, unless a schema gives its own."""


def first_paragraph(docstring: str) -> str:
    """Return the whole first paragraph of a docstring, on one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def enumeration(choices: type[StrEnum]) -> dict[str, Any]:
    """Describe an enumeration by its docstring and a list of what each value means."""
    description = first_paragraph(choices.__doc__ or choices.__name__)
    meanings = [f"- `{c.value}`: {c.meaning}" for c in choices if isinstance(c, Vocabulary)]
    return {
        "type": "string",
        "enum": [choice.value for choice in choices],
        "description": "\n".join([description, "", *meanings]) if meanings else description,
    }


def noun_phrase(schema: type[ma.Schema]) -> str:
    """Return a schema's name as words: "the notice date" of `NoticeDateSchema`."""
    name = schema.__name__.removesuffix("Schema")
    return "the " + re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


COPY_HASH = "Copy {field} from the record."
"""The message for a content hash that has not the form of a hash."""


def explain_form(field: Any) -> str:
    """Explain the form of a text by the example of the field, or of the list that holds it."""
    for described in (field, field.parent):
        example = getattr(described, "metadata", {}).get("example")
        for each in example if isinstance(example, list) else [example]:
            if isinstance(each, str):
                return f"{{field}} must have the form of this example: {each}."
    return "{field} does not have the form that the API document describes."


def without_bounds(metadata: Any) -> Any:
    """Copy the metadata of a field, at every depth, without the bounds of what a client writes."""
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
