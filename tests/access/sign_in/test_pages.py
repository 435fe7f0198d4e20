"""Sign-in through the pages: the choice of a force, the way there and back, and each refusal."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from catalogue.access.identity_providers.operations import create_identity_provider
from catalogue.core import clock
from catalogue.core.application import unit_of_work
from tests.access.identity_providers.issuer import OPENID
from tests.access.sign_in.browser import ATTEMPTS, FORM, SESSION, Browser
from tests.access.sign_in.conftest import CLIENT, TOKEN, Signing, describe
from tests.stores import Store


@pytest.fixture
def browser(signing: Signing) -> Browser:
    signing.record()
    return Browser(signing)


def sentence(answer: TestResponse) -> str:
    """Return the sentence of a refusal. The page has a way back."""
    assert "<h1" in answer.text
    assert 'href="/sign-in?next=' in answer.text
    found = re.search(r'</h1>\s*<p class="govuk-body">([^<]*)</p>', answer.text)
    assert found, answer.text
    return unescape(found[1])


def test_person_signs_in_and_reaches_the_page_first_asked_for(browser: Browser) -> None:
    answer = browser.sign_in("/sign-in/beds?next=/systems?q=a")
    assert answer.headers["Location"] == "/systems?q=a"
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(SESSION)]
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Expires" not in cookie
    assert browser.name() == "Jo Smith"
    assert browser.cookie(ATTEMPTS) is None


def test_page_without_a_session_leads_to_the_sign_in_and_back(browser: Browser) -> None:
    answer = browser.get("/systems?q=a")
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    link = re.search(r'href="(/sign-in/beds\?next=[^"]*)"', page.text)
    assert link, page.text
    assert browser.sign_in(unescape(link[1])).headers["Location"] == "/systems?q=a"


def test_choice_lists_the_forces_and_states_when_a_session_ends(browser: Browser) -> None:
    page = browser.get("/sign-in")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Bedfordshire Police</a>" in page.text
    assert "Your session ends after 30 minutes without use, and after 12 hours" in page.text


@pytest.mark.parametrize(
    "email", ["jo@beds.police.uk", "nobody@BEDS.police.uk", " x@beds.police.uk "]
)
def test_domain_of_an_address_leads_to_its_force_for_every_person(
    browser: Browser, email: str
) -> None:
    page = browser.post("/sign-in", email=email, next="/systems")
    assert page.status_code == 200
    assert "Sign in with Bedfordshire Police" in page.text
    assert "/sign-in/beds?next=/systems" in page.text
    assert email.strip() not in page.text


@pytest.mark.parametrize("email", ["", "jo", "jo@kent.police.uk", "jo@evil.beds.police.uk", "@"])
def test_other_address_leaves_the_list(browser: Browser, email: str) -> None:
    page = browser.post("/sign-in", email=email)
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert "<title>\n" in page.text or "Error: Sign in" in page.text
    assert "Bedfordshire Police</a>" in page.text


def test_provider_without_a_client_is_not_offered(signing: Signing) -> None:
    signing.record(sign_in_client_id=None)
    browser = Browser(signing)
    assert "No force can sign in yet" in browser.get("/sign-in").text
    assert browser.get("/sign-in/beds").status_code == 404
    assert browser.get("/sign-in/beds/callback?state=a&code=b").status_code == 404
    assert browser.get("/sign-in/kent").status_code == 404


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_sign_in_never_leads_to_another_site(browser: Browser, place: str) -> None:
    assert browser.sign_in(f"/sign-in/beds?next={place}").headers["Location"] == "/"
    assert browser.get(f"/sign-in?next={place}").headers["Location"] == "/"


def test_new_sign_in_ends_the_former_session(browser: Browser) -> None:
    browser.sign_in()
    former = browser.cookie()
    browser.sign_in()
    assert former
    assert browser.cookie() != former
    browser.client.set_cookie(SESSION, former)
    assert browser.name() is None


def test_value_that_somebody_planted_is_not_the_session(browser: Browser) -> None:
    browser.client.set_cookie(SESSION, "planted")
    browser.sign_in()
    assert browser.cookie() not in (None, "planted")


def test_two_tabs_can_sign_in(browser: Browser) -> None:
    first, second = browser.begin(), browser.begin("/sign-in/beds?next=/systems")
    assert browser.come_back(second).headers["Location"] == "/systems"
    assert browser.come_back(first).status_code == 303


def test_fourth_attempt_ends_the_first(browser: Browser) -> None:
    attempts = [browser.begin() for _ in range(4)]
    assert "has expired" in sentence(browser.come_back(attempts[0]))
    assert browser.come_back(attempts[1]).status_code == 303


def test_reload_of_the_callback_is_harmless(browser: Browser) -> None:
    attempt = browser.begin()
    browser.come_back(attempt)
    session = browser.cookie()
    again = browser.come_back(attempt)
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert browser.cookie() == session
    assert len(browser.signing.issuer.posted) == 1


def test_state_is_used_once(browser: Browser) -> None:
    attempt = browser.begin()
    browser.signing.respond(attempt)
    browser.signing.issuer.served[TOKEN] = 400
    query = {"code": "c", "state": attempt.state, "iss": browser.signing.issuer.url}
    path = "/sign-in/beds/callback"
    assert browser.client.get(path, query_string=query).status_code == 502
    answer = browser.client.get(path, query_string=query)
    assert "This sign-in has expired, or has already ended." in sentence(answer)
    assert answer.status_code == 400


def test_response_of_an_attempt_of_another_browser_signs_nobody_in(
    browser: Browser, signing: Signing
) -> None:
    attacker = Browser(signing)
    attempt = attacker.begin()
    for victim in (browser, Browser(signing)):
        answer = victim.come_back(attempt)
        assert "has expired" in sentence(answer)
        assert victim.cookie() is None
    assert signing.issuer.posted == []


def test_attempt_expires(browser: Browser) -> None:
    start = clock.now()
    with clock.freeze(start):
        attempt = browser.begin()
    with clock.freeze(start + timedelta(minutes=10)):
        assert "has expired" in sentence(browser.come_back(attempt))


def test_attempt_at_one_provider_is_not_ended_by_another(
    browser: Browser, signing: Signing
) -> None:
    with unit_of_work(signing.app) as context:
        create_identity_provider(
            context,
            {
                "key": "evil",
                "name": "Evil",
                "issuer": "https://evil.example",
                "audiences": ["a"],
                "sign_in_client_id": CLIENT,
            },
        )
    query = signing.respond(browser.begin())
    answer = browser.client.get("/sign-in/evil/callback", query_string=query)
    assert "has expired" in sentence(answer)
    assert signing.issuer.posted == []


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"error": "access_denied"}, 403, "was cancelled or refused there"),
        ({"error": "temporarily_unavailable"}, 503, "does not respond"),
        ({"error": "<b>", "error_description": "<script>x</script>"}, 502, "cannot be accepted"),
        ({"code": "c", "iss": "https://evil.example"}, 502, "cannot be accepted"),
        ({}, 502, "cannot be accepted"),
    ],
    ids=str,
)
def test_failure_at_the_provider_is_a_page_with_a_way_back(
    browser: Browser, query: dict[str, str], status: int, said: str
) -> None:
    attempt = browser.begin("/sign-in/beds?next=/systems")
    sent = {"state": attempt.state, "iss": browser.signing.issuer.url} | query
    answer = browser.client.get("/sign-in/beds/callback", query_string=sent)
    assert (answer.status_code, browser.cookie()) == (status, None)
    assert said in sentence(answer)
    assert 'href="/sign-in?next=/systems"' in answer.text
    assert "<b>" not in answer.text
    assert "<script>x" not in answer.text


def test_repeated_parameter_is_refused(browser: Browser) -> None:
    attempt = browser.begin()
    query = "&".join(f"{n}={v}" for n, v in browser.signing.respond(attempt).items())
    answer = browser.get(f"/sign-in/beds/callback?{query}&code=other")
    assert "has expired" in sentence(answer)


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"agency": "kent-police"}, "names no agency that Bedfordshire Police can act for here"),
        ({"roles": []}, "has no role in the catalogue"),
        ({"nonce": "other"}, "cannot be accepted"),
        ({"sub": ""}, "cannot be accepted"),
    ],
    ids=str,
)
def test_person_who_cannot_sign_in_reads_why(
    browser: Browser, claims: dict[str, Any], said: str
) -> None:
    answer = browser.come_back(browser.begin(), **claims)
    assert said in sentence(answer)
    assert browser.cookie() is None


def test_provider_that_is_down_is_named(browser: Browser) -> None:
    browser.signing.issuer.served[OPENID] = 503
    answer = browser.get("/sign-in/beds")
    assert answer.status_code == 503
    assert sentence(answer) == ("Bedfordshire Police does not respond. Try again in a few minutes.")


def test_log_names_the_reason_and_no_token(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = browser.begin()
    browser.come_back(attempt, aud="other")
    (message,) = [m for m in caplog.messages if m.startswith("Sign-in at beds refused")]
    assert "another audience" in message
    assert attempt.state not in message


def test_blocked_person_is_signed_out_with_the_next_request(browser: Browser) -> None:
    browser.sign_in()
    assert browser.name() == "Jo Smith"
    browser.signing.change(blocked_subjects=["7d1f"])
    assert browser.name() is None
    browser.signing.change(blocked_subjects=[])
    assert browser.name() is None


def test_idle_session_leads_to_the_sign_in(browser: Browser) -> None:
    start = clock.now()
    browser.sign_in()
    with clock.freeze(start + timedelta(minutes=31)):
        answer = browser.get("/systems")
        assert answer.headers["Location"] == "/sign-in?next=/systems"


def test_sign_out_ends_the_session_and_goes_on_to_the_provider(browser: Browser) -> None:
    browser.sign_in()
    former = browser.cookie()
    assert former
    page = browser.post("/sign-out")
    assert page.status_code == 200
    url = page.headers["Refresh"].removeprefix("0; url=")
    assert url.startswith(f"{browser.signing.issuer.url}/end-session?client_id=pages")
    assert "id_token_hint=" in url
    assert "Sign out of Bedfordshire Police" in page.text
    assert "site-identity" not in page.text
    assert browser.cookie() is None
    browser.client.set_cookie(SESSION, former)
    assert browser.name() is None
    assert "You are signed out" in browser.get("/signed-out").text


def test_sign_out_ends_here_if_the_provider_has_no_address(browser: Browser) -> None:
    describe(browser.signing.issuer, end_session_endpoint=None)
    browser.sign_in()
    answer = browser.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signed-out")
    assert browser.name() is None


def test_sign_out_on_all_devices(browser: Browser, signing: Signing) -> None:
    other = Browser(signing)
    other.sign_in()
    stranger = Browser(signing)
    stranger.sign_in(sub="8e2a", preferred_username="kim")
    browser.sign_in()
    browser.post("/sign-out", everywhere="yes")
    assert [each.name() for each in (browser, other, stranger)] == [None, None, "Jo Smith"]


def test_other_sites_can_sign_nobody_out(browser: Browser) -> None:
    browser.sign_in()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {}):
        answer = browser.client.post("/sign-out", headers=headers)
        assert answer.status_code == 403
    assert browser.client.post("/sign-out", headers=FORM).status_code == 403
    assert browser.get("/sign-out").status_code == 405
    assert browser.name() == "Jo Smith"


def test_sign_out_without_a_session_is_harmless(browser: Browser) -> None:
    assert browser.post("/sign-out").headers["Location"] == "/signed-out"


def test_sign_in_pages_load_without_a_session_and_leak_none(
    browser: Browser, make_agency: Callable[..., object]
) -> None:
    for path in ("/sign-in", "/signed-out", "/sign-in/beds/callback"):
        page = browser.get(path)
        assert "site-identity" not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_sign_ins_from_one_address_have_a_rate_limit(browser: Browser, store: Store) -> None:
    app = store.app_with(identity_provider_private_addresses=True, token_requests_per_minute=2)
    hurried = Browser(Signing(app, browser.signing.issuer, browser.signing.party))
    with clock.freeze(datetime(2027, 3, 1, 9, 0, 20, tzinfo=UTC)):
        for _ in range(2):
            hurried.sign_in()
        posted = len(browser.signing.issuer.posted)
        refused = hurried.come_back(hurried.begin())
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "40"
        assert sentence(refused) == (
            "Too many people sign in from your network. Try again in 40 seconds."
        )
        assert len(browser.signing.issuer.posted) == posted
    with clock.freeze(datetime(2027, 3, 1, 9, 1, tzinfo=UTC)):
        hurried.sign_in()
