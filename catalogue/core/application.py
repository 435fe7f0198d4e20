"""Flask, as this service uses it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SecureCookieSessionInterface
from werkzeug.routing import MapAdapter


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, which here has no key to sign with unless there are pages to sign in to."""

    def open_session(self, app: Flask, request: Request) -> Any:
        return super().open_session(app, request) if app.secret_key else NullSession()


class Application(Flask):
    """Flask, without what each request would pay for and none here needs."""

    session_interface = _Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: no view or hook here is a coroutine, so none has to be asked."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What matches a path, without the work on the host's name: no rule depends on it."""
        if request is None:
            return super().create_url_adapter(None)
        return MapAdapter(
            self.url_map,
            server_name=request.environ.get("HTTP_HOST") or request.environ["SERVER_NAME"],
            script_name=request.root_path,
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=request.query_string.decode("latin-1"),
        )
