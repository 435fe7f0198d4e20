"""The Flask application, and access to its database, settings and ports."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from flask import Flask, Request, current_app
from werkzeug.routing import MapAdapter, Rule

from catalogue.core.actor import SYSTEM_ACTOR, Author
from catalogue.core.config import Settings
from catalogue.core.context import Context, Ports
from catalogue.core.database import Database, UnitOfWork, wait_for_locks
from catalogue.core.request_path import path_to_match, require_size, restore_slashes


class _Rule(Rule):
    """A rule that compiles its URL builder at first use.

    Most rules never build a URL, and compiling all builders takes longer than reading the rules.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = cache(partial(super()._compile_builder, append_unknown))

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build


class Application(Flask):
    """Flask without the steps of request handling that this service does not need."""

    url_rule_class = _Rule

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A path with two slashes is a different path, which is neither merged nor redirected.
        self.url_map.merge_slashes = False
        self.url_value_preprocessor(restore_slashes)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself, because no view or hook of this service is a coroutine."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match by the path alone, because no rule depends on the host's name.

        Raises an HTTP error for a request that is too large, or a path that begins with two
        slashes.
        """
        if request is None:
            return super().create_url_adapter(None)
        require_size(request.environ)
        return MapAdapter(
            self.url_map,
            server_name=request.environ.get("HTTP_HOST") or request.environ["SERVER_NAME"],
            script_name=request.root_path,
            subdomain="",
            url_scheme=request.scheme,
            path_info=path_to_match(request.environ, request.path),
            default_method=request.method,
            query_args=request.query_string.decode("latin-1"),
        )


def database(app: Flask | None = None) -> Database:
    """Return the database of `app`, or of the current application."""
    store = (app or current_app).extensions["database"]
    assert isinstance(store, Database)  # noqa: S101 - narrows the type for mypy
    return store


def settings(app: Flask | None = None) -> Settings:
    """Return the settings of `app`, or of the current application."""
    return database(app).settings


def ports(app: Flask | None = None) -> Ports:
    """Return the functions that the application connected to the kernel."""
    connected = (app or current_app).extensions["ports"]
    assert isinstance(connected, Ports)  # noqa: S101 - narrows the type for mypy
    return connected


@contextmanager
def unit_of_work(app: Flask) -> Iterator[Context]:
    """Open a transaction for a command. Commit it at the end, or roll it back on an error."""
    with UnitOfWork(database(app), read_only=False) as work:
        context = Context(work, SYSTEM_ACTOR, ports(app))
        wait_for_locks(context.session)
        context.write_as(Author.of(SYSTEM_ACTOR))
        yield context
        context.session.commit()
