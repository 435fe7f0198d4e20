"""Loading of request bodies, paths and rows of files with their schemas."""

from typing import Any

import marshmallow as ma

from catalogue.core.errors import FieldError, Unprocessable
from catalogue.core.exact_json import pointer_to


def load(schema: ma.Schema, document: Any, *, pointer: str = "") -> Any:
    """Load a document with its schema. Raises Unprocessable with every invalid value."""
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
            step = "" if key == ma.exceptions.SCHEMA else pointer_to(str(key))
            errors += flatten(inner, pointer + step)
        return errors
    if isinstance(messages, list | tuple):
        return [error for inner in messages for error in flatten(inner, pointer)]
    detail = str(messages).replace("{field}", _name_of(pointer))
    return [FieldError(pointer, getattr(messages, "code", "invalid"), detail)]


def _name_of(pointer: str) -> str:
    """Return the words for the place of a value: a field, or an entry of a list, counted from 1."""
    steps = pointer.split("/")[1:]
    names = [step for step in steps if not step.isdecimal()]
    if not names:
        return f"Entry {int(steps[-1]) + 1} of the list" if steps else "The body"
    entry = f"Entry {int(steps[-1]) + 1} of " if steps[-1].isdecimal() else ""
    return f"{entry}`{names[-1]}`"
