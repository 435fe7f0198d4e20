"""Error handlers: a problem document for each exception, without details of the code."""

import errno
import logging
import sqlite3
from http import HTTPStatus
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, current_app, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.routing import RoutingException

from catalogue.core.application import ports
from catalogue.core.database import Base
from catalogue.core.errors import (
    PROBLEM_JSON,
    Conflict,
    FieldError,
    InternalError,
    MethodNotAllowed,
    PreconditionFailed,
    Problem,
    TooLarge,
    Unavailable,
    message_for_constraint,
    problem_for,
)
from catalogue.core.logs.current_request import current_request
from catalogue.core.rest.examples import EXAMPLE_ID

log = logging.getLogger(__name__)

POSTGRES_RETRYABLE = frozenset({"40001", "40P01", "55P03", "57P01", "57P03", "53300"})
"""The SQLSTATE codes of errors after which a request can be sent again.

They mean: serialisation failure, deadlock, lock not available, shutdown, start-up, and too many
connections.
"""

API_PATHS = ("/v1/", "/oauth/", "/.well-known/", "/health/", "/docs/")
"""The beginnings of the paths where errors are problem documents. Other paths are pages."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The errors of a disk that is full, or of a file that is larger than the system allows."""


def register(app: Flask) -> None:
    """Register the handlers that respond to every exception with a problem document."""
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(sa.exc.IntegrityError, _answer_integrity)
    app.register_error_handler(StaleDataError, _answer_stale)
    app.register_error_handler(sa.exc.OperationalError, _answer_operational)
    app.register_error_handler(sa.exc.TimeoutError, _answer_busy)
    app.register_error_handler(OSError, _answer_system_error)
    app.register_error_handler(Exception, _answer_fault)


def answer_problem(problem: Problem) -> Response:
    """Respond with a problem document, which caches must not store.

    Outside the API, the response is a page for people.
    """
    if not f"{request.path}/".startswith(API_PATHS):
        page: Response = ports().show_problem(problem)
        return page
    document = problem.document() | {
        "instance": request.script_root + request.path,
        "request_id": _request_id(),
    }
    response = Response(orjson.dumps(document), status=int(problem.status), mimetype=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(problem.headers)
    return response


def _request_id() -> str:
    current = current_request()
    return current.request_id if current else ""


def _answer_http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    kind = problem_for(error.code)
    detail = "" if error.code in {404, 405} else (error.description or "")
    problem = kind(_explain_missing_path() if error.code == HTTPStatus.NOT_FOUND else detail)
    if isinstance(error, WerkzeugMethodNotAllowed) and error.valid_methods:
        allowed = ", ".join(sorted(error.valid_methods))
        problem = MethodNotAllowed(
            f"This path does not support {request.method}. Use {allowed}.",
            headers={"Allow": allowed},
        )
    if kind is TooLarge:
        problem = TooLarge("The body is larger than this operation accepts. Send a smaller body.")
        # The server would take the unread rest for the next request on the same connection.
        problem.headers["Connection"] = "close"
    retry = getattr(error, "retry_after", None)
    if retry:
        problem.headers["Retry-After"] = str(retry)
    return answer_problem(problem)


def _explain_missing_path() -> str:
    """Explain that an id is not a UUID, the usual reason why no operation has the path."""
    adapter = current_app.url_map.bind("localhost")
    segments = request.path.split("/")
    for place, segment in enumerate(segments):
        if not segment:
            continue
        candidate = "/".join([*segments[:place], EXAMPLE_ID, *segments[place + 1 :]])
        try:
            if not adapter.allowed_methods(candidate):
                continue
        except (HTTPException, RoutingException):
            continue
        return (
            "An id in this path is not a UUID. Use the `id` of the record, such as "
            f"{EXAMPLE_ID}, which the lists return."
        )
    return ""


def _answer_integrity(error: sa.exc.IntegrityError) -> Response:
    return answer_problem(conflict_of(error))


def conflict_of(error: sa.exc.IntegrityError) -> Conflict:
    """Turn a broken database constraint into the error that is registered for it."""
    name = _constraint_name(error)
    message = message_for_constraint(name) if name else None
    if message is None:
        log.error("A constraint without a registered error was broken: %s", name or error.orig)
        message = FieldError(
            "", "conflict", "The record conflicts with another record. Correct its values."
        )
    return Conflict(message.detail, errors=[message])


def _constraint_name(error: sa.exc.IntegrityError) -> str | None:
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return diagnostics.constraint_name  # type: ignore[no-any-return]
    text = str(error.orig)
    if text.startswith("UNIQUE constraint failed: index "):
        return text.split("'")[1]
    if text.startswith("CHECK constraint failed: "):
        return text.removeprefix("CHECK constraint failed: ")
    if text.startswith("UNIQUE constraint failed: "):
        return _unique_name(text.removeprefix("UNIQUE constraint failed: "))
    return None


def _unique_name(columns: str) -> str | None:
    # SQLite names only the columns, so find the constraint that has exactly those columns.
    names = [column.split(".")[1] for column in columns.split(", ")]
    table = Base.metadata.tables[columns.split(".", maxsplit=1)[0]]
    candidates: list[Any] = [*table.constraints, *table.indexes]
    for constraint in candidates:
        unique = isinstance(constraint, sa.UniqueConstraint) or getattr(constraint, "unique", False)
        if unique and [c.name for c in constraint.columns] == names:
            return str(constraint.name)
    return None


def _answer_stale(_error: StaleDataError) -> Response:
    return answer_problem(
        PreconditionFailed(
            "Another client changed the record at the same time. Read it again, then repeat the "
            "change."
        )
    )


def _answer_operational(error: sa.exc.OperationalError) -> Response:
    state = getattr(error.orig, "sqlstate", None)
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        # A statement that SQLite cannot understand, which no retry helps.
        return _answer_fault(error)
    busy = "locked" in str(error.orig) or "database or disk is full" in str(error.orig)
    if state in POSTGRES_RETRYABLE or busy or error.connection_invalidated or state is None:
        return _answer_busy(error)
    return _answer_fault(error)


def _answer_busy(error: sa.exc.SQLAlchemyError) -> Response:
    """Respond with 503, because the database does not respond or all its connections are in use."""
    log.warning("The database did not respond: %s", getattr(error, "orig", error))
    return answer_problem(
        Unavailable("The database is busy. Try again in a second.", headers={"Retry-After": "1"})
    )


def _answer_system_error(error: OSError) -> Response:
    """Respond with 503 if a temporary file finds no room. Any other error is a fault."""
    if error.errno not in _FULL:
        return _answer_fault(error)
    log.error("No room for a file in %s %s: %s", request.method, request.path, error)
    return answer_problem(
        Unavailable(
            "The service has no room for the file. Try again later, or request fewer records."
        )
    )


def _answer_fault(error: Exception) -> Response:
    log.error("Fault in %s %s", request.method, request.path, exc_info=error)
    detail = (
        f"The service has a fault. Report it to the operator with the request id {_request_id()}."
    )
    return answer_problem(InternalError(detail))
