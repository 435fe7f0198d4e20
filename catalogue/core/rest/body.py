"""Request bodies: the checks of content type, size and JSON, and then the schema."""

from typing import Any

import marshmallow as ma
import orjson
from flask import request

from catalogue.core.errors import BadRequest, FieldError, UnsupportedMedia
from catalogue.core.rest.loading import load

JSON_TYPES = frozenset({"application/json"})
PATCH_TYPES = frozenset({"application/merge-patch+json", "application/json"})


def load_body(schema: ma.Schema) -> Any:
    """Load the body of the request by a schema. Unprocessable lists the values that are invalid."""
    return load(schema, _json_body())


def _json_body() -> Any:
    allowed = PATCH_TYPES if request.method == "PATCH" else JSON_TYPES
    if request.mimetype not in allowed:
        raise UnsupportedMedia(f"Send the body as {' or '.join(sorted(allowed))}.")
    if request.content_encoding:
        raise UnsupportedMedia("The body is compressed. Send it without a Content-Encoding.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia("JSON must be encoded in UTF-8 (RFC 8259).")
    try:
        # get_data refuses a body that is too large before it has read all of it.
        return orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            "The body is not valid JSON.",
            errors=[FieldError("", "malformed_json", f"The JSON parser reports: {error}.")],
        ) from None
