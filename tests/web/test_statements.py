"""The statements in the footer: public, and true to the settings."""

import pytest
from flask import Flask

from tests.stores import Store
from tests.web.visitor import Visitor

OPERATOR = {
    "operator_name": "BCH <ICT>",
    "contact_email": "help@bch.example",
    "data_protection_email": "dpo@bch.example",
}


@pytest.mark.parametrize(
    ("path", "link", "heading"),
    [
        ("/accessibility", "Accessibility statement", "Accessibility statement"),
        ("/privacy", "Privacy", "Privacy notice"),
        ("/cookies", "Cookies", "Cookies"),
    ],
)
def test_footer_leads_everybody_to_the_statements(
    app: Flask, path: str, link: str, heading: str
) -> None:
    visitor = Visitor(app)
    links = {(a.text or "").strip(): a.get("href") for a in visitor.open("/sign-in").root.iter("a")}
    assert links[link] == path
    assert visitor.open(path).heading == heading


def test_statements_name_the_operator(store: Store) -> None:
    visitor = Visitor(store.app_with(**OPERATOR))
    accessibility, privacy = visitor.open("/accessibility"), visitor.open("/privacy")
    for page, address in ((accessibility, "help@bch.example"), (privacy, "dpo@bch.example")):
        assert "BCH <ICT> runs the" in page.text
        assert page.links()[address] == f"mailto:{address}"


def test_statements_admit_that_no_contact_is_recorded(app: Flask) -> None:
    for path in ("/accessibility", "/privacy"):
        text = Visitor(app).open(path).text
        assert "contact the administrator of your agency, because the operator has recorded no" in (
            text
        )


def test_one_address_serves_for_both(store: Store) -> None:
    visitor = Visitor(store.app_with(contact_email="help@bch.example"))
    assert "help@bch.example" in visitor.open("/privacy").links()


def test_durations_and_cookies_are_those_of_the_settings(store: Store) -> None:
    app = store.app_with(
        session_idle_seconds=900,
        session_lifetime_seconds=8 * 3600,
        public_url="http://127.0.0.1:8123",
        access_log=True,
    )
    visitor = Visitor(app)
    for path in ("/privacy", "/cookies"):
        text = visitor.open(path).text
        assert "15 minutes without" in text
        assert "8 hours" in text
    assert "The log of the server also has a line for each request" in visitor.open("/privacy").text
    assert "The file for 3 days, and refused rows for 30 days" in visitor.open("/privacy").text
    for name in ("__Host-session-8123", "__Host-sign-in-8123"):
        assert name in visitor.open("/cookies").text


def test_no_cookie_is_set_that_the_page_does_not_name(app: Flask) -> None:
    visitor = Visitor(app)
    for path in ("/", "/sign-in", "/cookies"):
        response = visitor.client.get(path, base_url="https://localhost")
        assert response.headers.getlist("Set-Cookie") == [], path
