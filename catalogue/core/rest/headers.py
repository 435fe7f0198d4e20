"""The headers of requests and responses, as the OpenAPI document describes them."""

from typing import Any

from catalogue.core.models import LONGEST_KEY
from catalogue.core.text import ONE_LINE

LONGEST_REASON = 500


def _text(**bounds: Any) -> dict[str, Any]:
    return {"type": "string"} | bounds


_MATCH = {
    "name": "If-Match",
    "description": (
        "The ETag of the record as you read it. If the record has changed since, the API refuses "
        "the request with 412."
    ),
    "example": '"6f1c0a52d1b94b6c8f5d9a2b7e3c4d10"',
}

REQUEST_HEADERS: dict[str, dict[str, Any]] = {
    "IfMatch": _MATCH | {"required": True, "schema": _text(minLength=1)},
    "IfMatchOptional": _MATCH | {"schema": _text()},
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": (
            "An ETag that you already have. If it is still current, the API returns 304 and no "
            "body."
        ),
        "schema": _text(),
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": (
            "A key that you choose for this request, such as a UUID. The same request with the "
            "same key within 24 hours returns the first response again."
        ),
        "schema": _text(minLength=1, maxLength=LONGEST_KEY, pattern="^[ -~]+$"),
    },
    "ChangeReason": {
        "name": "Change-Reason",
        "description": (
            "Why you make the change, on one line without tabs. The audit log keeps the reason. "
            "Percent-encode characters outside ASCII, for example `caf%C3%A9`."
        ),
        "schema": _text(maxLength=LONGEST_REASON, pattern=ONE_LINE),
    },
}

RESPONSE_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": (
            "The entity tag of the representation. Send it back in `If-Match` or `If-None-Match`."
        ),
        "required": True,
        "schema": _text(),
    },
    "Location": {
        "description": "The path of the record or job that was created.",
        "required": True,
        "schema": _text(format="uri-reference"),
    },
    "Link": {
        "description": 'The next page, as `rel="next"` (RFC 8288). Absent on the last page.',
        "schema": _text(),
    },
    "IdempotentReplayed": {
        "description": "`true` if this is an earlier response to the same key, sent again.",
        "schema": {"type": "boolean"},
    },
    "Challenge": {
        "description": "How to authenticate (RFC 6750), and why a token was refused.",
        "required": True,
        "schema": _text(),
    },
    "ScopeChallenge": {
        "description": (
            "The scope that the token lacks (RFC 6750). Absent if the request was refused for "
            "another reason."
        ),
        "schema": _text(),
    },
    "RetryAfter": {
        "description": "The number of seconds to wait before you send the request again.",
        "schema": {"type": "integer"},
    },
}

ERROR_HEADERS = {
    401: {"WWW-Authenticate": "Challenge"},
    403: {"WWW-Authenticate": "ScopeChallenge"},
    409: {"Retry-After": "RetryAfter"},
    503: {"Retry-After": "RetryAfter"},
}
