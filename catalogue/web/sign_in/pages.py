"""Signing in: the choice of a force, the way to its identity provider, and the way back."""

import logging
from typing import Any

import flask
from flask import current_app, request
from werkzeug.wrappers import Response

from catalogue.access.rate_limit import seconds_to_wait
from catalogue.access.sessions.demonstration import offers_roles
from catalogue.access.sign_in.attempts import (
    LIFETIME_SECONDS,
    Attempt,
    attempts_key,
    begin_attempt,
    find_attempt,
    local_path,
    read_attempts,
    write_attempts,
)
from catalogue.access.sign_in.operations import sign_in as begin_session
from catalogue.access.sign_in.providers import (
    SignInProvider,
    find_by_email,
    find_sign_in_provider,
    list_sign_in_providers,
)
from catalogue.access.sign_in.refusals import SignInExpired, SignInRefused, TooManySignIns
from catalogue.access.sign_in.relying_party import RelyingParty
from catalogue.core.application import database, settings
from catalogue.core.database import UnitOfWork, open_session
from catalogue.core.errors import NotFound
from catalogue.core.logs.current_request import note_actor
from catalogue.demonstration.banner import ROLES
from catalogue.demonstration.role_sessions import begin_role_session
from catalogue.web import sessions
from catalogue.web.pages import HOME, Pages, Visit, redirect_to
from catalogue.web.sign_in.durations import in_words

sign_in_pages = Pages("sign-in")

_PARTY = "relying_party"
_EMAIL_FIELD = "email"
_log = logging.getLogger(__name__)


@sign_in_pages.get("/sign-in", public=True)
def sign_in(visit: Visit) -> Any:
    """The choice of a force, or of a role of the demonstration."""
    if visit.signed_in and "next" in request.args:
        return flask.redirect(_local(request.args["next"]), code=303)
    return _choice(visit, request.args.get("next"))


@sign_in_pages.post("/sign-in", public=True)
def find_provider(visit: Visit) -> Any:
    """The sign-in of the domain of an e-mail address.

    The page has a link. A redirect to another site after a form is blocked by the page's policy.
    """
    email = request.form.get(_EMAIL_FIELD, "").strip()
    return _choice(visit, request.form.get("next"), email)


def _choice(visit: Visit, place: str | None, email: str | None = None) -> Any:
    with UnitOfWork(database(), read_only=True) as work:
        providers = list_sign_in_providers(work.connection)
        roles = ROLES if offers_roles(work.connection, settings()) else ()
    found = find_by_email(providers, email) if email else []
    error = None
    if email is not None and not found:
        error = "Enter your work e-mail address"
        if "@" in email:
            error = "No force with this e-mail domain signs in here. Choose your force below."
    return visit.render(
        "sign_in/sign_in.html",
        status=422 if error else 200,
        providers=providers,
        found=found,
        roles=roles,
        email=email or "",
        error=error,
        place=local_path(place),
        idle=in_words(settings().session_idle_seconds),
        longest=in_words(settings().session_lifetime_seconds),
    )


@sign_in_pages.post("/sign-in/demonstration", public=True)
def sign_in_as_role(visit: Visit) -> Any:
    """Sign in as a role of the demonstration."""
    with UnitOfWork(database(), read_only=True) as work:
        offered = offers_roles(work.connection, settings())
    if not offered:
        raise NotFound
    with open_session(database(), read_only=False) as session:
        value = begin_role_session(
            session, request.form.get("role", ""), former=sessions.read_cookie()
        )
        session.commit()
    if value is None:
        return _choice(visit, request.form.get("next"))
    response = flask.redirect(_local(request.form.get("next")), code=303)
    sessions.set_cookie(response, value)
    return response


@sign_in_pages.get("/sign-in/<key>", public=True)
def leave_for_provider(visit: Visit, key: str) -> Any:
    """Send the person to the identity provider of their force."""
    provider = find_provider_or_404(key)
    attempt = begin_attempt(key, local_path(request.args.get("next")))
    try:
        response = flask.redirect(relying_party().authorization_url(provider, attempt), code=303)
    except SignInRefused as refusal:
        return _refused(visit, provider, refusal)
    _keep_attempts(response, [*_attempts(), attempt])
    return response


@sign_in_pages.get("/sign-in/<key>/callback", public=True)
def callback(visit: Visit, key: str) -> Any:
    """Receive the person from the identity provider, and begin the session."""
    provider = find_provider_or_404(key)
    attempts = _attempts()
    attempt = find_attempt(attempts, key, request.args.get("state"))
    response: Response
    if attempt is None:
        if visit.signed_in:
            # A reload of this address, or the way back in the browser's history.
            return redirect_to(HOME)
        return _refused(visit, provider, SignInExpired())
    try:
        value = _begin_session(provider, attempt)
    except SignInRefused as refusal:
        response = _refused(visit, provider, refusal, attempt.place)
    else:
        response = flask.redirect(_local(attempt.place), code=303)
        sessions.set_cookie(response, value)
    _keep_attempts(response, [each for each in attempts if each != attempt])
    return response


def _begin_session(provider: SignInProvider, attempt: Attempt) -> str:
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise SignInExpired("a parameter is repeated")
    _check_rate(provider)
    token = relying_party().redeem(provider, attempt, request.args)
    with UnitOfWork(database(), read_only=True) as work:
        identity = relying_party().identify(work.connection, provider, attempt, token)
    note_actor(identity.actor)
    with open_session(database(), read_only=False) as session:
        value = begin_session(session, provider, identity, former=sessions.read_cookie())
        session.commit()
    return value


def _check_rate(provider: SignInProvider) -> None:
    """Count a sign-in at a provider. Raises TooManySignIns above the rate limit."""
    with open_session(database(), read_only=False) as session:
        seconds = seconds_to_wait(
            session,
            endpoint="sign-in",
            client_id=provider.key,
            address=request.remote_addr or "",
            limit=settings().token_requests_per_minute,
        )
        session.commit()
    if seconds is not None:
        raise TooManySignIns(seconds)


def _refused(
    visit: Visit, provider: SignInProvider, refusal: SignInRefused, place: str = "/"
) -> Response:
    _log.warning("Sign-in at %s refused: %s", provider.key, refusal.reason)
    response = visit.render(
        "sign_in/refused.html", status=int(refusal.status), sentence=str(refusal), place=place
    )
    if isinstance(refusal, TooManySignIns):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def find_provider_or_404(key: str) -> SignInProvider:
    """Return the provider with a key. Raises NotFound if it signs nobody in."""
    with UnitOfWork(database(), read_only=True) as work:
        provider = find_sign_in_provider(work.connection, key)
    if provider is None:
        raise NotFound
    return provider


def relying_party() -> RelyingParty:
    """Return the relying party of this process."""
    found = current_app.extensions.get(_PARTY)
    if found is None:
        found = current_app.extensions[_PARTY] = RelyingParty(settings())
    assert isinstance(found, RelyingParty)  # noqa: S101 - narrows the type for mypy
    return found


def _local(place: str | None) -> str:
    """Return a path on this service, below the path of the public URL."""
    return request.script_root + local_path(place)


def _attempts() -> list[Attempt]:
    value = request.cookies.get(_cookie_name())
    return read_attempts(value, attempts_key(database())) if value else []


def _keep_attempts(response: Response, attempts: list[Attempt]) -> None:
    options: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "Lax", "path": "/"}
    if not attempts:
        response.delete_cookie(_cookie_name(), **options)
        return
    value = write_attempts(attempts, attempts_key(database()))
    response.set_cookie(_cookie_name(), value, max_age=LIFETIME_SECONDS, **options)


def _cookie_name() -> str:
    return sessions.cookie_name(settings(), "sign-in")
