"""A person with a browser, who signs in through the pages."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue.access.sign_in.attempts import Attempt
from tests.access.sign_in.conftest import Signing

SESSION = "__Host-session"
ATTEMPTS = "__Host-sign-in"
FORM = {"Sec-Fetch-Site": "same-origin"}


def valid(answer: TestResponse) -> TestResponse:
    """Return a response whose page is valid HTML."""
    if not answer.location:
        html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer


class Browser:
    """A browser at the pages of an app."""

    def __init__(self, signing: Signing) -> None:
        self.signing = signing
        self.client: FlaskClient = signing.app.test_client()

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return valid(self.client.get(path))

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form of a page, with the token that the pages of the session hold."""
        token = re.search(r'name="csrf_token" value="(\w+)"', self.get("/sign-in").text)
        if token:
            form.setdefault("csrf_token", token[1])
        return valid(self.client.post(path, data=form, headers=FORM))

    def begin(self, path: str = "/sign-in/beds") -> Attempt:
        """Go to the provider, and return what it learns of the attempt."""
        answer = self.get(path)
        assert answer.status_code == 303, answer.text
        query = {n: v for n, (v,) in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        return Attempt("beds", query["state"], query["nonce"], "", 0, "")

    def come_back(self, attempt: Attempt, **claims: Any) -> TestResponse:
        """Return from the provider, which has signed the person in."""
        path = f"/sign-in/{self.signing.key}/callback"
        return valid(self.client.get(path, query_string=self.signing.respond(attempt, **claims)))

    def sign_in(self, path: str = "/sign-in/beds", **claims: Any) -> TestResponse:
        """Sign in, and return the last response."""
        answer = self.come_back(self.begin(path), **claims)
        assert answer.status_code == 303, answer.text
        return answer

    def cookie(self, name: str = SESSION) -> str | None:
        """Return the value of a cookie."""
        found = self.client.get_cookie(name)
        return found and found.value

    def name(self) -> str | None:
        """Return the name that the pages show for the signed-in person, or None."""
        shown = self.get("/sign-in").text
        found = re.search(r'class="site-identity__person"><a [^>]*>([^<]*)<', shown)
        return found and unescape(found[1])
