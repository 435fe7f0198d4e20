"""Schema loading: a document by its schema, be it a body, a path, or a row of a file."""

from typing import Any

import marshmallow as ma

from catalogue.core.errors import FieldError, Unprocessable


def load(schema: ma.Schema, document: Any, *, pointer: str = "") -> Any:
    """Load a document; Unprocessable names every value that does not fit."""
    try:
        return schema.load(document)
    except ma.ValidationError as error:
        raise Unprocessable(
            "Some values are not acceptable.", errors=flatten(error.messages, pointer)
        ) from None


def flatten(messages: Any, pointer: str = "") -> list[FieldError]:
    """Marshmallow's nested messages as a flat list of pointers."""
    if isinstance(messages, dict):
        errors: list[FieldError] = []
        for key, inner in messages.items():
            step = "" if key == ma.exceptions.SCHEMA else f"/{_escaped(str(key))}"
            errors += flatten(inner, pointer + step)
        return errors
    if isinstance(messages, list | tuple):
        return [error for inner in messages for error in flatten(inner, pointer)]
    return [FieldError(pointer, getattr(messages, "code", "invalid"), str(messages))]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
