"""Entity tags (RFC 9110): of what an answer says, so that what is not shown cannot be felt."""

from hashlib import sha256

from flask import Response, request

from catalogue.core.errors import FieldError, PreconditionFailed, PreconditionRequired


def etag_of(document: bytes) -> str:
    """The strong entity tag of a document."""
    return sha256(document).hexdigest()[:32]


def json_response(
    body: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with JSON and its entity tag; 304 where the client says it has it already."""
    etag = etag_of(body)
    known = "If-None-Match" in request.headers and request.method in {"GET", "HEAD"}
    if known and request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        response = Response(body, status=status, mimetype="application/json")
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    if headers:
        response.headers.extend(headers)
    return response


def has_match_header() -> bool:
    """Whether the client says which state its change is meant for."""
    return "If-Match" in request.headers


def require_match_header() -> None:
    """A change must say which state it is meant for (RFC 6585)."""
    if not has_match_header():
        raise PreconditionRequired("Send If-Match with the ETag of the record as you read it.")


def require_match(etag: str) -> None:
    """Refuse a change that was meant for another state of the record."""
    if not request.if_match.contains(etag):
        raise PreconditionFailed("Read the record again, and change what is there now.")


def require_match_of(given: str, etag: str) -> None:
    """The same for an entity tag that came in the body."""
    if given.strip('"') != etag:
        raise PreconditionFailed(
            "Read the record again, and change what is there now.",
            errors=[FieldError("/etag", "stale", "The record has changed since.")],
        )
