"""Entity tags (RFC 9110): of what an answer says, so that what is not shown cannot be felt."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from flask import Response, request
from werkzeug.datastructures import Headers

from catalogue.core.errors import FieldError, PreconditionFailed, PreconditionRequired


def etag_of(document: bytes) -> str:
    """The strong entity tag of a document."""
    return sha256(document).hexdigest()[:32]


class _CompleteResponse(Response):
    """An answer that has its whole body and all its headers: there is nothing left for Werkzeug to
    work out, which takes it longer than to find the view.
    """

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        body: Iterable[bytes] = self.response  # type: ignore[assignment]
        return () if environ["REQUEST_METHOD"] == "HEAD" else body


def json_response(
    body: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with JSON and its entity tag; 304 where the client says it has it already."""
    return document_response(body, media="application/json", status=status, headers=headers)


def document_response(
    body: bytes, *, media: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The same for a document of any media type. `headers` may say how long it may be cached."""
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
    """Whether the client says which state its change is meant for."""
    return bool(request.headers.get("If-Match", "").strip())


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
