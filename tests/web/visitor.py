"""A person who uses the pages without JavaScript: links are followed, and forms sent as shown."""

from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from catalogue.access.operations import create_client
from catalogue.access.scopes import known_scopes
from catalogue.access.sessions.operations import begin_session
from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor
from catalogue.core.application import settings
from catalogue.web.sessions import cookie_name

BASE_URL = "https://localhost"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def begin(session: Session, agency_code: str | None, scopes: str) -> tuple[str, Actor]:
    """Begin a session for a new client with these scopes. Return the cookie's value."""
    client, _ = create_client(session, name="Visitor", agency_code=agency_code, scopes=scopes)
    agency_id = session.scalar(sa.select(Agency.id).where(Agency.code == agency_code))
    actor = Actor(client.client_id, agency_id, agency_code, known_scopes(scopes), "person:Ada")
    value = begin_session(session, actor=actor, name="Ada of IT")
    session.commit()
    return value, actor


class Visitor:
    """A browser without JavaScript, and the session that it is signed in by."""

    def __init__(self, app: Flask, cookie: str | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self._name = cookie_name(settings(app))
        self.cookie = cookie
        if cookie is not None:
            self.sign_in(cookie)

    def sign_in(self, cookie: str) -> None:
        """Take the cookie of a session."""
        self.client.set_cookie(self._name, cookie, secure=True)

    def sign_out(self) -> None:
        """Lose the cookie of the session, as when it expires."""
        self.client.delete_cookie(self._name)

    def open(self, address: str, *, status: int = 200) -> "Shown":
        """Open a page, and check its status."""
        return self._shown(self.client.get(address, base_url=BASE_URL), status)

    def send(
        self,
        address: str,
        values: Any,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> "Shown":
        """Send a form, follow a redirect, and check the status of what is shown then."""
        sent = SAME_SITE if headers is None else headers
        response = self.client.post(
            address, data=values, base_url=BASE_URL, headers=sent, follow_redirects=True
        )
        for each in (*response.history, response):
            # The test client leaves the temporary file of a large body open.
            each.request.environ["wsgi.input"].close()
        return self._shown(response, status)

    def _shown(self, response: TestResponse, status: int) -> "Shown":
        shown = Shown(self, response)
        assert response.status_code == status, shown.text
        return shown


@dataclass
class Shown:
    """A page as it is shown."""

    visitor: Visitor
    response: TestResponse
    root: Element = field(init=False)

    def __post_init__(self) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
        self.root = parser.parse(self.response.get_data(as_text=True))

    @property
    def address(self) -> str:
        """The path that is shown, after redirects."""
        return self.response.request.path

    @property
    def title(self) -> str:
        """The title of the window."""
        return words(self.one(".//title"))

    @property
    def heading(self) -> str:
        """The only main heading."""
        return words(self.one(".//h1"))

    @property
    def text(self) -> str:
        """The words of the main part."""
        return words(self.one(".//main"))

    @property
    def mistakes(self) -> dict[str, str]:
        """The texts of the summary of errors, by the address that each leads to."""
        found = self.root.findall(".//div[@class='govuk-error-summary']//li")
        return {
            (link.get("href", "") if (link := entry.find("a")) is not None else ""): words(entry)
            for entry in found
        }

    def one(self, path: str) -> Element:
        """Return the only element at a path of ElementTree."""
        (found,) = self.root.findall(path)
        return found

    def links(self) -> dict[str, str]:
        """Return the addresses of the links of the main part, by their words."""
        return {words(a): a.get("href", "") for a in self.one(".//main").iter("a")}

    def follow(self, text: str, *, status: int = 200) -> "Shown":
        """Follow a link of the main part by its words."""
        return self.visitor.open(self.links()[text], status=status)

    def values(self, action: str | None = None) -> MultiDict[str, str]:
        """Return what the form of the main part sends if nothing is changed."""
        return MultiDict(_sent_values(self.form(action)))

    def form(self, action: str | None = None) -> Element:
        """Return the only form that sends something, or the one with this action."""
        forms = [f for f in self.one(".//main").iter("form") if f.get("method") == "post"]
        chosen = [f for f in forms if action is None or f.get("action") == action]
        (form,) = chosen
        return form

    def send(self, *, status: int = 200, action: str | None = None, **values: Any) -> "Shown":
        """Fill in the form of the main part, and send it."""
        form = self.form(action)
        sent = self.values(action)
        for name, value in values.items():
            sent.setlist(name, value if isinstance(value, list) else [value])
        return self.visitor.send(form.get("action") or self.address, sent, status=status)


def words(element: Element) -> str:
    """Return the text of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def _sent_values(form: Element) -> list[tuple[str, str]]:
    sent = []
    for control in form.iter():
        name, kind = control.get("name"), control.get("type")
        if name is None or kind == "submit":
            continue
        if control.tag == "textarea":
            # The browser drops the first line end.
            sent.append((name, (control.text or "").removeprefix("\n")))
        elif control.tag == "select":
            chosen = [o for o in control.iter("option") if o.get("selected") is not None]
            options = chosen or list(control.iter("option"))
            sent.append((name, options[0].get("value", "")))
        elif control.tag == "input" and kind in {"radio", "checkbox"}:
            if control.get("checked") is not None:
                sent.append((name, control.get("value", "on")))
        elif control.tag == "input" and kind != "file":
            sent.append((name, control.get("value", "")))
    return sent
