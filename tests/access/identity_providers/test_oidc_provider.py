"""Tokens of a real OpenID provider, npm's certified `oidc-provider`, for a program and a person."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Flask

from tests.access.identity_providers.conftest import AGENCY, ask, record_provider
from tests.access.identity_providers.issuer import AUDIENCE
from tests.threads import PATIENCE_SECONDS
from tests.toolchain import running_provider

CALLBACK = "https://portal.example/callback"
SCOPES = "openid systems:read"


@pytest.fixture(scope="module")
def oidc_provider() -> Iterator[str]:
    """The issuer of a provider that runs."""
    with running_provider(AUDIENCE) as issuer:
        yield issuer


def sign_in(issuer: str) -> dict[str, str]:
    """Sign a person in at the provider, with PKCE and consent. Return the tokens."""
    verifier = secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": SCOPES,
        "resource": AUDIENCE,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "nonce": "n-0S6",
    }
    form = {"login": "jo.smith", "password": "any"}
    with httpx.Client(base_url=issuer, timeout=PATIENCE_SECONDS, trust_env=False) as browser:
        answer = browser.get("/auth", params=query)
        while not (place := answer.headers["Location"]).startswith(CALLBACK):
            answer = browser.get(place)
            if answer.status_code == 200:
                prompt = "login" if 'value="login"' in answer.text else "consent"
                answer = browser.post(place, data=form | {"prompt": prompt})
        (code,) = parse_qs(urlsplit(place).query)["code"]
        exchange = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        answer = browser.post(
            "/token", data=exchange | {"code_verifier": verifier}, auth=("portal", "secret")
        )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.default_store("sqlite")
def test_program_and_person_of_real_provider_are_accepted_and_its_id_token_is_not(
    provider_app: Flask, make_agency: Callable[..., object], oidc_provider: str
) -> None:
    make_agency(AGENCY)
    record_provider(
        provider_app,
        oidc_provider,
        # With the client as an audience, only its kind sets the ID token apart.
        audiences=[AUDIENCE, "portal"],
        agency_claims=["org.code"],
        agency_values=[{"value": "beds", "agency": AGENCY}],
    )
    api = provider_app.test_client()
    program = httpx.post(
        f"{oidc_provider}/token",
        data={"grant_type": "client_credentials", "scope": "systems:read", "resource": AUDIENCE},
        auth=("cmdb", "secret"),
        timeout=PATIENCE_SECONDS,
        trust_env=False,
    ).json()["access_token"]
    issued = sign_in(oidc_provider)
    for token, client, person in (
        (program, "beds:cmdb", "beds:cmdb"),
        (issued["access_token"], "beds:portal", "beds:jo.smith"),
    ):
        answer = ask(api, token)
        assert answer.status_code == 200, answer.text
        assert (answer.json["client_id"], answer.json["subject"]) == (client, person)
        assert (answer.json["agency"], answer.json["scopes"]) == (AGENCY, ["systems:read"])
    refused = ask(api, issued["id_token"])
    assert refused.status_code == 401
