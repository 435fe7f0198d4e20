"""The path and the size of a request, checked before the path is matched to an operation.

Each encoded slash is kept inside its segment.

WSGI decodes the path, so `cmdb%2Fnorth/CI1` and `cmdb/north%2FCI1` look the same there, and the
first would name another record than the client meant. Some servers also pass the path as the client
sent it, and so can a gateway in `X-Original-URI`. From that, this module marks encoded slashes
before the path is matched to an operation.
"""

import re
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import (
    NotFound,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
)

LONGEST_TARGET = 16 * 1024
"""The longest path with its query, in bytes. Gateways allow 8 KiB by default."""

LARGEST_HEADERS = 64 * 1024
"""The largest sum of all headers, in bytes."""

_MARK = "\udc2f"
"""The mark for an encoded slash. No decoded path has it, because UTF-8 has no lone surrogates."""

_ENCODED_SLASH = re.compile("%2f", re.IGNORECASE)
_SENT_PATHS = ("RAW_URI", "REQUEST_URI", "HTTP_X_ORIGINAL_URI")


def require_size(environ: dict[str, Any]) -> None:
    """Raise RequestURITooLarge or RequestHeaderFieldsTooLarge for a request beyond the limits.

    The server itself refuses much larger requests, with the same statuses but without a body.
    """
    if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > LONGEST_TARGET:
        raise RequestURITooLarge(
            f"The path and query have more than {LONGEST_TARGET:,} bytes. Send fewer values in "
            "one request."
        )
    size = sum(
        len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_")
    )
    if size > LARGEST_HEADERS:
        raise RequestHeaderFieldsTooLarge(
            f"The headers have more than {LARGEST_HEADERS:,} bytes. Send fewer or shorter headers."
        )


def path_to_match(environ: dict[str, Any], decoded: str) -> str:
    """Return the path to match, in which a mark stands for each encoded slash.

    `decoded` is the path as WSGI has it. Raises NotFound if the path begins with two slashes.
    """
    received: str = environ.get("PATH_INFO", "")
    if received.startswith("//"):
        # Werkzeug would match such a path without the second slash, past the rules of a gateway.
        raise NotFound
    for name in _SENT_PATHS:
        sent = environ.get(name, "")
        if "%2" in sent:
            marked = _marked(sent.partition("?")[0], received)
            if marked is not None:
                return marked
    return decoded


def _marked(sent: str, received: str) -> str | None:
    """Mark the encoded slashes of a path as it was sent, or return None if it is another path.

    A gateway can remove a prefix, so the path received can be the end of the path sent.
    """
    surplus = len(unquote_to_bytes(sent)) - len(received)
    if surplus < 0 or unquote_to_bytes(sent[surplus:]) != received.encode("latin-1"):
        return None
    pieces = _ENCODED_SLASH.split(sent[surplus:])
    return _MARK.join(unquote_to_bytes(piece).decode(errors="replace") for piece in pieces)


def restore_slashes(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Replace the marks in the matched parts of a path with slashes."""
    for name, value in (values or {}).items():
        if type(value) is str and _MARK in value:
            values[name] = value.replace(_MARK, "/")  # type: ignore[index]
