"""Entity tags (RFC 9110): digests of the response's body, so that hidden changes never show."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from flask import Response, request
from werkzeug.datastructures import Headers

from catalogue.core.errors import FieldError, PreconditionFailed, PreconditionRequired

EXAMPLE_TAG = "9f86d081884c7d659a2feaa0c55ad015"


def etag_of(document: bytes) -> str:
    """Make the strong entity tag of a document."""
    return sha256(document).hexdigest()[:32]


class _CompleteResponse(Response):
    """A response whose body and headers are final, so that Werkzeug does not compute them again.

    That computation would take longer than finding the view.
    """

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        body: Iterable[bytes] = self.response  # type: ignore[assignment]
        return () if environ["REQUEST_METHOD"] == "HEAD" else body


def json_response(
    body: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Respond with JSON and its entity tag, or with 304 if the client already has that body."""
    return document_response(body, media="application/json", status=status, headers=headers)


def document_response(
    body: bytes, *, media: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Respond with a document of any media type. `headers` can replace the usual Cache-Control."""
    etag = etag_of(body)
    response_headers = Headers([("ETag", f'"{etag}"'), ("Cache-Control", "private, no-cache")])
    if headers:
        response_headers.update(headers)
    is_conditional = "If-None-Match" in request.headers and request.method in {"GET", "HEAD"}
    if is_conditional and request.if_none_match.contains_weak(etag):
        return Response(status=304, headers=response_headers)
    response_headers.add("Content-Type", media)
    response_headers.add("Content-Length", str(len(body)))
    return _CompleteResponse([body], status, response_headers)


def has_match_header() -> bool:
    """Return whether the client sent If-Match."""
    return bool(request.headers.get("If-Match", "").strip())


def require_match_header() -> None:
    """Raise PreconditionRequired if the client did not send If-Match (RFC 6585)."""
    if not has_match_header():
        raise PreconditionRequired


def require_match(etag: str) -> None:
    """Raise PreconditionFailed if If-Match names another state of the record."""
    if not request.if_match.contains(etag):
        if '"' not in request.headers.get("If-Match", '"'):
            raise PreconditionFailed(
                "If-Match must hold an ETag in double quotes, such as "
                f'"{EXAMPLE_TAG}", copied from the response.'
            )
        raise PreconditionFailed


def require_match_of(given: str, etag: str) -> None:
    """Raise PreconditionFailed if an entity tag in the body names another state of the record."""
    if given.strip('"') != etag:
        detail = "The record has changed since you read this ETag. Read the record again."
        raise PreconditionFailed(errors=[FieldError("/etag", "stale", detail)])
