"""The site: all groups of pages, their templates and files, and the pages that show errors."""

import secrets
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask
from flask import Flask, Response, current_app, render_template
from flask.globals import request_ctx
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from catalogue.core.errors import Problem
from catalogue.core.logs.current_request import current_request
from catalogue.core.wording import sum_in_numbers, sum_in_pounds
from catalogue.web import wording
from catalogue.web.administration.agencies import agencies
from catalogue.web.administration.identity_providers import identity_providers
from catalogue.web.administration.overview import administration
from catalogue.web.administration.sessions import sessions
from catalogue.web.api_calls import Refused
from catalogue.web.contracts.pages import contracts
from catalogue.web.decisions.pages import decisions
from catalogue.web.histories import histories
from catalogue.web.home import home_pages
from catalogue.web.imports.pages import imports
from catalogue.web.landscape import landscape_pages
from catalogue.web.lists import back_to_list
from catalogue.web.missing_rights import rights_in
from catalogue.web.overlaps.groupings import groupings
from catalogue.web.overlaps.pages import overlaps
from catalogue.web.pages import Page, Pages, Visit
from catalogue.web.portfolio import portfolio_pages
from catalogue.web.search import search_pages
from catalogue.web.security import protect
from catalogue.web.sessions import find_signed_in
from catalogue.web.sharing.agreements import agreements
from catalogue.web.sharing.grants import grants
from catalogue.web.sharing.pages import sharing
from catalogue.web.sharing.terms import terms
from catalogue.web.sharing.views_of_others import views_of_others
from catalogue.web.sign_in.pages import sign_in_pages
from catalogue.web.sign_in.signing_out import sign_out_pages
from catalogue.web.statements import statements
from catalogue.web.systems.bulk import selected_systems
from catalogue.web.systems.child_pages import costs, uses
from catalogue.web.systems.interfaces import interfaces
from catalogue.web.systems.pages import systems
from catalogue.web.systems.readiness import readiness
from catalogue.web.typed_values import typed_in_words

GROUPS: tuple[Pages, ...] = (
    home_pages,
    administration,
    agencies,
    agreements,
    contracts,
    costs,
    decisions,
    grants,
    groupings,
    histories,
    identity_providers,
    imports,
    interfaces,
    landscape_pages,
    overlaps,
    portfolio_pages,
    readiness,
    search_pages,
    selected_systems,
    sessions,
    sharing,
    sign_in_pages,
    sign_out_pages,
    statements,
    systems,
    terms,
    uses,
    views_of_others,
)

_ERROR_PAGE = Page(name="error", method="GET", rule="", public=True)
_STATIC = Path(__file__).parent / "static"
_A_YEAR = 31_536_000
GOVUK = "govuk_frontend_jinja"
"""The package with the macros of GOV.UK Frontend. Templates import them by this name."""

files = flask.Blueprint("site", __name__)


@files.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """Send a file of the site. Its address changes with its content, so caches keep it."""
    return flask.send_from_directory(_STATIC, name, max_age=_A_YEAR)


@lru_cache
def _version(name: str) -> str:
    return sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a file of the site."""
    return flask.url_for("site.static_file", name=name, v=_version(name))


def init_app(app: Flask) -> None:
    """Register the site."""
    app.jinja_loader = ChoiceLoader(
        [PackageLoader("catalogue.web"), PrefixLoader({GOVUK: PackageLoader(GOVUK)})]
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        static_url=static_url,
        back_to_list=back_to_list,
        label=wording.label,
        cell=wording.cell,
        show_field=wording.show_field,
        new_key=new_key,
        typed_in_words=typed_in_words,
    )
    app.jinja_env.filters.update(
        day=wording.show_day,
        moment=wording.show_moment,
        words=wording.show,
        plain=wording.plain,
        pounds=sum_in_pounds,
        people=sum_in_numbers,
        value_label=wording.value_label,
    )
    app.register_blueprint(files)
    for group in GROUPS:
        app.register_blueprint(group)
    app.after_request(protect)
    app.register_error_handler(Refused, _show_refusal)


def new_key() -> str:
    """Return a value for the Idempotency-Key of a form, so that a double click counts once."""
    return secrets.token_hex(16)


def all_pages(app: Flask) -> list[Page]:
    """List every page of the site."""
    return [view.page for view in app.view_functions.values() if hasattr(view, "page")]


def _show_refusal(refusal: Refused) -> Response:
    if missing := rights_in(refusal.problem):
        visit = Visit(_ERROR_PAGE, _signed_in_or_none())
        return visit.render("errors/not_your_role.html", status=403, missing=missing)
    return _error_page(refusal.status, refusal.problem["detail"])


def show_problem(problem: Problem) -> Response:
    """Make the page that shows an error of the kernel to a person."""
    return _error_page(int(problem.status), problem.detail or problem.advice, problem.headers)


_TEXTS: dict[int, tuple[str, str]] = {
    400: ("The address is wrong", "Check the address, or go back and try again."),
    403: ("You cannot do this", "Your role or your agency does not allow this."),
    404: (
        "Page not found",
        "Check the address. The record may be deleted, or not shared with you.",
    ),
    405: ("The address is for a form", "Open the page with the form, and send it from there."),
    410: ("The record was merged", "The record was a duplicate, and another has replaced it."),
    412: ("The record has changed", "Somebody changed the record meanwhile. Open it again."),
    413: ("The file is too large", "Choose a smaller file, or split it into several files."),
    503: ("The service is busy", "Nothing was changed. Try again in a minute."),
}
_FAULT = (
    "Sorry, there is a problem with the service",
    "Try again later. If it happens again, report it to the operator with the number below.",
)
_OWN_WORDS = frozenset({403, 409, 422})
"""The statuses whose details say something that a person can use."""


def _error_page(status: int, detail: str, headers: Any = None) -> Response:
    heading, advice = _TEXTS.get(
        status, _FAULT if status >= 500 else ("You cannot do this", detail)
    )
    if status in _OWN_WORDS:
        advice = detail
    if request_ctx.url_adapter is None:
        # The request was refused before its path was matched, and links need an adapter.
        root = flask.request.root_path
        request_ctx.url_adapter = current_app.url_map.bind("localhost", script_name=root)
    current = current_request()
    visit = Visit(_ERROR_PAGE, _signed_in_or_none())
    body = render_template(
        "errors/error.html",
        visit=visit,
        heading=heading,
        advice=advice,
        request_id=current.request_id if current and status >= 500 else None,
        form_href=_form_of_file() if status == 413 else None,
    )
    response = Response(body, status=status, mimetype="text/html")
    response.headers.extend(headers or {})
    return response


def _form_of_file() -> str | None:
    """Return the address of the form that sent a file, or None if the request is no such form."""
    view = flask.current_app.view_functions.get(flask.request.endpoint or "")
    page: Page | None = getattr(view, "page", None)
    return flask.request.path if page and page.max_bytes_setting else None


def _signed_in_or_none() -> Any:
    """Return the session for the header of an error page, or None if it cannot be read."""
    try:
        return find_signed_in()
    except Exception:  # noqa: BLE001 - an error page must not fail
        return None
