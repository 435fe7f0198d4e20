"""Access tokens in the shapes of common identity providers, with the provider's configuration."""

from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import RSAKey

from catalogue.access.roles import ROLES
from tests.access.forged_tokens import unix_time
from tests.access.identity_providers.issuer import AUDIENCE, Issuer

KEY = RSAKey.generate_key(2048)
TENANT = "0f6a4d1c-52a9-4f3a-a1a0-6a4b4d5e7c10"
APPLICATION = "9c1b7c52-3b0e-4a55-9d0f-0f9e6f1c2a3b"
OBJECT = "5d2f9a10-7f64-4d0e-8c3a-2b1f0e9d8c7b"

MANAGER = sorted(scope.value for scope in ROLES["it-manager"].scopes)
MANAGER_ROLE = {"value": "Catalogue.Manager", "grants": ["it-manager"]}
BY_TENANT = {
    "agency_claims": ["tid"],
    "agency_values": [{"value": TENANT.upper(), "agency": "bedfordshire-police"}],
}


@dataclass(frozen=True)
class Shape:
    """A token of one provider, and the actor that it stands for."""

    claims: dict[str, Any]
    client: str
    person: str | None
    scopes: list[str]
    header: dict[str, Any] = field(default_factory=lambda: {"typ": "JWT"})
    provider: dict[str, Any] = field(default_factory=dict)

    def token(self, issuer: Issuer, **changed: Any) -> str:
        """Return the token, issued now, with changed claims. A claim that is None is left out."""
        times = {"iat": unix_time(-300), "nbf": unix_time(-300), "exp": unix_time(4500)}
        claims = {"iss": issuer.url, "aud": AUDIENCE} | times | self.claims | changed
        header = {"alg": "RS256", "kid": KEY.thumbprint(), "typ": None} | self.header
        present = {name: value for name, value in claims.items() if value is not None}
        return issuer.sign(present, KEY, header)


_ENTRA = {"aio": "E2Zg", "oid": OBJECT, "rh": "1.AXkA", "tid": TENANT, "uti": "k2", "ver": "2.0"}

SHAPES = {
    "entra_v2_app": Shape(
        _ENTRA
        | {"azp": APPLICATION, "azpacr": "1", "sub": OBJECT, "roles": ["systems:read", "Other"]},
        client=APPLICATION,
        person=None,
        scopes=["systems:read"],
        provider=BY_TENANT,
    ),
    "entra_v2_app_with_idtyp": Shape(
        _ENTRA | {"azp": APPLICATION, "sub": "other", "idtyp": "app", "roles": ["systems:read"]},
        client=APPLICATION,
        person=None,
        scopes=["systems:read"],
        provider=BY_TENANT,
    ),
    "entra_v2_person": Shape(
        _ENTRA
        | {
            "azp": APPLICATION,
            "azpacr": "0",
            "name": "Jo Smith",
            "preferred_username": "jo.smith@beds.police.uk",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkz",
            "scp": "access_as_user",
            "roles": ["Catalogue.Manager"],
            "sid": "0031",
        },
        client=APPLICATION,
        person="jo.smith@beds.police.uk",
        scopes=MANAGER,
        provider=BY_TENANT | {"roles": [MANAGER_ROLE]},
    ),
    "entra_v1_app": Shape(
        {
            "appid": APPLICATION,
            "appidacr": "1",
            "idp": "https://sts.windows.net/x/",
            "oid": OBJECT,
            "sub": OBJECT,
            "tid": TENANT,
            "roles": ["Catalogue.Manager"],
            "ver": "1.0",
        },
        client=APPLICATION,
        person=None,
        scopes=MANAGER,
        provider=BY_TENANT | {"roles": [MANAGER_ROLE]},
    ),
    "entra_v1_person": Shape(
        {
            "amr": ["pwd", "mfa"],
            "appid": APPLICATION,
            "appidacr": "0",
            "oid": OBJECT,
            "sub": "pairwise",
            "tid": TENANT,
            "scp": "systems:read systems:write",
            "unique_name": "jo.smith@beds.police.uk",
            "upn": "jo.smith@beds.police.uk",
            "ver": "1.0",
        },
        client=APPLICATION,
        person="jo.smith@beds.police.uk",
        scopes=["systems:read", "systems:write"],
        provider=BY_TENANT,
    ),
    "keycloak_program": Shape(
        {
            "typ": "Bearer",
            "jti": "trrtcc:1",
            "aud": [AUDIENCE, "account"],
            "azp": "cmdb",
            "client_id": "cmdb",
            "clientHost": "192.0.2.7",
            "sub": OBJECT,
            "preferred_username": "service-account-cmdb",
            "realm_access": {"roles": ["offline_access", "Catalogue.Manager"]},
            "scope": "email profile",
            "organisation": ["BEDFORDSHIRE-POLICE"],
        },
        client="cmdb",
        person=None,
        scopes=MANAGER,
        provider={
            "role_claims": ["realm_access.roles"],
            "agency_claims": ["organisation"],
            "roles": [MANAGER_ROLE],
        },
    ),
    "keycloak_person": Shape(
        {
            "typ": "Bearer",
            "azp": "portal",
            "sub": OBJECT,
            "sid": "b1",
            "acr": "1",
            "preferred_username": "jo.smith",
            "email": "jo.smith@beds.police.uk",
            "resource_access": {"it.catalogue": {"roles": ["Catalogue.Manager"]}},
            "scope": "openid email profile",
            "organisation": {"code": "Beds"},
        },
        client="portal",
        person="jo.smith",
        scopes=MANAGER,
        provider={
            "role_claims": [r"resource_access.it\.catalogue.roles"],
            "agency_claims": ["organisation.code"],
            "agency_values": [{"value": "BEDS", "agency": "bedfordshire-police"}],
            "roles": [MANAGER_ROLE],
        },
    ),
    "oidc_provider_program": Shape(
        {"jti": "x1", "sub": "cmdb", "client_id": "cmdb", "scope": "systems:read"},
        client="cmdb",
        person=None,
        scopes=["systems:read"],
        header={"typ": "at+jwt"},
    ),
    "rfc_9068_person": Shape(
        {
            "jti": "x2",
            "sub": OBJECT,
            "client_id": "portal",
            "auth_time": 1,
            "scope": "openid systems:read systems:write",
            "roles": ["Reader"],
        },
        client="portal",
        person=OBJECT,
        scopes=["systems:read"],
        header={"typ": "application/at+jwt"},
        provider={"roles": [{"value": "Reader", "grants": ["reader"]}]},
    ),
    "auth0_program": Shape(
        {
            "sub": "Zk3@clients",
            "azp": "Zk3",
            "gty": "client-credentials",
            "scope": "systems:read",
            "https://police.example/agency": "bedfordshire-police",
        },
        client="Zk3",
        person=None,
        scopes=["systems:read"],
        provider={"agency_claims": ["https://police.example/agency"]},
    ),
    "auth0_person": Shape(
        {
            "sub": "auth0|64f1",
            "azp": "Zk3",
            "aud": [AUDIENCE, "https://beds.eu.auth0.com/userinfo"],
            "scope": "openid profile",
            "permissions": ["systems:read"],
        },
        client="Zk3",
        person="auth0|64f1",
        scopes=["systems:read"],
        provider={"role_claims": ["permissions"]},
    ),
    "okta_program": Shape(
        {"ver": 1, "jti": "AT.1", "cid": "0oa1", "sub": "0oa1", "scp": ["systems:read"]},
        client="0oa1",
        person=None,
        scopes=["systems:read"],
        header={},
        provider={"token_types": ["absent"]},
    ),
    "okta_person": Shape(
        {
            "ver": 1,
            "jti": "AT.2",
            "cid": "0oa1",
            "uid": "00u1",
            "sub": "jo.smith@beds.police.uk",
            "scp": ["openid"],
            "groups": ["Everyone", "Catalogue.Manager"],
        },
        client="0oa1",
        person="jo.smith@beds.police.uk",
        scopes=MANAGER,
        header={},
        provider={
            "token_types": ["absent"],
            "role_claims": ["groups"],
            "roles": [MANAGER_ROLE],
        },
    ),
}
