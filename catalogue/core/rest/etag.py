"""Entity tags (RFC 9110): digests of the response's body, so that hidden changes never show.

A proxy that compresses a response makes its tag weak, or adds the coding to it. The digest still
identifies the document, so such a tag is accepted wherever a client sends a tag.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from flask import Response, request
from werkzeug.datastructures import Headers

from catalogue.core.errors import FieldError, PreconditionFailed, PreconditionRequired

EXAMPLE_TAG = "9f86d081884c7d659a2feaa0c55ad015"

_TAG = re.compile(r'(?:^|(?<=,))\s*(?:[Ww]/)?(?:"([^"]*)"([^",\s]*)|([^",\s]+))\s*(?=,|$)')
_CODING = re.compile(r"(?:[-;:+._]{1,2}(?:gzip|gz|br|brotli|deflate|df|zstd|zst|compress))*")
"""The suffix that proxies add, for example in `"…-gzip"`, `"…;gzip"` and `"…"-gzip`."""


def _names(tags: str, etag: str) -> bool:
    """Return whether a list of tags holds this tag: strong, weak, or with a coding added."""
    return any(
        text.startswith(etag) and _CODING.fullmatch(text, len(etag))
        for text in map("".join, _TAG.findall(tags))
    )


def etag_of(document: bytes) -> str:
    """Make the strong entity tag of a document."""
    return sha256(document).hexdigest()[:32]


def client_has(etag: str) -> bool:
    """Return whether the client already has the document, by If-None-Match of a read."""
    tags = request.headers.get("If-None-Match")
    if tags is None or request.method not in {"GET", "HEAD"}:
        return False
    return tags.strip() == "*" or _names(tags, etag)


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
    if client_has(etag):
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
    tags = request.headers.get("If-Match", "*")
    if tags.strip() != "*" and not _names(tags, etag):
        if '"' not in tags:
            raise PreconditionFailed(
                "If-Match must hold an ETag in double quotes, such as "
                f'"{EXAMPLE_TAG}", copied from the response.'
            )
        raise PreconditionFailed


def require_match_of(given: str, etag: str) -> None:
    """Raise PreconditionFailed if an entity tag in the body names another state of the record."""
    if not _names(given, etag):
        detail = "The record has changed since you read this ETag. Read the record again."
        raise PreconditionFailed(errors=[FieldError("/etag", "stale", detail)])
