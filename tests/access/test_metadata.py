"""OAuth metadata of the service (RFC 8414, RFC 9728)."""

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask.testing import FlaskClient

from catalogue.core.actor import Scope
from tests.stores import Store

SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"


def test_authorization_server_metadata_lists_endpoints_and_scopes(
    api: FlaskClient, store: Store
) -> None:
    answer = api.get(SERVER)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json == {
        "issuer": "http://catalogue.test",
        "token_endpoint": "http://catalogue.test/oauth/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint": "http://catalogue.test/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
        ],
        "introspection_endpoint": "http://catalogue.test/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
        ],
        "jwks_uri": "http://catalogue.test/oauth/jwks.json",
        "scopes_supported": [scope.value for scope in Scope],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
    }


def test_authorization_server_metadata_is_valid_with_https(store: Store) -> None:
    app = store.app_with(public_url="https://catalogue.example")
    document = AuthorizationServerMetadata(app.test_client().get(SERVER).json)
    for name in document.REGISTRY_KEYS:
        # authlib requires a response type, but there is none without an authorization endpoint.
        if name != "response_types_supported":
            getattr(document, f"validate_{name}")()


def test_every_address_in_metadata_answers(api: FlaskClient, store: Store) -> None:
    document = api.get(SERVER).json
    for name, address in document.items():
        if name.endswith("_endpoint"):
            assert api.post(address.removeprefix("http://catalogue.test")).status_code == 400
    assert api.get(document["jwks_uri"].removeprefix("http://catalogue.test")).status_code == 200


def test_protected_resource_metadata_is_served_at_both_addresses(
    api: FlaskClient, store: Store
) -> None:
    for path in (RESOURCE, f"{RESOURCE}/v1"):
        answer = api.get(path)
        assert answer.status_code == 200
        assert answer.json["resource"] == "http://catalogue.test/v1"
        assert answer.json["authorization_servers"] == ["http://catalogue.test"]
        assert answer.json["bearer_methods_supported"] == ["header"]
        assert answer.json["scopes_supported"] == [scope.value for scope in Scope]


def test_challenge_leads_to_token_endpoint(api: FlaskClient, store: Store) -> None:
    """A client that knows only the API's address finds the token endpoint (RFC 9728 section 5)."""

    def path(address: str) -> str:
        return address.removeprefix("http://catalogue.test")

    challenge = api.get("/v1/probe").headers["WWW-Authenticate"]
    address = challenge.partition('resource_metadata="')[2].rstrip('"')
    resource = api.get(path(address)).json
    assert resource["resource"] == "http://catalogue.test/v1"
    server = api.get(path(resource["authorization_servers"][0]) + SERVER).json
    assert server["issuer"] == resource["authorization_servers"][0]
    assert server["token_endpoint"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"{RESOURCE}/v2", id="resource_v2"),
        pytest.param(f"{SERVER}/v1", id="server_v1"),
        pytest.param(f"{RESOURCE}/v1/systems", id="resource_below_v1"),
    ],
)
def test_metadata_addresses_of_other_services_return_404(
    api: FlaskClient, store: Store, path: str
) -> None:
    assert api.get(path).status_code == 404


def test_service_below_a_path_serves_metadata_at_prefixed_addresses(store: Store) -> None:
    api = store.app_with(public_url="https://police.example/catalogue").test_client()
    for path in (SERVER, f"{SERVER}/catalogue"):
        assert api.get(path).json["issuer"] == "https://police.example/catalogue"
    for path in (RESOURCE, f"{RESOURCE}/v1", f"{RESOURCE}/catalogue/v1"):
        assert api.get(path).json["resource"] == "https://police.example/catalogue/v1"
    for path in (f"{RESOURCE}/other/v1", f"{RESOURCE}/catalogue", f"{SERVER}/other"):
        assert api.get(path).status_code == 404
