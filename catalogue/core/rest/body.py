"""Request bodies: the checks of content type, size and JSON, and then the schema."""

from dataclasses import replace
from typing import Any

import marshmallow as ma
import orjson
from flask import request

from catalogue.core.errors import BadRequest, FieldError, Unprocessable, UnsupportedMedia
from catalogue.core.exact_json import find_faults
from catalogue.core.rest.loading import load

JSON_TYPES = frozenset({"application/json"})
PATCH_TYPES = frozenset({"application/merge-patch+json", "application/json"})


def load_body(schema: ma.Schema, *, returned: type[ma.Schema] | None = None) -> Any:
    """Load the body of the request with a schema. Raises Unprocessable with every invalid value.

    `returned` is the schema of the response, whose fields a client may send back by mistake.
    """
    document, inexact = _json_body()
    try:
        loaded = load(schema, document)
    except Unprocessable as problem:
        if returned is not None:
            problem.errors = [_explain_read_only(error, returned) for error in problem.errors]
        named = {error.pointer for error in problem.errors}
        problem.errors += [error for error in inexact if error.pointer not in named]
        raise
    if inexact:
        raise Unprocessable(errors=inexact)
    return loaded


def _explain_read_only(error: FieldError, returned: type[ma.Schema]) -> FieldError:
    name = error.pointer.removeprefix("/")
    if error.code != "unknown_field" or name not in returned._declared_fields:
        return error
    return replace(error, detail=f"You cannot set `{name}`. Remove it.")


def _json_body() -> tuple[Any, list[FieldError]]:
    """Return the JSON of the body, and an error for each number that was not read exactly."""
    allowed = PATCH_TYPES if request.method == "PATCH" else JSON_TYPES
    if request.mimetype not in allowed:
        raise UnsupportedMedia(f"Send the body as {' or '.join(sorted(allowed))}.")
    if request.content_encoding:
        raise UnsupportedMedia("The body is compressed. Send it without a Content-Encoding.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia("The body is not in UTF-8. Encode JSON in UTF-8 (RFC 8259).")
    # get_data refuses a body that is too large before it has read all of it.
    data = request.get_data(cache=True)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if beyond := _numbers_beyond_range(data):
            raise Unprocessable(errors=beyond) from None
        title = "The body is not valid JSON. Correct it and send the request again."
        detail = f"The body is not valid JSON. Correct the place that the parser reports: {error}."
        if not data.strip():
            title = detail = "The body is empty. Send a JSON object."
        raise _malformed(title, detail) from None
    try:
        faults = find_faults(data.decode())
    except RecursionError:
        title = "The body has too many objects or lists within each other. Send fewer levels."
        raise _malformed(title, title) from None
    if faults.repeated:
        raise BadRequest(
            "The body has a key more than once in one object. Send each key once.",
            errors=faults.repeated,
        )
    return document, faults.inexact


def _numbers_beyond_range(data: bytes) -> list[FieldError]:
    """Locate the numbers without which the parser could read the body."""
    try:
        return find_faults(data.decode()).inexact
    except (ValueError, RecursionError):
        return []


def _malformed(title: str, detail: str) -> BadRequest:
    return BadRequest(title, errors=[FieldError("", "malformed_json", detail)])
