"""Request bodies: its type, its size, its JSON, and then the schema."""

from typing import Any

import marshmallow as ma
import orjson
from flask import request

from catalogue.core.errors import BadRequest, FieldError, UnsupportedMedia
from catalogue.core.rest.loading import load

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
