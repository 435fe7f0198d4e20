"""Sign-in by the authorization code flow: what is requested, and what each attack meets."""

import base64
import hashlib
from datetime import timedelta
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from joserfc.jwk import ECKey

from catalogue.access.sign_in import providers
from catalogue.access.sign_in.refusals import (
    ProviderFaulty,
    ProviderUnavailable,
    SignInExpired,
    SignInRefused,
)
from catalogue.access.sign_in.relying_party import RelyingParty
from catalogue.access.tokens import LARGEST_TOKEN
from catalogue.core import clock
from catalogue.core.application import settings
from catalogue.core.outgoing import RequestFailed
from tests.access.forged_tokens import FromNow, with_times
from tests.access.identity_providers.issuer import KEYS, OPENID
from tests.access.sign_in.conftest import (
    AGENCY,
    AUTHORIZE,
    CLIENT,
    PUBLIC_URL,
    TOKEN,
    Signing,
    describe,
)
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS


def segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_person_is_sent_to_the_provider_with_state_nonce_and_challenge(signing: Signing) -> None:
    signing.record()
    attempt = signing.begin()
    url = urlsplit(signing.party.authorization_url(signing.provider, attempt))
    assert f"{url.scheme}://{url.netloc}{url.path}" == signing.issuer.url + AUTHORIZE
    challenge = hashlib.sha256(attempt.verifier.encode()).digest()
    assert {name: value for name, (value,) in parse_qs(url.query).items()} == {
        "response_type": "code",
        "response_mode": "query",
        "client_id": CLIENT,
        "redirect_uri": f"{PUBLIC_URL}/sign-in/beds/callback",
        "scope": "openid email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": segment(challenge),
        "code_challenge_method": "S256",
    }


def test_query_of_the_authorization_endpoint_stays(signing: Signing) -> None:
    describe(signing.issuer, authorization_endpoint=f"{signing.issuer.url}{AUTHORIZE}?policy=a")
    signing.record()
    url = signing.party.authorization_url(signing.provider, signing.begin())
    assert f"{AUTHORIZE}?policy=a&response_type=code" in url


def test_person_is_an_actor_with_the_scopes_of_the_role(signing: Signing) -> None:
    signing.record()
    attempt = signing.begin()
    query = signing.respond(attempt)
    identity = signing.identify(attempt, signing.party.redeem(signing.provider, attempt, query))
    actor = identity.actor
    assert (actor.client_id, actor.subject) == ("beds:pages", "beds:jo.smith@beds.police.uk")
    assert (actor.agency, actor.scopes) == (AGENCY, {"systems:read", "systems:write"})
    assert (identity.name, identity.subject, identity.session) == ("Jo Smith", "7d1f", "s-1")
    assert actor.provider_token == {
        "provider": "beds",
        "client": CLIENT,
        "person": "jo.smith@beds.police.uk",
        "claims": {"sub": "7d1f", "roles": ["Manager"]},
    }
    ((form, headers),) = signing.issuer.posted
    assert form == {
        "grant_type": "authorization_code",
        "code": "c-1",
        "redirect_uri": f"{PUBLIC_URL}/sign-in/beds/callback",
        "code_verifier": attempt.verifier,
        "client_id": CLIENT,
    }
    assert "Authorization" not in headers


@pytest.mark.parametrize("methods", [None, ["client_secret_basic", "client_secret_post"]])
def test_secret_is_sent_by_basic_authentication(signing: Signing, methods: Any) -> None:
    describe(signing.issuer, token_endpoint_auth_methods_supported=methods)
    signing.record(key="secretive")
    attempt = signing.begin()
    signing.party.redeem(signing.provider, attempt, signing.respond(attempt))
    ((form, headers),) = signing.issuer.posted
    assert "client_secret" not in form
    basic = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert basic == "pages:s3cret%2F%2B+%26"


def test_secret_is_sent_in_the_form_where_the_provider_needs_that(signing: Signing) -> None:
    describe(signing.issuer, token_endpoint_auth_methods_supported=["client_secret_post"])
    signing.record(key="secretive")
    attempt = signing.begin()
    signing.party.redeem(signing.provider, attempt, signing.respond(attempt))
    ((form, headers),) = signing.issuer.posted
    assert form["client_secret"] == "s3cret/+ &"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://idp.example"}, "another issuer"),
        ({"aud": "other"}, "another audience"),
        ({"aud": "other", "azp": CLIENT}, "another audience"),
        ({"aud": [CLIENT, "other"]}, "another client as well"),
        ({"aud": [CLIENT, "other"], "azp": CLIENT}, "another client as well"),
        ({"azp": "other"}, "another client as well"),
        ({"aud": []}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"sub": ""}, "lacks the claim `sub`"),
        ({"sub": None}, "lacks the claim `sub`"),
        ({"sub": 7}, "invalid subject"),
        ({"sub": "\x00"}, "invalid subject"),
        ({"sub": "s" * 256}, "invalid subject"),
        ({"iat": None}, "lacks the claim `iat`"),
        ({"iat": FromNow(3600)}, "not valid yet"),
        ({"exp": None}, "lacks the claim `exp`"),
        ({"exp": FromNow(-31)}, "expired"),
        ({"exp": "soon"}, "not a time"),
        ({"nonce": None}, "another attempt"),
        ({"nonce": ""}, "another attempt"),
        ({"nonce": "n-other"}, "another attempt"),
        ({"nonce": "\ud800"}, "no usable claims"),
        ({"nonce": ["n"]}, "another attempt"),
        ({"sid": {"a": 1}}, "claim sid is invalid"),
        ({"sid": "s" * 256}, "claim sid is invalid"),
        ({"preferred_username": "j" * 201}, "invalid name"),
        ({"header": {"typ": "at+jwt"}}, "another type"),
        ({"header": {"typ": "logout+jwt"}}, "another type"),
        ({"header": {"alg": "RS512"}}, "algorithm"),
        ({"header": {"crit": ["b64"]}}, "extension"),
        ({"header": {"kid": "unknown"}}, "unknown key"),
    ],
    ids=str,
)
def test_id_token_that_fails_a_check_is_refused(
    signing: Signing, changed: dict[str, Any], reason: str
) -> None:
    signing.record()
    attempt = signing.begin()
    header = changed.get("header")
    changed = with_times({n: value for n, value in changed.items() if n != "header"})
    if changed.get("nonce") == "\ud800":
        token = signing.issuer.sign(b'{"nonce":"\\ud800"}', header={"typ": "JWT"})
    elif header and ("alg" in header or "crit" in header):
        token = forge_header(signing.id_token(attempt), header)
    else:
        token = signing.id_token(attempt, header, **changed)
    with pytest.raises(ProviderFaulty) as refused:
        signing.identify(attempt, token)
    assert reason in refused.value.reason
    assert str(refused.value) == (
        "The response of Bedfordshire Police cannot be accepted. "
        "Tell the administrator of the catalogue."
    )


def forge_header(token: str, header: dict[str, Any]) -> str:
    """Return a token with another header before the same claims and signature."""
    _, claims, signature = token.split(".")
    return ".".join(
        (segment(orjson.dumps({"alg": "ES256", "typ": "JWT"} | header)), claims, signature)
    )


def test_unsigned_id_token_is_refused_whatever_the_metadata_lists(signing: Signing) -> None:
    describe(signing.issuer, id_token_signing_alg_values_supported=["none", "HS256"])
    signing.record()
    attempt = signing.begin()
    _, claims, signature = signing.id_token(attempt).split(".")
    for algorithm in ("none", "None", "HS256"):
        for end in ("", signature):
            head = segment(b'{"alg":"%s","typ":"JWT"}' % algorithm.encode())
            with pytest.raises(ProviderFaulty):
                signing.identify(attempt, f"{head}.{claims}.{end}")


def test_id_token_signed_by_another_key_is_refused(signing: Signing) -> None:
    signing.record()
    attempt = signing.begin()
    other = ECKey.generate_key("P-256")
    header = {"typ": "JWT", "kid": signing.issuer.key.thumbprint()}
    token = signing.issuer.sign(signing.claims(attempt), other, header)
    with pytest.raises(ProviderFaulty, match="cannot be accepted"):
        signing.identify(attempt, token)


def test_algorithm_must_be_of_the_record(signing: Signing) -> None:
    signing.record(algorithms=["RS256"])
    attempt = signing.begin()
    with pytest.raises(ProviderFaulty) as refused:
        signing.identify(attempt, signing.id_token(attempt))
    assert "algorithm" in refused.value.reason


def test_oversized_and_garbage_tokens_are_refused(signing: Signing) -> None:
    signing.record()
    attempt = signing.begin()
    large = signing.id_token(attempt, groups=["g" * 100] * (LARGEST_TOKEN // 100))
    for token in (large, "", "a.b", "a.b.c", "é.é.é", "..", "a.b.c.d.e"):
        with pytest.raises(ProviderFaulty):
            signing.identify(attempt, token)


def test_response_of_another_issuer_is_refused_before_the_code_is_sent(signing: Signing) -> None:
    """A mix-up: the person was at a dishonest provider, whose response names the honest one."""
    signing.record()
    attempt = signing.begin()
    for iss in ("https://evil.example", "", None):
        query = signing.respond(attempt) | {"iss": iss}
        query = {name: value for name, value in query.items() if value is not None}
        with pytest.raises(ProviderFaulty):
            signing.party.redeem(signing.provider, attempt, query)
    assert signing.issuer.posted == []


def test_response_may_omit_the_issuer_where_the_provider_never_names_it(signing: Signing) -> None:
    describe(signing.issuer, authorization_response_iss_parameter_supported=False)
    signing.record()
    attempt = signing.begin()
    query = signing.respond(attempt)
    del query["iss"]
    assert signing.party.redeem(signing.provider, attempt, query)


def test_metadata_of_another_issuer_is_refused(signing: Signing) -> None:
    describe(signing.issuer, issuer="https://evil.example")
    signing.record()
    with pytest.raises(ProviderFaulty) as refused:
        signing.party.authorization_url(signing.provider, signing.begin())
    assert "another issuer" in refused.value.reason


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize(
    "url", [None, 7, "javascript:alert(1)", "http://idp.example/", "https://169.254.169.254/"]
)
def test_endpoint_must_be_an_address_to_connect_to(
    signing: Signing, name: str, url: object
) -> None:
    describe(signing.issuer, **{name: url})
    signing.record()
    with pytest.raises(ProviderFaulty) as refused:
        signing.party.authorization_url(signing.provider, signing.begin())
    assert f"no usable {name}" in refused.value.reason


def test_metadata_is_fetched_again_each_hour_and_failures_after_seconds(signing: Signing) -> None:
    signing.record()

    def fetches_after(elapsed: timedelta) -> int:
        with clock.freeze(start + elapsed):
            signing.party.authorization_url(signing.provider, signing.begin())
        return signing.issuer.requests[OPENID]

    start = clock.now()
    assert fetches_after(timedelta()) == 1
    assert fetches_after(timedelta(minutes=59)) == 1
    working, signing.issuer.served[OPENID] = signing.issuer.served[OPENID], 503
    for seconds in (0, 4):
        with pytest.raises(ProviderUnavailable, match="Try again in a few minutes"):
            fetches_after(timedelta(hours=1, seconds=seconds))
    assert signing.issuer.requests[OPENID] == 2
    signing.issuer.served[OPENID] = working
    assert fetches_after(timedelta(hours=1, seconds=5)) == 3


def test_nobody_waits_long_for_a_provider_that_hangs(
    signing: Signing, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    signing.record()
    fetches, released = [], Event()

    def hang(*_arguments: object) -> None:
        fetches.append(1)
        released.wait(PATIENCE_SECONDS)
        raise RequestFailed("no response")

    monkeypatch.setattr(providers, "discover_metadata", hang)
    app = store.app_with(identity_provider_timeout_seconds=0.1)
    party = RelyingParty(settings(app))
    try:
        # The second fetch would begin after an hour, if the first one did not run still.
        for hours in (0, 2):
            with (
                clock.freeze(clock.now() + timedelta(hours=hours)),
                pytest.raises(ProviderUnavailable),
            ):
                party.authorization_url(signing.provider, signing.begin())
            assert not released.is_set()
        assert len(fetches) == 1
    finally:
        released.set()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("access_denied", SignInRefused),
        ("temporarily_unavailable", ProviderUnavailable),
        ("server_error", ProviderUnavailable),
        ("login_required", SignInExpired),
        ("invalid_scope", ProviderFaulty),
        ("<script>", ProviderFaulty),
    ],
)
def test_error_of_the_provider_is_a_refusal(signing: Signing, error: str, kind: type) -> None:
    signing.record()
    attempt = signing.begin()
    query = {"error": error, "state": attempt.state, "iss": signing.issuer.url}
    with pytest.raises(SignInRefused) as refused:
        signing.party.redeem(signing.provider, attempt, query)
    assert type(refused.value) is kind
    assert "<" not in str(refused.value) + refused.value.reason


@pytest.mark.parametrize(
    ("served", "kind"),
    [
        (400, ProviderFaulty),
        (503, ProviderUnavailable),
        (b"<html>", ProviderFaulty),
        ([], ProviderFaulty),
        ({"access_token": "a"}, ProviderFaulty),
        ({"id_token": None}, ProviderFaulty),
        ({"id_token": ["a.b.c"]}, ProviderFaulty),
        (b" " * 600_000, ProviderUnavailable),
    ],
    ids=lambda value: str(value)[:30],
)
def test_token_endpoint_that_gives_no_id_token_is_a_refusal(
    signing: Signing, served: object, kind: type
) -> None:
    signing.record()
    attempt = signing.begin()
    query = signing.respond(attempt)
    signing.issuer.served[TOKEN] = served
    with pytest.raises(SignInRefused) as refused:
        signing.party.redeem(signing.provider, attempt, query)
    assert type(refused.value) is kind


def test_response_without_a_code_is_refused(signing: Signing) -> None:
    signing.record()
    attempt = signing.begin()
    with pytest.raises(ProviderFaulty):
        signing.party.redeem(signing.provider, attempt, {"iss": signing.issuer.url})


def test_keys_that_cannot_be_fetched_are_the_providers_fault(signing: Signing) -> None:
    signing.record()
    signing.issuer.served[KEYS] = 503
    attempt = signing.begin()
    with pytest.raises(ProviderUnavailable):
        signing.identify(attempt, signing.id_token(attempt))
