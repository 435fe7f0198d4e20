"""Error handlers: a problem document for whatever was raised, without our own faults in it."""

import logging
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed

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

log = logging.getLogger(__name__)

POSTGRES_RETRYABLE = frozenset({"40001", "40P01", "55P03", "57P01", "57P03", "53300"})
"""Serialisation failure, deadlock, lock not available, shutdown, starting up, no connections."""


def register(app: Flask) -> None:
    """Answer every exception of the application with a problem document."""
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(sa.exc.IntegrityError, _answer_integrity)
    app.register_error_handler(StaleDataError, _answer_stale)
    app.register_error_handler(sa.exc.OperationalError, _answer_operational)
    app.register_error_handler(sa.exc.TimeoutError, _answer_busy)
    app.register_error_handler(Exception, _answer_fault)


def answer_problem(problem: Problem) -> Response:
    """The answer for a problem."""
    document = problem.document() | {"instance": request.path}
    response = Response(orjson.dumps(document), status=int(problem.status), mimetype=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(problem.headers)
    return response


def _answer_http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    kind = problem_for(error.code)
    detail = "" if error.code in {404, 405} else (error.description or "")
    problem = kind(detail)
    if isinstance(error, WerkzeugMethodNotAllowed) and error.valid_methods:
        allowed = ", ".join(sorted(error.valid_methods))
        problem = MethodNotAllowed(f"Use {allowed}.", headers={"Allow": allowed})
    if kind is TooLarge:
        problem = TooLarge("The body is larger than this operation accepts.")
        # What is still unread would be taken for the next request on the same connection.
        problem.headers["Connection"] = "close"
    retry = getattr(error, "retry_after", None)
    if retry:
        problem.headers["Retry-After"] = str(retry)
    return answer_problem(problem)


def _answer_integrity(error: sa.exc.IntegrityError) -> Response:
    return answer_problem(conflict_of(error))


def conflict_of(error: sa.exc.IntegrityError) -> Conflict:
    """What the breaking of a constraint means to the client."""
    name = _constraint_name(error)
    message = message_for_constraint(name) if name else None
    if message is None:
        log.error("A constraint without a message was broken: %s", name or error.orig)
        message = FieldError("", "conflict", "It contradicts another record.")
    return Conflict("It conflicts with what is recorded.", errors=[message])


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
    # SQLite names the columns; the constraint is the one that has just these.
    names = [column.split(".")[1] for column in columns.split(", ")]
    table = Base.metadata.tables[columns.split(".", maxsplit=1)[0]]
    candidates: list[Any] = [*table.constraints, *table.indexes]
    for constraint in candidates:
        unique = isinstance(constraint, sa.UniqueConstraint) or getattr(constraint, "unique", False)
        if unique and [c.name for c in constraint.columns] == names:
            return str(constraint.name)
    return None


def _answer_stale(_error: StaleDataError) -> Response:
    return answer_problem(PreconditionFailed("Somebody else changed it at the same moment."))


def _answer_operational(error: sa.exc.OperationalError) -> Response:
    state = getattr(error.orig, "sqlstate", None)
    busy = "locked" in str(error.orig) or "database or disk is full" in str(error.orig)
    if state in POSTGRES_RETRYABLE or busy or error.connection_invalidated or state is None:
        return _answer_busy(error)
    return _answer_fault(error)


def _answer_busy(error: sa.exc.SQLAlchemyError) -> Response:
    """The database does not answer, or every connection to it is taken."""
    log.warning("The database did not answer: %s", getattr(error, "orig", error))
    return answer_problem(
        Unavailable("The database is busy; try again.", headers={"Retry-After": "1"})
    )


def _answer_fault(error: Exception) -> Response:
    log.error("Fault in %s %s", request.method, request.path, exc_info=error)
    return answer_problem(InternalError("It has been logged."))
