"""Pages: their registration, and the visit that each view takes.

Every page is registered in this module, so that none can lack a session, the check against forged
forms, or the list of the operations that it calls.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask
from flask import Response, current_app, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from catalogue.access.sessions.operations import SignedIn
from catalogue.core.actor import Actor
from catalogue.core.application import settings
from catalogue.core.errors import TooLarge
from catalogue.core.logs.current_request import note_actor
from catalogue.web import sessions
from catalogue.web.api_calls import (
    Answer,
    Refused,
    call_operation,
    find_operation,
    may_call,
)
from catalogue.web.missing_rights import rights_of
from catalogue.web.navigation import LINKS
from catalogue.web.security import refuse_other_sites, require_own_form

View = Callable[..., Any]
CSRF_FIELD = "csrf_token"
HOME = "pages-home.home"
"""The endpoint of the home page."""

_LONGEST_NAME = 200
"""The most characters that a signature takes. The name of a session can be longer."""
_MOST_FIELDS = 1_000
"""The most fields of a form that is shown again. No form of the pages has as many."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The declaration of one method on one address."""

    name: str
    method: str
    rule: str
    calls: tuple[str, ...] = ()
    """The names of all operations that the page can call."""
    needs: tuple[str, ...] = ()
    """The operations whose scopes the page requires. Each other scope only shows a further part."""
    public: bool = False
    """True if the page needs no session."""
    max_bytes_setting: str | None = None
    """The setting with the size limit, if the form sends a file. GET shows the form there too."""
    sends_file: bool = False
    """True if the response is a file to keep, and no page."""


@dataclass(frozen=True)
class Visit:
    """A request for a page, and the person who sent it. A public page can have no person."""

    page: Page
    signed_in: SignedIn | None

    def call(self, name: str, /, **parts: Any) -> Answer:
        """Call an operation that the page declares. Raises Refused.

        The parts are those of `call_operation`. A page that only shows something cannot call an
        operation that writes, because browsers open and repeat such an address unasked.
        """
        if name not in self.page.calls:
            raise LookupError(f"The page {self.page.name} does not declare the operation {name}.")
        if self.page.method == "GET" and find_operation(current_app, name).writes:
            raise LookupError(f"The page {self.page.name} only shows something, and {name} writes.")
        return call_operation(self._actor, name, **parts)

    def items(self, name: str, /, **parts: Any) -> list[dict[str, Any]] | None:
        """Return the first page of a list, or None if the person cannot see the list."""
        if not self.can(name):
            return None
        try:
            found: list[dict[str, Any]] = self.call(name, **parts).document["items"]
        except Refused as refusal:
            if refusal.status != HTTPStatus.FORBIDDEN:
                raise
            return None
        return found

    def can(self, name: str) -> bool:
        """Return whether the person has the scope of an operation."""
        return may_call(current_app, name, self._actor)

    @property
    def _actor(self) -> Actor | None:
        return self.signed_in.actor if self.signed_in else None

    @property
    def navigation(self) -> list[dict[str, Any]]:
        """The links below the header, with the current one marked."""
        if self.signed_in is None:
            return []
        links = []
        for link in LINKS:
            if self.can(link.operation):
                href = flask.url_for(link.endpoint)
                is_home = href == flask.url_for(HOME)
                here = request.script_root + request.path
                active = here == href if is_home else f"{here}/".startswith(f"{href}/")
                links.append({"text": link.text, "href": href, "active": active})
        return links

    @property
    def is_demonstration(self) -> bool:
        """Whether anyone can sign in, because the data is made up."""
        return settings().demonstration_sign_in

    @property
    def agency(self) -> str | None:
        """The code of the person's agency, or None for an administrator."""
        return self.signed_in.actor.agency if self.signed_in else None

    @property
    def signatory(self) -> str:
        """The name of the person for a signature, in the API's length."""
        return self.signed_in.name[:_LONGEST_NAME] if self.signed_in else ""

    def render(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """Render a template, which gets the visit."""
        return Response(
            render_template(template, visit=self, **values), status=status, mimetype="text/html"
        )


class Pages(flask.Blueprint):
    """A group of pages. Register each with `get` or `post`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"pages-{name}", __name__)
        self.pages: list[Page] = []

    def get(  # type: ignore[override]
        self, rule: str, **options: Any
    ) -> Callable[[View], View]:
        """Register a page that shows something and changes nothing."""
        return self._page("GET", rule, options)

    def post(  # type: ignore[override]
        self, rule: str, **options: Any
    ) -> Callable[[View], View]:
        """Register the target of a form."""
        return self._page("POST", rule, options)

    def _page(self, method: str, rule: str, options: dict[str, Any]) -> Callable[[View], View]:
        def register(view: View) -> View:
            page = Page(name=view.__name__, method=method, rule=rule, **options)
            self.pages.append(page)

            @wraps(view)
            def handle(**path: Any) -> AnyResponse:
                return _handle(page, view, path)

            handle.page = page  # type: ignore[attr-defined]
            self.add_url_rule(rule, view.__name__, handle, methods=[method])
            return view

        return register


def _handle(page: Page, view: View, path: Mapping[str, Any]) -> AnyResponse:
    if page.method == "POST":
        refuse_other_sites()
    signed_in = sessions.find_signed_in()
    visit = Visit(page, signed_in)
    if signed_in is None:
        if not page.public:
            return _ask_to_sign_in(visit)
    else:
        note_actor(signed_in.actor)
        if page.max_bytes_setting:
            request.max_content_length = getattr(settings(), page.max_bytes_setting)
        if page.method == "POST" and not _has_token(signed_in):
            # An earlier session showed the form. Another site cannot send this header.
            require_own_form()
            return _show_typed(visit, "errors/send_again.html", status=403)
        lacking = [name for name in page.needs if not visit.can(name)]
        if lacking:
            rights = rights_of(lacking)
            return visit.render("errors/not_your_role.html", status=403, missing=rights)
    response = view(visit, **path)
    return response if isinstance(response, AnyResponse) else Response(response)


def _has_token(signed_in: SignedIn) -> bool:
    sent = request.form.get(CSRF_FIELD, "")
    return hmac.compare_digest(sent.encode(), signed_in.csrf_token.encode())


def _ask_to_sign_in(visit: Visit) -> AnyResponse:
    """Respond to a request without a session: sign in first, and nothing typed is lost."""
    if request.method == "POST":
        return _show_typed(visit, "errors/session_ended.html", status=401)
    target = request.full_path if request.query_string else request.path
    return redirect_to("pages-sign-in.sign_in", next=target)


def _show_typed(visit: Visit, template: str, *, status: int) -> Response:
    """Show a form that was not accepted, with everything that was typed.

    No page can keep a file. Without a session a file is not even read.
    """
    if visit.page.max_bytes_setting:
        return visit.render("errors/choose_again.html", status=status)
    typed = [(n, v) for n, v in request.form.items(multi=True) if n != CSRF_FIELD]
    if len(typed) > _MOST_FIELDS:
        # Showing a body that is only fields takes a hundred times its size.
        raise TooLarge("The form has too many fields. Open the page again.")
    return visit.render(template, status=status, typed=typed)


def redirect_to(endpoint: str, /, **values: Any) -> AnyResponse:
    """Send the browser to another page with GET, so that a reload repeats no form."""
    return flask.redirect(flask.url_for(endpoint, **values), code=303)
