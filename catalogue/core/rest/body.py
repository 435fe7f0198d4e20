"""Reading the body of a request: its type, its size, its JSON, and then the schema."""

from typing import Any

import marshmallow as ma
import orjson
from flask import request

from catalogue.core.errors import BadRequest, FieldError, Unprocessable, UnsupportedMedia

JSON_TYPES = frozenset({"application/json"})
PATCH_TYPES = frozenset({"application/merge-patch+json", "application/json"})


def load_body(schema: ma.Schema) -> Any:
    """The body, as the schema makes it; a problem with pointers when it does not fit."""
    return load(schema, _json_body())


def _json_body() -> Any:
    allowed = PATCH_TYPES if request.method == "PATCH" else JSON_TYPES
    if request.mimetype not in allowed:
        raise UnsupportedMedia(f"Send {' or '.join(sorted(allowed))}.")
    if request.content_encoding:
        raise UnsupportedMedia("Send the body as it is, without Content-Encoding.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia("JSON is UTF-8 (RFC 8259).")
    try:
        # get_data refuses what is larger than the operation allows, before it is all read.
        return orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            "The body is not JSON.", errors=[FieldError("", "malformed_json", str(error))]
        ) from None


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
        found: list[FieldError] = []
        for key, inner in messages.items():
            step = "" if key == ma.exceptions.SCHEMA else f"/{_escaped(str(key))}"
            found += flatten(inner, pointer + step)
        return found
    if isinstance(messages, list | tuple):
        return [error for inner in messages for error in flatten(inner, pointer)]
    return [FieldError(pointer, getattr(messages, "code", "invalid"), str(messages))]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
