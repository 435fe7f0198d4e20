"""Blueprints: the registration of views, and the steps that each request goes through.

Every view is registered in this module, so that none can lack its scope, its errors or its commit.
The steps are: authenticate and check the scope, read the body, run the view, commit once, and
respond. An exception at any step rolls everything back.
"""

import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import unquote_to_bytes

import flask_smorest
import marshmallow as ma
import orjson
from flask import Response, request
from sqlalchemy.exc import IntegrityError

from catalogue.core.actor import ANONYMOUS, Actor, Author, Scope
from catalogue.core.application import database, ports, settings
from catalogue.core.context import Context
from catalogue.core.database import UnitOfWork
from catalogue.core.deferred_check import DeferredCheck
from catalogue.core.errors import (
    BadRequest,
    Conflict,
    FieldError,
    InsufficientScope,
    NotAcceptable,
    NotFound,
    Unprocessable,
    UnsupportedMedia,
    bad_parameters,
)
from catalogue.core.logs.current_request import note_actor
from catalogue.core.rest.accept import best_media
from catalogue.core.rest.body import load_body
from catalogue.core.rest.error_handlers import conflict_of
from catalogue.core.rest.etag import json_response, require_match_header
from catalogue.core.rest.headers import LONGEST_REASON
from catalogue.core.rest.idempotency import run_once
from catalogue.core.rest.loading import load
from catalogue.core.rest.operation import ANY_TOKEN, PUBLIC, NoScope, Operation
from catalogue.core.rest.parameter_errors import repeated_parameter, unknown_parameter
from catalogue.core.text import ONE_LINE
from catalogue.core.transactions import run_in_transaction

__all__ = ["ACTOR", "ANY_TOKEN", "PUBLIC", "Blueprint"]

View = Callable[..., Any]

ACTOR = "catalogue.actor"
"""The key of the WSGI environment that holds the actor of a call from within the process."""


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A group of operations. Register each with `get`, `post`, `patch`, `put` or `delete`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operations: list[Operation] = []
        self._undocumented: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def get(self, rule: str, *, scope: Scope | NoScope, **options: Any) -> Callable[[View], View]:
        """Register an operation that reads and cannot write."""
        return self._operation("GET", rule, scope, options)

    def post(self, rule: str, *, scope: Scope | NoScope, **options: Any) -> Callable[[View], View]:
        """Register an operation that creates a record or performs an action.

        An operation with `is_query` changes nothing, so a client can repeat it without an
        Idempotency-Key. All other writes accept a key.
        """
        is_query = bool(options.get("is_query"))
        usual = {"status": 200 if is_query else 201, "idempotent": not is_query}
        return self._operation("POST", rule, scope, usual | options)

    def put(self, rule: str, *, scope: Scope | NoScope, **options: Any) -> Callable[[View], View]:
        """Register an operation that creates or replaces a record under the client's own id."""
        return self._operation("PUT", rule, scope, {"idempotent": True} | options)

    def patch(self, rule: str, *, scope: Scope | NoScope, **options: Any) -> Callable[[View], View]:
        """Register an operation that changes some fields (JSON Merge Patch, RFC 7396).

        By default it requires If-Match.
        """
        usual = {"if_match": True, "idempotent": True}
        return self._operation("PATCH", rule, scope, usual | options)

    def delete(
        self, rule: str, *, scope: Scope | NoScope, **options: Any
    ) -> Callable[[View], View]:
        """Register an operation that deletes a record.

        By default it requires If-Match and returns 204.
        """
        usual = {"if_match": True, "idempotent": True, "status": 204}
        return self._operation("DELETE", rule, scope, usual | options)

    def _store_endpoint_docs(self, endpoint: str, *details: Any, **options: Any) -> None:
        """Keep the description for later, because making the document takes seconds."""
        self._undocumented.append((endpoint, details, options))

    def register_views_in_doc(self, *args: Any, **kwargs: Any) -> None:
        """Add the description of each operation to the document."""
        for endpoint, (view, *details), options in self._undocumented:
            view._apidoc = {"manual_doc": view.operation.document()}
            super()._store_endpoint_docs(endpoint, view, *details, **options)
        self._undocumented.clear()
        super().register_views_in_doc(*args, **kwargs)

    def _operation(
        self, method: str, rule: str, scope: Scope | NoScope, options: dict[str, Any]
    ) -> Callable[[View], View]:
        if not isinstance(scope, Scope | NoScope):
            raise TypeError(f"{self.name} {method} {rule}: an operation needs a scope.")

        def register(view: View) -> View:
            if not view.__doc__:
                raise TypeError(f"{view.__name__}: the docstring is the operation's summary.")
            details = inspect.cleandoc(view.__doc__).partition("\n\n")[2]
            operation = Operation(
                name=view.__name__,
                method=method,
                scope=scope,
                rule=f"{self.url_prefix}{rule}",
                details=" ".join(details.split()),
                **options,
            )
            self.operations.append(operation)
            handle = _handler(view, operation)
            self.add_url_rule(rule, view.__name__, handle, methods=[method])
            return view

        return register


def _handler(view: View, operation: Operation) -> View:
    handler = _OperationHandler(view, operation)

    @wraps(view)
    def handle(**path: Any) -> Response:
        return handler.handle(path)

    handle.operation = operation  # type: ignore[attr-defined]
    return handle


class _OperationHandler:
    """The handler of one operation, which takes requests through their steps in a safe order."""

    def __init__(self, view: View, operation: Operation) -> None:
        self._view, self._operation = view, operation
        self._body = operation.body() if operation.body else None
        self._query = operation.query() if operation.query else None
        self._path = operation.path() if operation.path else None
        self._is_read = not operation.writes

    def handle(self, path: dict[str, Any]) -> Response:
        with UnitOfWork(database(), read_only=True) as work:
            if self._is_read:
                return self._handle_read(work, path)
            context, named = self._open_request(work, path)
        return self._handle_write(context.actor, named)

    def _open_request(
        self, work: UnitOfWork, path: dict[str, Any]
    ) -> tuple[Context, dict[str, Any]]:
        """Authenticate, check the scope, and read the parameters."""
        operation = self._operation
        context = _authenticate(work, operation)
        # The parameter `format` is explicit, so it outweighs what a browser or library accepts.
        if len(operation.all_media) == 1 or "format" not in request.args:
            _require_acceptable(operation.all_media)
        named = path | _load_path(self._path, path)
        # Lists and counts read their own parameters.
        reads_own = operation.list_of or operation.counts_of
        return context, named if reads_own else named | _load_query(self._query)

    def _handle_read(self, work: UnitOfWork, path: dict[str, Any]) -> Response:
        """Read before the deferred token check.

        If the check fails, authenticate in full and read again.
        """
        deferred = work.deferred = DeferredCheck()
        try:
            context, response = self._run_read(work, path)
        except Exception:
            if deferred.passes(work):
                raise
        else:
            if deferred.passes(work):
                return _with_reads_logged(context, response)
        work.deferred = work.permissions_version = None
        work.sensitive_reads.clear()
        work.shared_with.clear()
        return _with_reads_logged(*self._run_read(work, path))

    def _run_read(self, work: UnitOfWork, path: dict[str, Any]) -> tuple[Context, Response]:
        context, named = self._open_request(work, path)
        return context, self._run_view(context, self._load_body(), named)

    def _handle_write(self, actor: Actor, named: dict[str, Any]) -> Response:
        """Run the view in one transaction, which is committed after the response is made.

        After a deadlock, everything from the body on runs again.
        """
        operation = self._operation
        if operation.max_bytes_setting:
            request.max_content_length = getattr(settings(), operation.max_bytes_setting)
        if operation.if_match:
            require_match_header()
        author = None if operation.scope is PUBLIC else Author.of(actor, reason=_change_reason())
        # Invalid bodies are refused before the transaction begins.
        bodies = [self._load_body()]

        def write(work: UnitOfWork) -> Response:
            # Views change what they get, so each run gets its own.
            body = bodies.pop() if bodies else self._load_body()
            context = Context(work, actor, ports())
            context.write_as(author)

            def run() -> Response:
                return self._run_view(context, body, dict(named))

            response = (
                run_once(context, run, operation.secret_fields) if operation.idempotent else run()
            )
            return _with_reads_logged(context, response)

        try:
            return run_in_transaction(database(), write)
        except IntegrityError as error:
            problem = conflict_of(error)
        raise self._with_holder(actor, self._load_body(), problem)

    def _with_holder(self, actor: Actor, body: tuple[Any, ...], problem: Conflict) -> Conflict:
        """Add the id of the record that holds a value which must be unique."""
        find_holder = self._operation.find_holder
        if find_holder is not None:
            with UnitOfWork(database(), read_only=True) as work:
                context = Context(work, actor, ports())
                holder = find_holder(context, body[0], problem.errors[0].pointer)
            if holder is not None:
                problem.extra["existing_id"] = str(holder)
        return problem

    def _run_view(self, context: Context, body: tuple[Any, ...], named: dict[str, Any]) -> Response:
        response = self._view(context, *body, **named)
        if isinstance(response, Response):
            return response
        if response is None:
            return Response(status=204)
        return json_response(orjson.dumps(response), status=self._operation.status)

    def _load_body(self) -> tuple[Any, ...]:
        """Load the body as the view's argument, or no argument if the operation takes no body."""
        if self._body is None:
            return ()
        for file in request.files.values() if self._operation.multipart_file else ():
            file.stream.seek(0)
        if not self._operation.multipart_file:
            return (load_body(self._body, returned=self._operation.response),)
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMedia("Send the body as multipart/form-data.")
        return (load(self._body, request.form.to_dict()),)


def _with_reads_logged(context: Context, response: Response) -> Response:
    """Record the sensitive fields that a response shows in the access log, then return it."""
    if context.work.sensitive_reads:
        context.ports.log_reads(context)
    return response


def _authenticate(work: UnitOfWork, operation: Operation) -> Context:
    connected = ports()
    if operation.scope is PUBLIC:
        return Context(work, ANONYMOUS, connected)
    actor = request.environ.get(ACTOR)
    if actor is None:
        actor = connected.authenticate(work, request.headers.get("Authorization"))
    note_actor(actor)
    if isinstance(operation.scope, Scope) and not actor.has(operation.scope):
        advice = actor.scopes_fault or (
            "If your client has the scope, request a new token with it. "
            "If not, ask the operator of the service for it."
        )
        raise InsufficientScope(
            " ".join((f"Your token lacks the scope `{operation.scope.value}`.", advice)),
            headers=connected.challenge(
                settings(), error="insufficient_scope", scope=operation.scope
            ),
        )
    return Context(work, actor, connected)


def _change_reason() -> str | None:
    """Read the reason for a change from Change-Reason, for the audit log."""
    header = request.headers.get("Change-Reason")
    if header is None:
        return None
    # WSGI decodes headers as Latin-1, which a few really are. Some servers drop a header that is
    # not plain ASCII, so clients can percent-encode the reason.
    with suppress(UnicodeError):
        header = unquote_to_bytes(header.encode("latin-1")).decode()
    reason = header.strip()
    if len(reason) > LONGEST_REASON or not re.fullmatch(ONE_LINE, reason):
        raise BadRequest(
            "The header Change-Reason is invalid. Correct it and send the request again.",
            errors=[
                FieldError(
                    "Change-Reason",
                    "invalid",
                    f"The Change-Reason must be one line of at most {LONGEST_REASON} characters in "
                    "UTF-8, without tabs or other control characters.",
                )
            ],
        )
    return reason or None


def _require_acceptable(media: tuple[str, ...]) -> None:
    if best_media(media) is None:
        raise NotAcceptable(
            f"The response can only be {' or '.join(media)}. "
            "Send an Accept header that allows this."
        )


def _load_path(schema: ma.Schema | None, path: dict[str, Any]) -> dict[str, Any]:
    if any(isinstance(text, str) and {"\x00", "\ufffd"} & set(text) for text in path.values()):
        # PostgreSQL accepts no NUL, and U+FFFD stands for bytes that are not UTF-8.
        raise NotFound
    if schema is None:
        return {}
    try:
        values: dict[str, Any] = load(schema, {name: path[name] for name in schema.fields})
    except Unprocessable as error:
        raise BadRequest(
            "Some values in the path are invalid. Correct those that `errors` lists.",
            errors=[
                FieldError("{" + e.pointer.removeprefix("/") + "}", e.code, e.detail)
                for e in error.errors
            ],
        ) from None
    return values


def _load_query(schema: ma.Schema | None) -> dict[str, Any]:
    if schema is None:
        if request.query_string and request.args:
            raise bad_parameters([unknown_parameter(name) for name in request.args])
        return {}
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise bad_parameters([repeated_parameter(name) for name in repeated])
    try:
        values: dict[str, Any] = load(schema, request.args.to_dict())
    except Unprocessable as error:
        raise bad_parameters([_locate_parameter(e, schema) for e in error.errors]) from None
    return values


def _locate_parameter(error: FieldError, schema: ma.Schema) -> FieldError:
    name = error.pointer.removeprefix("/")
    if name.partition("/")[0] not in schema.fields:
        return unknown_parameter(name, schema.fields)
    return FieldError(f"?{name}", error.code, error.detail)
