"""Back-channel logout: which tokens end which sessions, and which are refused."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.access.sessions.models import WebSession
from catalogue.access.sign_in.operations import log_out, sign_in
from catalogue.access.sign_in.refusals import ProviderFaulty
from catalogue.access.sign_in.relying_party import LOGOUT_EVENT
from tests.access.forged_tokens import FromNow, unix_time, with_times
from tests.access.sign_in.browser import Browser
from tests.access.sign_in.conftest import CLIENT, Signing


def logout_token(signing: Signing, header: dict[str, Any] | None = None, **changed: Any) -> str:
    claims = {
        "iss": signing.issuer.url,
        "aud": CLIENT,
        "iat": unix_time(0),
        "exp": unix_time(120),
        "jti": "j-1",
        "sub": "7d1f",
        "sid": "s-1",
        "events": {LOGOUT_EVENT: {}},
    } | changed
    present = {name: value for name, value in claims.items() if value is not None}
    return signing.issuer.sign(present, header={"typ": "logout+jwt"} | (header or {}))


def begin(signing: Signing, session: Session, **claims: Any) -> str:
    attempt = signing.begin()
    identity = signing.identify(attempt, signing.id_token(attempt, **claims))
    value = sign_in(session, signing.provider, identity, former=None)
    session.commit()
    return value


@pytest.mark.parametrize(
    ("claims", "ended"),
    [
        ({}, {"s-1"}),
        ({"sub": None}, {"s-1"}),
        ({"sid": None}, {"s-1", "s-2"}),
        ({"sub": "other"}, set()),
        ({"sub": None, "sid": "other"}, set()),
    ],
    ids=["person and session", "session", "person", "other person", "other session"],
)
def test_token_ends_the_sessions_that_it_names(
    signing: Signing, session: Session, claims: dict[str, Any], ended: set[str]
) -> None:
    signing.record()
    for sid, sub in (("s-1", "7d1f"), ("s-2", "7d1f"), ("s-3", "8e2a")):
        begin(signing, session, sid=sid, sub=sub)
    logout = signing.party.verify_logout(signing.provider, logout_token(signing, **claims))
    assert log_out(session, signing.provider, logout) == len(ended)
    left = {row.issuer_session for row in session.query(WebSession)}
    assert left == {"s-1", "s-2", "s-3"} - ended


def test_token_is_used_once(signing: Signing, session: Session) -> None:
    signing.record()
    logout = signing.party.verify_logout(signing.provider, logout_token(signing))
    assert log_out(session, signing.provider, logout) == 0
    session.commit()
    begin(signing, session)
    assert log_out(session, signing.provider, logout) is None
    assert session.query(WebSession).count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"events": None},
        {"events": {}},
        {"events": [LOGOUT_EVENT]},
        {"events": {LOGOUT_EVENT: None}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"jti": None},
        {"jti": ["j"]},
        {"iat": None},
        {"iat": FromNow(-331)},
        {"iat": -1e300},
        {"iat": FromNow(600)},
        {"exp": None},
        {"exp": FromNow(-60)},
        {"aud": "other"},
        {"aud": [CLIENT, "other"]},
        {"iss": "https://evil.example"},
        {"sub": None, "sid": None},
        {"sub": ""},
        {"sid": 7},
        {"header": {"typ": "at+jwt"}},
        {"header": {"kid": "unknown"}},
    ],
    ids=str,
)
def test_other_token_is_refused(signing: Signing, changed: dict[str, Any]) -> None:
    signing.record()
    with pytest.raises(ProviderFaulty):
        signing.party.verify_logout(signing.provider, logout_token(signing, **with_times(changed)))


def test_id_token_is_no_logout_token(signing: Signing) -> None:
    signing.record()
    with pytest.raises(ProviderFaulty):
        signing.party.verify_logout(signing.provider, signing.id_token(signing.begin()))


PATH = "/sign-in/beds/back-channel-logout"


def test_provider_ends_a_session_and_the_browser_is_signed_out(signing: Signing) -> None:
    signing.record()
    browser, other = Browser(signing), Browser(signing)
    browser.sign_in()
    other.sign_in(sid="s-2")
    token = logout_token(signing)
    api = signing.app.test_client()
    answer = api.post(PATH, data={"logout_token": token})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (browser.name(), other.name()) == (None, "Jo Smith")
    browser.sign_in()
    answer = api.post(PATH, data={"logout_token": token})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert browser.name() == "Jo Smith"


def test_anything_else_ends_nothing(signing: Signing) -> None:
    signing.record()
    browser = Browser(signing)
    browser.sign_in()
    api = signing.app.test_client()
    for form in (
        {},
        {"logout_token": "a.b.c"},
        {"logout_token": signing.id_token(signing.begin())},
    ):
        assert api.post(PATH, data=form).status_code == 400
    assert api.post("/sign-in/kent/back-channel-logout", data={}).status_code == 400
    assert api.post(PATH, data={"logout_token": "x" * 20_000}).status_code == 413
    assert browser.name() == "Jo Smith"
