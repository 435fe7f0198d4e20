"""Request bodies: the checks of content type, size and JSON, and then the schema."""

from dataclasses import replace
from typing import Any

import marshmallow as ma
import orjson
from flask import request

from catalogue.core.errors import BadRequest, FieldError, Unprocessable, UnsupportedMedia
from catalogue.core.rest.loading import load

JSON_TYPES = frozenset({"application/json"})
PATCH_TYPES = frozenset({"application/merge-patch+json", "application/json"})


def load_body(schema: ma.Schema, *, returned: type[ma.Schema] | None = None) -> Any:
    """Load the body of the request with a schema. Raises Unprocessable with every invalid value.

    `returned` is the schema of the response, whose fields a client may send back by mistake.
    """
    document = _json_body()
    try:
        return load(schema, document)
    except Unprocessable as problem:
        if returned is not None:
            problem.errors = [_explain_read_only(error, returned) for error in problem.errors]
        raise


def _explain_read_only(error: FieldError, returned: type[ma.Schema]) -> FieldError:
    name = error.pointer.removeprefix("/")
    if error.code != "unknown_field" or name not in returned._declared_fields:
        return error
    return replace(error, detail=f"You cannot set `{name}`. Remove it.")


def _json_body() -> Any:
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
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        title = "The body is not valid JSON. Correct it and send the request again."
        detail = f"The body is not valid JSON. Correct the place that the parser reports: {error}."
        if not data.strip():
            title = detail = "The body is empty. Send a JSON object."
        raise BadRequest(title, errors=[FieldError("", "malformed_json", detail)]) from None
