"""Calls of the API's operations within the process, by the names that the API document has.

A page is a client of the API that needs no network and no token. So the scope, the row rule,
If-Match, the audit log and all other rules of an operation hold for pages too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from flask import Flask, Response, current_app
from werkzeug.datastructures import FileStorage, Headers
from werkzeug.test import EnvironBuilder

from catalogue.core.actor import Actor, Scope
from catalogue.core.rest.blueprint import ACTOR
from catalogue.core.rest.operation import PUBLIC, Operation

_MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True)
class Answer:
    """The response of an operation that succeeded."""

    document: Any
    """The body as JSON, or None if the body is empty or no JSON."""
    etag: str | None
    status: int
    response: Response


class Refused(Exception):
    """The refusal of an operation, with its problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.problem["status"])


def find_operation(app: Flask, name: str) -> Operation:
    """Return the declaration of an operation. Raises KeyError if the API has none by this name."""
    return _operations(app)[name][1]


def _operations(app: Flask) -> dict[str, tuple[str, Operation]]:
    """Return the endpoint and the declaration of each operation, by name."""
    found: dict[str, tuple[str, Operation]] | None = app.extensions.get("operations")
    if found is None:
        found = app.extensions["operations"] = {
            view.operation.name: (endpoint, view.operation)
            for endpoint, view in app.view_functions.items()
            if hasattr(view, "operation")
        }
    return found


def may_call(app: Flask, name: str, actor: Actor | None) -> bool:
    """Return whether an actor has the scope of an operation."""
    scope = find_operation(app, name).scope
    if actor is None:
        return scope is PUBLIC
    return not isinstance(scope, Scope) or actor.has(scope)


def call_operation(
    actor: Actor | None,
    name: str,
    *,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    body: dict[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    file: FileStorage | None = None,
    etag: str | None = None,
    reason: str | None = None,
    key: str | None = None,
) -> Answer:
    """Call an operation as an actor, or without a token if there is none. Raises Refused.

    `path` has the parts of the path, and `key` is the Idempotency-Key. `form` and `file` make a
    multipart body.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    endpoint, operation = _operations(app)[name]
    headers = Headers()
    for header, value in (("If-Match", etag), ("Idempotency-Key", key)):
        # The field of a form can hold line ends, which no header can.
        if line := " ".join((value or "").split()):
            headers[header] = line
    if reason:
        headers["Change-Reason"] = quote(reason, safe=" ")
    content: dict[str, Any] = {}
    if operation.multipart_file:
        parts: dict[str, Any] = dict(form or {})
        if file is not None:
            parts["file"] = (file.stream, file.filename or "file")
        content = {"data": parts, "content_type": "multipart/form-data"}
    elif body is not None:
        kind = _MERGE_PATCH if operation.method == "PATCH" else "application/json"
        content = {"data": orjson.dumps(body), "content_type": kind}
    builder = EnvironBuilder(
        path=app.url_map.bind("localhost").build(endpoint, dict(path or {})),
        method=operation.method,
        query_string={n: v for n, v in (query or {}).items() if v is not None},
        headers=headers,
        **content,
    )
    environ = builder.get_environ()
    try:
        if actor is not None:
            # Clients can set only keys that begin with HTTP_, so this one comes from here alone.
            environ[ACTOR] = actor
        # Without an application context of its own, the call would share `g` with the page.
        with app.app_context(), app.request_context(environ):
            response = app.full_dispatch_request()
            return _read(response)
    finally:
        builder.close()
        # A large body is in a temporary file, which the builder leaves open.
        environ["wsgi.input"].close()


def _read(response: Response) -> Answer:
    is_json = (response.mimetype or "").endswith("json")
    document = orjson.loads(response.get_data()) if is_json and response.get_data() else None
    if response.status_code >= 400:
        raise Refused(document or {"status": response.status_code, "detail": ""})
    return Answer(document, response.headers.get("ETag"), response.status_code, response)
