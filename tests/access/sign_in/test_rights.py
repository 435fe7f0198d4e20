"""Rights of people who sign in, and the way out at the provider."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from catalogue.access.sign_in.refusals import SignInRefused
from tests.access.sign_in.conftest import (
    AGENCY,
    CLIENT,
    END_SESSION,
    PUBLIC_URL,
    Signing,
    describe,
)


@pytest.mark.parametrize(
    ("record", "claims", "sentence"),
    [
        ({}, {"agency": "hertfordshire-police"}, "names no agency that Bedfordshire Police"),
        ({}, {"agency": [AGENCY, "kent-police"]}, "names no agency that Bedfordshire Police"),
        ({"agencies": []}, {}, "names no agency that Bedfordshire Police can act for"),
        ({}, {"roles": []}, "has no role in the catalogue"),
        ({}, {"roles": None}, "has no role in the catalogue"),
        ({}, {"roles": ["admin"]}, "has no role in the catalogue"),
        ({"roles": []}, {"roles": ["admin"]}, "has no role in the catalogue"),
        ({"blocked_subjects": ["7D1F"]}, {}, "Your account is blocked here"),
        ({"blocked_subjects": ["jo.smith@beds.police.uk"]}, {}, "Your account is blocked here"),
        ({"blocked_clients": [CLIENT]}, {}, "Your account is blocked here"),
    ],
    ids=str,
)
def test_person_without_rights_here_is_refused_with_the_reason(
    signing: Signing, record: dict[str, Any], claims: dict[str, Any], sentence: str
) -> None:
    signing.record(**record)
    attempt = signing.begin()
    with pytest.raises(SignInRefused) as refused:
        signing.identify(attempt, signing.id_token(attempt, **claims))
    assert sentence in str(refused.value)
    assert type(refused.value) is SignInRefused


def test_only_a_mapped_role_makes_an_administrator(signing: Signing) -> None:
    signing.record(agencies=[], roles=[{"value": "Boss", "grants": ["administrator"]}])
    attempt = signing.begin()
    actor = signing.identify(attempt, signing.id_token(attempt, roles=["Boss"])).actor
    assert "admin" in actor.scopes
    assert (actor.agency, actor.agency_id) == (None, None)


def test_person_named_like_the_client_is_still_a_person(signing: Signing) -> None:
    signing.record()
    attempt = signing.begin()
    claims = {"preferred_username": CLIENT, "sub": CLIENT, "name": None}
    identity = signing.identify(attempt, signing.id_token(attempt, **claims))
    assert identity.actor.subject == "beds:person:pages"


def test_provider_without_a_client_signs_nobody_in(
    signing: Signing, make_agency: Callable[..., object]
) -> None:
    signing.record()
    for change in ({"sign_in_client_id": None}, {"sign_in_client_id": CLIENT, "enabled": False}):
        signing.change(**change)
        with pytest.raises(AssertionError):
            assert signing.provider


def test_person_is_signed_out_at_the_provider(signing: Signing) -> None:
    signing.record()
    url = urlsplit(str(signing.party.sign_out_url(signing.provider, "e.y.J")))
    assert f"{url.scheme}://{url.netloc}{url.path}" == signing.issuer.url + END_SESSION
    assert parse_qs(url.query) == {
        "client_id": [CLIENT],
        "post_logout_redirect_uri": [f"{PUBLIC_URL}/signed-out"],
        "id_token_hint": ["e.y.J"],
    }
    assert "id_token_hint" not in str(signing.party.sign_out_url(signing.provider, "e" * 5000))


@pytest.mark.parametrize("served", [{"end_session_endpoint": None}, {"issuer": "https://evil"}])
def test_sign_out_goes_nowhere_else_without_the_providers_address(
    signing: Signing, served: dict[str, Any]
) -> None:
    describe(signing.issuer, **served)
    signing.record()
    assert signing.party.sign_out_url(signing.provider, None) is None
