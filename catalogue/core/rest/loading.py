"""Schema loading, of a request body, the parts of a path, or a row of a file."""

from typing import Any

import marshmallow as ma

from catalogue.core.errors import FieldError, Unprocessable


def load(schema: ma.Schema, document: Any, *, pointer: str = "") -> Any:
    """Load a document by its schema. Unprocessable lists every value that is not valid."""
    try:
        return schema.load(document)
    except ma.ValidationError as error:
        raise Unprocessable(errors=flatten(error.messages, pointer)) from None


def flatten(messages: Any, pointer: str = "") -> list[FieldError]:
    """Turn marshmallow's nested messages into a flat list with pointers.

    `{field}` in a message becomes the name of the field, so that each message is clear alone.
    """
    if isinstance(messages, dict):
        errors: list[FieldError] = []
        for key, inner in messages.items():
            step = "" if key == ma.exceptions.SCHEMA else f"/{_escaped(str(key))}"
            errors += flatten(inner, pointer + step)
        return errors
    if isinstance(messages, list | tuple):
        return [error for inner in messages for error in flatten(inner, pointer)]
    names = [step for step in pointer.split("/")[1:] if not step.isdecimal()]
    field = f"`{names[-1]}`" if names else "The value"
    detail = str(messages).replace("{field}", field)
    return [FieldError(pointer, getattr(messages, "code", "invalid"), detail)]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
