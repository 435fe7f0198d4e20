"""Descriptions for the OpenAPI document, made from docstrings and vocabularies."""

import re
from enum import StrEnum
from typing import Any

import marshmallow as ma

from catalogue.core.vocabulary import Vocabulary

KERNEL_FIELDS = {
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
