"""The line of a request in the log: who called, what for, with which result.

Addresses can hold what must not be logged, such as a token that a client put there by mistake. Their
parameters are therefore logged without the values that look like secrets.
"""

import logging
import re
from typing import Any
from urllib.parse import quote

from catalogue.core.logs.formats import VALUES

log = logging.getLogger("catalogue.requests")

_SECRET_NAMES = re.compile(
    r"token|secret|passw|pwd|credential|assertion|signature|authorization|jwt|api.?key"
    r"|^(?:key|sig|code|auth|state|nonce|session)$",
    re.IGNORECASE,
)
_SECRET = re.compile(r"eyJ[\w%-]{8,}\.[\w%.-]*|itsc_[\w%-]+")
"""An access token, or the secret of a client (`access.credentials`)."""
_LONGEST = 2_000
HIDDEN = "***"


def write_line(environ: dict[str, Any], *, status: int, seconds: float) -> None:
    """Write the line of a request that has its response."""
    path, query = loggable_path(environ), loggable_query(environ.get("QUERY_STRING", ""))
    method = quote(str(environ.get("REQUEST_METHOD", "")), safe="")
    milliseconds = round(seconds * 1000, 1)
    values: dict[str, Any] = {
        "method": method,
        "path": path,
        "query": query,
        "status": status,
        "milliseconds": milliseconds,
    }
    address = f"{path}?{query}" if query else path
    log.info("%s %s %d %.1f ms", method, address, status, milliseconds, extra={VALUES: values})


def loggable_path(environ: dict[str, Any]) -> str:
    """Return the path as the client sent it, in ASCII, without tokens."""
    # WSGI decodes the bytes of the path as Latin-1.
    path = str(environ.get("SCRIPT_NAME", "")) + str(environ.get("PATH_INFO", ""))
    text = quote(path.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")
    return _SECRET.sub(HIDDEN, text)[:_LONGEST]


def loggable_query(query: str) -> str:
    """Return the query string without the values of secrets."""
    pairs = []
    for pair in query.split("&"):
        name, equals, _ = pair.partition("=")
        pairs.append(f"{name}={HIDDEN}" if equals and _SECRET_NAMES.search(name) else pair)
    text = quote("&".join(pairs), safe="/:@!$&'()*+,;=~%?[]")
    return _SECRET.sub(HIDDEN, text)[:_LONGEST]
