"""The numbers that each server process counts of its requests, for the metrics of the server."""

import logging
import os
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from flask import Flask, Response, current_app, request

from catalogue.core.application import database
from catalogue.core.monitoring.metrics import FOLDER_VARIABLE

if TYPE_CHECKING:
    from prometheus_client import Counter, Gauge, Histogram

log = logging.getLogger(__name__)

_STARTED = "catalogue.started"
_OAUTH = "oauth"
_OTHER = "other"
"""The operation of a request that belongs to none, such as one for a path that does not exist."""


class _Instruments(NamedTuple):
    """The numbers that each process counts."""

    requests: "Counter"
    seconds: "Histogram"
    connections: "Gauge"


@cache
def _instruments() -> _Instruments:
    from prometheus_client import Counter, Gauge, Histogram

    return _Instruments(
        Counter(
            "catalogue_requests",
            "The requests that were responded to.",
            ("operation", "method", "status"),
        ),
        Histogram(
            "catalogue_request_seconds",
            "The time from a request to the start of its response.",
            ("operation",),
        ),
        Gauge(
            "catalogue_database_connections",
            "The connections for writing, by their use.",
            ("state",),
            multiprocess_mode="livesum",
        ),
    )


def count_requests(app: Flask) -> None:
    """Count the requests of this process, if `serve` or the operator has named a shared folder."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        Path(folder).mkdir(parents=True, exist_ok=True)
        app.before_request(_note_start)
        app.after_request(_note_end)


def _note_start() -> None:
    request.environ[_STARTED] = time.perf_counter()


def _note_end(response: Response) -> Response:
    try:
        _count(response)
    except OSError:
        # A full disk must not turn a response that has been committed into an error.
        log.warning("The request could not be counted for the metrics.", exc_info=True)
    return response


def _operation_name(endpoint: str | None) -> str:
    """Return the operation of an endpoint.

    The endpoints of OAuth are plain routes, whose functions have names like those of operations.
    The files of a page share the name of their blueprint.
    """
    view = current_app.view_functions.get(endpoint or "")
    if endpoint is None or view is None:
        return _OTHER
    if operation := getattr(view, "operation", None):
        return str(operation.name)
    blueprint, _, name = endpoint.rpartition(".")
    return name if blueprint == _OAUTH else blueprint or name


def _count(response: Response) -> None:
    operation = _operation_name(request.endpoint)
    instruments = _instruments()
    known = request.method if operation != _OTHER else ""
    instruments.requests.labels(operation, known, str(response.status_code)).inc()
    if (started := request.environ.get(_STARTED)) is not None:
        instruments.seconds.labels(operation).observe(time.perf_counter() - started)
    pool = database().engine.pool
    if isinstance(pool, sa.QueuePool):
        instruments.connections.labels("in_use").set(pool.checkedout())
        instruments.connections.labels("idle").set(pool.checkedin())
