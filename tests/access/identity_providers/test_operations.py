"""Identity providers are kept by an administrator, and cut off with immediate effect."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from catalogue.access.identity_providers.commands import identity_provider_commands
from tests.access.conftest import bearer
from tests.access.identity_providers.conftest import AGENCY, Connect, ask
from tests.access.identity_providers.issuer import AUDIENCE, KEYS, OPENID, Issuer
from tests.factories import signed_in
from tests.stores import Store
from tests.unsaved import CheckedClient

PATH = "/v1/identity-providers"
BODY: dict[str, Any] = {
    "key": "beds",
    "name": "Bedfordshire",
    "issuer": "https://sso.beds.example/realms/it",
    "audiences": [AUDIENCE],
    "agencies": [AGENCY],
}


def patch(client: CheckedClient, identity: str, changes: dict[str, Any]) -> Any:
    """Change a provider as it is."""
    etag = client.get(f"{PATH}/{identity}").headers["ETag"]
    answer = client.patch(f"{PATH}/{identity}", json=changes, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_administrator_records_a_provider_with_safe_defaults(administrator: CheckedClient) -> None:
    created = administrator.post(PATH, json=BODY)
    assert created.status_code == 201, created.text
    provider = created.json
    assert provider["max_lifetime_seconds"] == 7200
    assert provider["algorithms"] == ["RS256", "PS256", "ES256"]
    assert provider["token_types"] == ["at+jwt", "jwt"]
    assert provider["enabled"] is True
    assert administrator.get(f"{PATH}?key=beds").json["items"] == [provider]
    changed = patch(administrator, provider["id"], {"name": "Beds", "max_lifetime_seconds": 600})
    assert (changed["name"], changed["max_lifetime_seconds"]) == ("Beds", 600)
    history = administrator.get(f"{PATH}/{provider['id']}/history").json["items"]
    assert [event["kind"] for event in history] == [
        "identity_provider.created",
        "identity_provider.updated",
    ]
    feed = administrator.get("/v1/changes?resource=identity_provider").json["items"]
    assert [event["id"] for event in feed] == [event["id"] for event in history]


def test_administrator_lets_a_provider_sign_people_in(administrator: CheckedClient) -> None:
    provider = administrator.post(PATH, json=BODY).json
    assert (provider["sign_in_client_id"], provider["email_domains"]) == (None, [])
    sign_in = {"sign_in_client_id": "pages", "email_domains": ["beds.police.uk"]}
    changed = patch(administrator, provider["id"], sign_in)
    assert sign_in.items() <= changed.items()
    patch(administrator, provider["id"], {"sign_in_client_id": None})


def test_only_administrators_see_providers(
    administrator: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    provider = administrator.post(PATH, json=BODY).json
    agency = sign_in(AGENCY, "agencies:read agencies:write systems:read audit:read")
    for path in (PATH, f"{PATH}/{provider['id']}", f"{PATH}/{provider['id']}/history"):
        assert agency.get(path).status_code == 403
    assert agency.post(PATH, json=BODY).status_code == 403
    feed = agency.get("/v1/changes").json["items"]
    assert "identity_provider" not in {event["resource"] for event in feed}


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"sign_in_client_id": "c" * 96}, "/sign_in_client_id", "too_long"),
        ({"email_domains": ["@beds.police.uk"]}, "/email_domains/0", "pattern"),
        ({"issuer": "http://sso.beds.example"}, "/issuer", "unusable_address"),
        ({"issuer": "https://user:pw@sso.example"}, "/issuer", "unusable_address"),
        ({"issuer": "https://sso.example/?a=b"}, "/issuer", "unusable_address"),
        ({"issuer": "https://sso.example/#a"}, "/issuer", "unusable_address"),
        ({"issuer": "https://[::1"}, "/issuer", "unusable_address"),
        ({"issuer": "https://169.254.169.254/latest"}, "/issuer", "unusable_address"),
        ({"issuer": "ftp://sso.example"}, "/issuer", "pattern"),
        ({"jwks_url": "http://sso.example/keys"}, "/jwks_url", "unusable_address"),
        ({"audiences": []}, "/audiences", "too_few"),
        ({"agencies": ["atlantis-police"]}, "/agencies/0", "unknown"),
        ({"algorithms": ["HS256"]}, "/algorithms/0", "invalid"),
        ({"algorithms": ["none"]}, "/algorithms/0", "invalid"),
        ({"token_types": ["logout+jwt"]}, "/token_types/0", "invalid"),
        ({"max_lifetime_seconds": 315_360_000}, "/max_lifetime_seconds", "out_of_range"),
        ({"agency_claims": ["a..b"]}, "/agency_claims/0", "pattern"),
        ({"agency_claims": ["a b"]}, "/agency_claims/0", "pattern"),
        ({"client_claims": []}, "/client_claims", "too_few"),
        ({"key": "Beds"}, "/key", "pattern"),
        ({"key": "a:b"}, "/key", "pattern"),
        (
            {"agency_values": [{"value": "K", "agency": "kent-police"}]},
            "/agency_values/0/agency",
            "incomplete",
        ),
        (
            {"agency_values": [{"value": v, "agency": AGENCY} for v in ("Beds", "BEDS")]},
            "/agency_values/1/value",
            "repeated",
        ),
        (
            {"roles": [{"value": "x", "grants": ["root"]}]},
            "/roles/0/grants/0",
            "unknown",
        ),
        ({"roles": [{"value": "x", "grants": ["admin"]}] * 2}, "/roles/1/value", "repeated"),
    ],
)
def test_invalid_provider_is_refused_at_the_place(
    administrator: CheckedClient, changed: dict[str, Any], pointer: str, code: str
) -> None:
    answer = administrator.post(PATH, json=BODY | changed)
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.json["errors"]]
    assert administrator.get(PATH).json["items"] == []


def test_issuer_and_key_belong_to_one_provider(administrator: CheckedClient) -> None:
    provider = administrator.post(PATH, json=BODY).json
    other = BODY | {"key": "kent", "issuer": "https://sso.kent.example"}
    for taken in ("key", "issuer"):
        answer = administrator.post(PATH, json=other | {taken: BODY[taken]})
        assert answer.status_code == 409, answer.text
        etag = administrator.get(f"{PATH}/{provider['id']}").headers["ETag"]
        headers = {"If-Match": etag}
        fixed = administrator.patch(
            f"{PATH}/{provider['id']}", json={taken: other[taken]}, headers=headers
        )
        assert fixed.json["errors"][0]["code"] == "unknown_field"


def test_service_itself_is_no_provider(administrator: CheckedClient) -> None:
    answer = administrator.post(PATH, json=BODY | {"issuer": "http://catalogue.test"})
    assert ("/issuer", "circular") in [(e["pointer"], e["code"]) for e in answer.json["errors"]]


def test_private_address_is_refused_unless_the_operator_allows_it(
    administrator: CheckedClient, app: Flask, session: Any
) -> None:
    guarded = signed_in(app, session, None, "admin")
    for issuer in ("http://127.0.0.1:8080/realms/it", "https://10.0.0.7", "https://[fd00::7]"):
        body = BODY | {"issuer": issuer}
        refused = guarded.post(PATH, json=body)
        assert refused.json["errors"][0]["code"] == "unusable_address"
        assert (
            "CATALOGUE_IDENTITY_PROVIDER_PRIVATE_ADDRESSES" in refused.json["errors"][0]["detail"]
        )
    assert administrator.post(PATH, json=BODY | {"issuer": "https://10.0.0.7"}).status_code == 201


def test_setting_of_webhooks_does_not_allow_private_identity_providers(
    store: Store, session: Any, make_agency: Callable[..., object]
) -> None:
    make_agency(AGENCY)
    app = store.app_with(webhook_private_addresses=True)
    administrator = signed_in(app, session, None, "admin")
    refused = administrator.post(PATH, json=BODY | {"issuer": "https://10.0.0.7"})
    assert refused.json["errors"][0]["code"] == "unusable_address"


@pytest.mark.parametrize(
    ("block", "lift"),
    [
        pytest.param({"enabled": False}, {"enabled": True}, id="provider"),
        pytest.param({"blocked_subjects": ["7D1F"]}, {"blocked_subjects": []}, id="subject"),
        pytest.param({"blocked_subjects": ["Jo Smith"]}, {"blocked_subjects": []}, id="person"),
        pytest.param({"blocked_clients": ["cmdb"]}, {"blocked_clients": []}, id="client"),
        pytest.param({"max_lifetime_seconds": 60}, {"max_lifetime_seconds": 600}, id="lifetime"),
        pytest.param({"audiences": ["other"]}, {"audiences": [AUDIENCE]}, id="audience"),
    ],
)
def test_block_applies_at_once_to_tokens_in_use(
    connect: Connect,
    issuer: Issuer,
    administrator: CheckedClient,
    block: dict[str, Any],
    lift: dict[str, Any],
) -> None:
    api = connect()
    (provider,) = administrator.get(PATH).json["items"]
    token = issuer.token(preferred_username="jo smith")
    other = issuer.token(sub="other", azp="portal")
    assert ask(api, token).status_code == 200
    patch(administrator, provider["id"], block)
    refused = ask(api, token)
    assert refused.status_code == 401
    assert issuer.url in refused.json["detail"] or "another issuer" in refused.json["detail"]
    is_narrow = "blocked_subjects" in block or "blocked_clients" in block
    assert ask(api, other).status_code == (200 if is_narrow else 401)
    patch(administrator, provider["id"], lift)
    assert ask(api, token).status_code == 200


def test_read_that_starts_with_a_cached_token_ends_with_the_block(
    connect: Connect, issuer: Issuer, administrator: CheckedClient
) -> None:
    api = connect()
    (provider,) = administrator.get(PATH).json["items"]
    headers = bearer(issuer.token())
    for _ in range(2):
        assert api.get("/v1/systems", headers=headers).status_code == 200
    patch(administrator, provider["id"], {"blocked_clients": ["cmdb"]})
    assert api.get("/v1/systems", headers=headers).status_code == 401


def test_operator_manages_providers_by_command(
    provider_app: Flask, issuer: Issuer, make_agency: Callable[..., object]
) -> None:
    make_agency(AGENCY)
    api = provider_app.test_client()

    def run(*arguments: str, status: int = 0, text: str = "") -> str:
        with provider_app.app_context():
            result = CliRunner().invoke(identity_provider_commands, arguments, input=text)
        assert result.exit_code == status, result.output
        return result.output

    body = (
        '{"key": "beds", "name": "Beds", "issuer": "%s", "audiences": ["%s"], "agencies": ["%s"]}'
    )
    run("list")
    run("create", "-", text=body % (issuer.url, AUDIENCE, AGENCY))
    assert "beds" in run("list")
    assert f'"issuer":"{issuer.url}"' in run("list", "--json")
    token = issuer.token()
    for cut, restored in (
        (["disable", "beds"], ["enable", "beds"]),
        (["block", "beds", "--subject", "7d1f"], ["unblock", "beds", "--subject", "7D1F"]),
        (["block", "beds", "--client", "cmdb"], ["unblock", "beds", "--client", "cmdb"]),
    ):
        assert ask(api, token).status_code == 200
        run(*cut)
        assert ask(api, token).status_code == 401
        run(*restored)
    assert ask(api, token).status_code == 200
    assert '"roles": []' in run("show", "beds")
    checked = run("check", "beds")
    assert f"Keys: {issuer.url}{KEYS}" in checked
    assert f"{issuer.key.thumbprint()}  ES256" in checked
    assert "No role is mapped" in checked
    issuer.served[OPENID]["issuer"] = "https://elsewhere.example"
    assert "its metadata names another issuer" in run("check", "beds", status=1)
    issuer.served[OPENID] = 500
    assert "does not respond" in run("check", "beds", status=1)
    assert "no identity provider" in run("check", "kent", status=2)
    assert "/agencies/0" in run("create", "-", text=body % ("https://a", "a", "x"), status=2)
    assert "not valid JSON" in run("create", "-", text="{", status=2)
    assert "no identity provider" in run("disable", "kent", status=2)
    assert "--subject or --client" in run("block", "beds", status=2)
