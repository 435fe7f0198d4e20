"""One operation of the API: who may call it, what it reads and answers, and its transaction.

Every view is registered here, so none can forget its scope, its error answers or its commit:
authenticate and check the scope, read the body, run the view, commit once, answer. An exception
on the way rolls everything back.
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
from flask import Response, current_app, g, request

from catalogue.core.actor import ANYBODY, Actor, Author, Scope, current_actor
from catalogue.core.config import settings
from catalogue.core.database import Work, database, work, working
from catalogue.core.errors import (
    BadRequest,
    FieldError,
    InsufficientScope,
    NotAcceptable,
    NotFound,
    Unprocessable,
    UnsupportedMedia,
)
from catalogue.core.rest.body import load, load_body
from catalogue.core.rest.etag import json_response, require_match_header
from catalogue.core.rest.idempotency import once
from catalogue.core.rest.operation import LONGEST_REASON, PUBLIC, Operation, Public
from catalogue.core.standing import Standing
from catalogue.core.text import ONE_LINE

__all__ = ["PUBLIC", "Blueprint"]

View = Callable[..., Any]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A resource's operations. Use `get`, `post`, `patch`, `put` and `delete`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operations: list[Operation] = []

    def get(self, rule: str, *, scope: Scope | Public, **options: Any) -> Callable[[View], View]:
        """An operation that reads."""
        return self._operation("GET", rule, scope, options)

    def post(self, rule: str, *, scope: Scope | Public, **options: Any) -> Callable[[View], View]:
        """An operation that creates or acts; it may be repeated with an Idempotency-Key. One that
        only `asks` changes nothing, and may be repeated anyway."""
        asks = bool(options.get("asks"))
        usual = {"status": 200 if asks else 201, "idempotent": not asks}
        return self._operation("POST", rule, scope, usual | options)

    def put(self, rule: str, *, scope: Scope | Public, **options: Any) -> Callable[[View], View]:
        """An operation that creates or replaces under a name that the client gives."""
        return self._operation("PUT", rule, scope, options)

    def patch(self, rule: str, *, scope: Scope | Public, **options: Any) -> Callable[[View], View]:
        """An operation that changes some fields (JSON Merge Patch, RFC 7396)."""
        return self._operation("PATCH", rule, scope, {"if_match": True} | options)

    def delete(self, rule: str, *, scope: Scope | Public, **options: Any) -> Callable[[View], View]:
        """An operation that removes."""
        return self._operation("DELETE", rule, scope, {"if_match": True, "status": 204} | options)

    def _operation(
        self, method: str, rule: str, scope: Scope | Public, options: dict[str, Any]
    ) -> Callable[[View], View]:
        if not isinstance(scope, Scope | Public):
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
            handle._apidoc = {"manual_doc": operation.document()}  # type: ignore[attr-defined]
            # An address with two slashes is not another one: neither is it redirected.
            self.add_url_rule(rule, view.__name__, handle, methods=[method], merge_slashes=False)
            return view

        return register


def _handler(view: View, operation: Operation) -> View:
    body = operation.body() if operation.body else None
    query = operation.query() if operation.query else None
    texts = operation.path() if operation.path else None
    reads = operation.method == "GET" or operation.asks

    @wraps(view)
    def handle(**path: Any) -> Response:
        def enter() -> dict[str, Any]:
            _admit(operation)
            _require_accepted(operation.media)
            asked = path | _path(texts, path)
            return asked if operation.lists else asked | _query(query)

        def read() -> Response:
            asked = enter()
            arguments = () if body is None else (_body(body, operation),)
            return _answer(view(*arguments, **asked), operation)

        with Work(database(), read_only=True) as reading:
            if reads:
                return _surely(reading, read)
            path = enter()
        if operation.max_bytes_setting:
            request.max_content_length = getattr(settings(), operation.max_bytes_setting)
        if operation.if_match:
            require_match_header()
        author = None if isinstance(operation.scope, Public) else _author()
        arguments = () if body is None else (_body(body, operation),)
        with working(database(), read_only=False) as opened:
            opened.info["author"] = author
            if operation.idempotent:
                answer = once(opened, lambda: _answer(view(*arguments, **path), operation))
            else:
                answer = _answer(view(*arguments, **path), operation)
            if shown := work().reads:
                current_app.extensions["log_reads"](shown, within=opened)
            opened.commit()
        return answer

    handle.operation = operation  # type: ignore[attr-defined]
    return handle


def _surely(reading: Work, read: Callable[[], Response]) -> Response:
    """What `read` answers or raises. It authenticates, and may do so on a condition; where that
    turns out not to hold, it is run again and checks everything.
    """
    standing = reading.standing = Standing()
    try:
        answer = read()
    except Exception:
        if standing.holds(reading):
            raise
    else:
        if standing.holds(reading):
            return _logged(reading, answer)
    reading.standing = None
    reading.reads.clear()
    reading.reaches.clear()
    return _logged(reading, read())


def _logged(reading: Work, answer: Response) -> Response:
    """The answer, once it is on record whose sensitive fields it shows to another agency."""
    if reading.reads:
        current_app.extensions["log_reads"](reading.reads)
    return answer


def _admit(operation: Operation) -> None:
    if isinstance(operation.scope, Public):
        g.actor = ANYBODY
        return
    actor: Actor = current_app.extensions["authenticate"](request._get_current_object())  # type: ignore[attr-defined]
    g.actor = actor
    if not actor.has(operation.scope):
        raise InsufficientScope(
            f"This needs the scope {operation.scope.value}.",
            headers=current_app.extensions["challenge"](
                settings(), error="insufficient_scope", scope=operation.scope
            ),
        )


def _author() -> Author:
    return Author.of(current_actor(), reason=_reason())


def _reason() -> str | None:
    """Why a change is made, as the client says in Change-Reason; it is kept in the history."""
    sent = request.headers.get("Change-Reason")
    if sent is None:
        return None
    # WSGI hands headers on as if they were Latin-1, which a few may even be. Some servers let go
    # of a header that is not plain ASCII, so it may be percent-encoded.
    with suppress(UnicodeError):
        sent = unquote_to_bytes(sent.encode("latin-1")).decode()
    reason = sent.strip()
    if len(reason) > LONGEST_REASON or not re.fullmatch(ONE_LINE, reason):
        raise BadRequest(
            "The Change-Reason is not acceptable.",
            errors=[
                FieldError(
                    "Change-Reason",
                    "invalid",
                    f"At most {LONGEST_REASON} characters in UTF-8, none of them a control.",
                )
            ],
        )
    return reason or None


def _require_accepted(media: str) -> None:
    accepted = request.headers.get("Accept") or "*/*"
    if accepted not in {"*/*", media} and not request.accept_mimetypes.quality(media):
        raise NotAcceptable(f"Answers are {media}.")


def _path(schema: ma.Schema | None, path: dict[str, Any]) -> dict[str, Any]:
    if any(isinstance(text, str) and {"\x00", "\ufffd"} & set(text) for text in path.values()):
        # PostgreSQL cannot even be asked for a NUL; the other stands for bytes that are no text.
        raise NotFound
    if schema is None:
        return {}
    try:
        found: dict[str, Any] = load(schema, {name: path[name] for name in schema.fields})
    except Unprocessable as error:
        raise BadRequest(
            "Some parts of the path are not acceptable.",
            errors=[
                FieldError("{" + e.pointer.removeprefix("/") + "}", e.code, e.detail)
                for e in error.errors
            ],
        ) from None
    return found


def _query(schema: ma.Schema | None) -> dict[str, Any]:
    if schema is None:
        if request.query_string and request.args:
            raise BadRequest(
                "Some query parameters are not acceptable.",
                errors=[
                    FieldError(f"?{n}", "unknown_parameter", "There is no such parameter here.")
                    for n in request.args
                ],
            )
        return {}
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise BadRequest(
            "Some query parameters are not acceptable.",
            errors=[FieldError(f"?{n}", "repeated", "Give it only once.") for n in repeated],
        )
    try:
        found: dict[str, Any] = load(schema, request.args.to_dict())
    except Unprocessable as error:
        raise BadRequest(
            "Some query parameters are not acceptable.",
            errors=[
                FieldError(f"?{e.pointer.removeprefix('/')}", e.code, e.detail)
                for e in error.errors
            ],
        ) from None
    return found


def _body(schema: ma.Schema, operation: Operation) -> Any:
    if operation.multipart_file:
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMedia("Send multipart/form-data.")
        return load(schema, request.form.to_dict())
    return load_body(schema)


def _answer(answer: Any, operation: Operation) -> Response:
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status=204)
    return json_response(orjson.dumps(answer), status=operation.status)
