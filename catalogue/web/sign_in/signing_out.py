"""Signing out: here, on all devices, and as the identity provider requests it."""

import logging
from typing import Any

import flask
from flask import Response, jsonify, request

from catalogue.access.sessions.operations import end_session, end_sessions, find_id_token
from catalogue.access.sign_in.operations import log_out
from catalogue.access.sign_in.providers import find_sign_in_provider
from catalogue.access.sign_in.refusals import SignInRefused
from catalogue.core.application import database
from catalogue.core.database import UnitOfWork, open_session
from catalogue.web import sessions
from catalogue.web.pages import HOME, Pages, Visit, redirect_to
from catalogue.web.sign_in.pages import relying_party

sign_out_pages = Pages("sign-out")

_LARGEST_FORM = 16 * 1024
_log = logging.getLogger(__name__)


@sign_out_pages.post("/sign-out", public=True)
def sign_out(visit: Visit) -> Any:
    """End the session, or all sessions of the person, and go on to the identity provider."""
    value = sessions.read_cookie()
    if visit.signed_in is None or value is None:
        return redirect_to("pages-sign-out.signed_out")
    with open_session(database(), read_only=False) as session:
        id_token = find_id_token(session, value)
        if request.form.get("everywhere") == "yes":
            end_sessions(session, actor=visit.signed_in.actor)
        end_session(session, value)
        session.commit()
    response = _go_on(visit, id_token)
    sessions.clear_cookie(response)
    return response


def _go_on(visit: Visit, id_token: str | None) -> Response:
    """Show that the person is signed out here, and go on to the provider to sign out there.

    The page's policy blocks a redirect to another site after a form, so the page itself goes on.
    """
    assert visit.signed_in is not None  # noqa: S101 - narrows the type for mypy
    key, provider = visit.signed_in.provider_key, None
    if key is not None:
        with UnitOfWork(database(), read_only=True) as work:
            provider = find_sign_in_provider(work.connection, key)
    url = relying_party().sign_out_url(provider, id_token) if provider else None
    if provider is None or url is None:
        response = redirect_to("pages-sign-out.signed_out")
        assert isinstance(response, Response)  # noqa: S101 - narrows the type for mypy
        return response
    left = Visit(visit.page, None)
    response = left.render("sign_in/signed_out.html", provider=provider.name, url=url)
    response.headers["Refresh"] = f"0; url={url}"
    return response


@sign_out_pages.get("/signed-out", public=True)
def signed_out(visit: Visit) -> Any:
    """The page after the end of a session."""
    if visit.signed_in:
        return redirect_to(HOME)
    return visit.render("sign_in/signed_out.html")


def end_at_provider(key: str) -> Response:
    """End the sessions that a logout token names (OpenID Connect Back-Channel Logout 1.0).

    The provider sends the token itself, so the request has no session and no form's token.
    """
    request.max_content_length = _LARGEST_FORM
    with UnitOfWork(database(), read_only=True) as work:
        provider = find_sign_in_provider(work.connection, key)
    if provider is None:
        return _logout_response(400, "There is no such identity provider.")
    try:
        logout = relying_party().verify_logout(provider, request.form.get("logout_token", ""))
    except SignInRefused as refusal:
        _log.warning("Logout by %s refused: %s", key, refusal.reason)
        status = 503 if refusal.status == 503 else 400
        return _logout_response(status, "The logout token cannot be accepted.")
    with open_session(database(), read_only=False) as session:
        ended = log_out(session, provider, logout)
        session.commit()
    if ended is None:
        _log.warning("Logout by %s refused: the logout token was used before", key)
        return _logout_response(400, "The logout token was used before.")
    _log.info("Logout by %s ended %d sessions", key, ended)
    return _logout_response(200)


sign_out_pages.add_url_rule(
    "/sign-in/<key>/back-channel-logout", view_func=end_at_provider, methods=["POST"]
)


def _logout_response(status: int, description: str = "") -> Response:
    response = flask.Response(status=status)
    if description:
        response = jsonify({"error": "invalid_request", "error_description": description})
        response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
