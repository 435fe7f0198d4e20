"""Rules of every page: the session, forms from elsewhere, headers, errors and declared calls."""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import govuk_frontend_jinja
import pytest
from flask import Flask

from catalogue.core.rest.operation import PUBLIC
from catalogue.web import security
from catalogue.web.api_calls import find_operation
from catalogue.web.pages import Page, Visit
from catalogue.web.site import all_pages
from tests.factories import BEDS
from tests.web.visitor import SAME_SITE, Visitor, words

NO_ID = "00000000-0000-4000-8000-000000000000"
TEMPLATES = Path(security.__file__).parent / "templates"
Visiting = Callable[..., Visitor]


@pytest.fixture(scope="session")
def pages(store: object) -> list[Page]:
    """Every page of the site."""
    return all_pages(store.app)  # type: ignore[attr-defined]


def address(page: Page) -> str:
    """Return an address of a page, whose record does not exist."""
    text = re.sub(r"<uuid:[a-z_]+>", NO_ID, page.rule)
    return re.sub(r"<[a-z_]+>", "about", text)


def test_pages_declare_operations_of_the_api(app: Flask, pages: list[Page]) -> None:
    for page in pages:
        for name in (*page.calls, *page.needs):
            assert find_operation(app, name).name == name, page
        assert set(page.needs) <= set(page.calls), page


def test_page_cannot_call_an_operation_that_it_does_not_declare() -> None:
    visit = Visit(Page(name="list", method="GET", rule="/", calls=("list_systems",)), None)
    with pytest.raises(LookupError, match="does not declare the operation get_system"):
        visit.call("get_system")


def test_page_that_shows_something_cannot_call_an_operation_that_writes(app: Flask) -> None:
    visit = Visit(Page(name="list", method="GET", rule="/", calls=("create_system",)), None)
    with app.app_context(), pytest.raises(LookupError, match="create_system writes"):
        visit.call("create_system", body={})


def test_page_without_a_session_leads_to_signing_in_and_back(app: Flask, pages: list[Page]) -> None:
    visitor = Visitor(app)
    for page in pages:
        if page.public or page.method != "GET":
            continue
        response = visitor.client.get(f"{address(page)}?q=a%20b", base_url="https://localhost")
        assert response.status_code == 303, page
        assert response.location.startswith("/sign-in?next=/"), page
        assert response.location.endswith("?q%3Da%2520b"), page


def test_unknown_cookie_leads_to_signing_in(app: Flask) -> None:
    visitor = Visitor(app, "no session has this value")
    assert visitor.client.get("/systems", base_url="https://localhost").status_code == 303


def test_form_sent_by_another_site_is_refused(visit: Visiting, pages: list[Page]) -> None:
    visitor = visit()
    for page in pages:
        if page.method == "POST" and not page.public:
            for site in ("cross-site", "same-site"):
                shown = visitor.send(
                    address(page), {}, status=403, headers={"Sec-Fetch-Site": site}
                )
                assert "Another website sent this form." in shown.text, page


def test_form_without_its_token_is_refused_unless_the_browser_vouches(visit: Visiting) -> None:
    visitor = visit()
    typed = {"name": "Duty <b>management</b>", "csrf_token": "wrong"}
    assert "Another website" in visitor.send("/systems/new", typed, status=403, headers={}).text
    shown = visitor.send("/systems/new", typed, status=403, headers=SAME_SITE)
    assert shown.heading == "Check before you send this again"
    assert "Name Duty <b>management</b>" in shown.text
    assert shown.send(status=422).mistakes == {"#lifecycle": "Enter the lifecycle"}


def test_form_sent_again_shows_words(visit: Visiting) -> None:
    typed = {
        "csrf_token": "wrong",
        "base": "{}",
        "key": "k",
        "etag": "e",
        "step": "check",
        "system_id": NO_ID,
        "live_from-day": "27",
        "live_from-month": "3",
        "live_from-year": "2027",
        "hosting": "on_premise",
        "retention_hold": "true",
        "capabilities": ["DUTY", "FLEET"],
        "notes": "",
        "ended_on": "no date",
    }
    shown = visit().send("/systems/new", typed, status=403, headers=SAME_SITE)
    rows = {
        words(row.find("dt")): words(row.find("dd"))
        for row in shown.root.iter("div")
        if row.get("class") == "govuk-summary-list__row"
    }
    assert rows == {
        "Live from": "27 3 2027",
        "Hosting": "On premises",
        "Retention hold": "Yes",
        "Capabilities": "DUTY, FLEET",
        "Ended on": "no date",
    }


def test_refusal_names_the_right_and_the_role_that_has_it(visit: Visiting) -> None:
    reader = visit(BEDS, "systems:read decisions:read")
    shown = reader.open("/systems/new", status=403)
    assert "Record and change your agency's systems, custom fields" in shown.text
    assert "for the role “IT manager” or “Administrator”, then sign in again" in shown.text
    shown = reader.open("/administration/sessions", status=403)
    assert "Maintain agencies, identity providers" in shown.text
    assert "for the role “Administrator”, then sign in again" in shown.text


def test_form_sent_after_the_session_ended_keeps_what_was_typed(visit: Visiting) -> None:
    visitor = visit()
    form = visitor.open("/systems/new")
    visitor.sign_out()
    ended = form.send(status=401, name="Duty management", lifecycle="live")
    assert ended.heading == "Your session has ended"
    visitor.sign_in(visitor.cookie or "")
    again = ended.send(status=403)
    assert again.heading == "Check before you send this again"
    assert again.send().heading == "Duty management"


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/nothing", 404, "Page not found"),
        (f"/systems/{NO_ID}", 404, "Page not found"),
        ("/systems/not-an-id", 404, "Page not found"),
        (f"/systems/{NO_ID}/confirmation", 405, "The address is for a form"),
    ],
    ids=["no page", "no record", "no id", "a form's target"],
)
def test_error_is_a_page_with_a_way_on(
    visit: Visiting, path: str, status: int, heading: str
) -> None:
    shown = visit().open(path, status=status)
    assert shown.heading == heading
    assert shown.links()["Go to the home page"] == "/"
    assert shown.response.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("//elsewhere.example/", {}, 404),
        (f"/systems?q={'a' * 20_000}", {}, 414),
        ("/systems", {"X-Other": "b" * 70_000}, 431),
    ],
    ids=["two slashes", "long address", "large headers"],
)
def test_request_refused_before_its_path_is_read_shows_a_page(
    app: Flask, path: str, headers: dict[str, str], status: int
) -> None:
    address, _, query = path.partition("?")
    response = app.test_client().open(
        environ_overrides={"PATH_INFO": address, "QUERY_STRING": query}, headers=headers
    )
    assert response.status_code == status
    assert 'href="/">Go to the home page</a>' in response.text


@pytest.mark.parametrize("signed_in", [True, False])
def test_form_shown_again_is_sent_below_the_path_of_the_public_url(
    app: Flask, visit: Visiting, *, signed_in: bool
) -> None:
    visitor = visit() if signed_in else Visitor(app)
    response = visitor.client.post(
        "/systems/new",
        base_url="https://localhost/it",
        headers=SAME_SITE,
        data={"name": "Duty management"},
    )
    assert 'action="/it/systems/new?"' in response.text


def test_form_of_very_many_fields_is_not_shown_again(app: Flask) -> None:
    response = Visitor(app).client.post(
        "/systems/new",
        base_url="https://localhost",
        data="a&" * 2_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 413
    assert "<form" not in response.text


def test_address_with_a_nul_is_no_page(app: Flask) -> None:
    visitor = Visitor(app)
    for path in ("/sign-in/%00", "/sign-in/a%00/callback", "/systems%00"):
        visitor.open(path, status=404)
    path = "/sign-in/%00/back-channel-logout"
    response = visitor.client.post(path, data={"logout_token": "a"}, base_url="https://localhost")
    assert response.status_code in {400, 404}


def test_api_still_answers_errors_with_problem_documents(app: Flask) -> None:
    for path in ("/v1/nothing", "/v1/systems", "/health/nothing"):
        response = app.test_client().get(path)
        assert response.mimetype == "application/problem+json", path


def test_every_page_has_the_headers_that_protect_it(visit: Visiting, app: Flask) -> None:
    for visitor, path in ((visit(), "/"), (visit(), "/nothing"), (Visitor(app), "/sign-in")):
        headers = visitor.client.get(path, base_url="https://localhost").headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff", path


def test_files_of_the_site_are_kept_by_caches(app: Flask, visit: Visiting) -> None:
    page = visit().open("/")
    links = [link.get("href", "") for link in page.root.iter("link")]
    links += [script.get("src", "") for script in page.root.iter("script")]
    files = [link for link in links if link]
    assert len(files) >= 3
    for file in files:
        with app.test_client().get(file) as response:
            assert response.status_code == 200, file
            assert "max-age=31536000" in response.headers["Cache-Control"], file


def test_hash_of_the_inline_script_is_that_of_the_macros() -> None:
    template = Path(govuk_frontend_jinja.__file__).parent / "templates" / "template.html"
    (script,) = re.findall(r"<script [^>]*>(document\.body.*?)</script>", template.read_text())
    digest = hashlib.sha256(script.encode()).digest()
    assert f"'sha256-{base64.b64encode(digest).decode()}'" in security.CONTENT_SECURITY_POLICY


def test_templates_never_pass_html_to_macros() -> None:
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        assert '"html":' not in text, template
        assert "|safe" not in text.replace(" ", ""), template
        assert "style=" not in text, template


def test_person_without_the_scope_is_refused_the_page_and_sees_no_link(
    visit: Visiting, pages: list[Page], app: Flask
) -> None:
    for page in pages:
        if page.method != "GET" or not page.needs:
            continue
        scopes = {find_operation(app, name).scope for name in page.needs}
        assert PUBLIC not in scopes, page
        shown = visit(BEDS, "webhooks:write").open(address(page), status=403)
        assert shown.heading == "Your role does not include this page", page
    shown = visit(BEDS, "webhooks:write").open("/")
    assert "Systems" not in [(a.text or "").strip() for a in shown.root.iter("a")]
