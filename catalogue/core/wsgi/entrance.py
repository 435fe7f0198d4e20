"""The entrance of the application: every request comes in and leaves here.

The entrance finds the client's address and the request's id, and places the application below the
path of CATALOGUE_PUBLIC_URL. At the end it discards what is left of the body, and logs the request.
"""

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from catalogue.core.config import Settings
from catalogue.core.logs.current_request import begin_request
from catalogue.core.wsgi.client_address import find_client_address
from catalogue.core.wsgi.request_line import log, write_line
from catalogue.core.wsgi.unread_body import BodyReader, has_body

Headers = list[tuple[str, str]]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

REQUEST_ID_HEADER = "X-Request-Id"
_READS_REST = "Granian"
"""The server that needs bodies to be read to their end before the response."""


class Entrance:
    """The WSGI application that surrounds Flask's.

    `roots` are the first segments of all paths of the application.
    """

    def __init__(self, application: Application, settings: Settings, roots: frozenset[str]) -> None:
        self._application, self._roots = application, roots
        self._trusted_proxies = settings.trusted_proxies
        self._prefix = settings.public_path

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        started = perf_counter()
        environ["REMOTE_ADDR"] = find_client_address(environ, self._trusted_proxies)
        if self._prefix:
            self._enter_below_prefix(environ)
        reader = None
        if environ.get("SERVER_SOFTWARE") == _READS_REST and has_body(environ):
            reader = environ["wsgi.input"] = BodyReader(environ)
        status = 500

        def start(line: str, headers: Headers, exc_info: Any = None) -> Any:
            nonlocal status
            status = int(line[:3])
            headers.append((REQUEST_ID_HEADER, request.request_id))
            if reader is not None and not reader.discard_rest():
                _announce_end(headers)
            return start_response(line, headers, exc_info)

        with begin_request(
            request_id=environ.get("HTTP_X_REQUEST_ID"),
            traceparent=environ.get("HTTP_TRACEPARENT"),
            address=environ["REMOTE_ADDR"],
        ) as request:
            body = self._application(environ, start)
            if log.isEnabledFor(logging.INFO):
                # The time until the response is ready. Sending it depends on the client's line.
                write_line(environ, status=status, seconds=perf_counter() - started)
            return body

    def _enter_below_prefix(self, environ: dict[str, Any]) -> None:
        """Place the application below the path of the public URL.

        A proxy can take the prefix off the path, or leave it there.
        """
        path, prefix = environ.get("PATH_INFO", ""), self._prefix
        if path.startswith(f"{prefix}/"):
            rest = path[len(prefix) :]
            if rest.split("/", 2)[1] in self._roots:
                environ["PATH_INFO"] = rest
        environ["SCRIPT_NAME"] = prefix


def _announce_end(headers: Headers) -> None:
    headers[:] = [(name, value) for name, value in headers if name.lower() != "connection"]
    headers.append(("Connection", "close"))
