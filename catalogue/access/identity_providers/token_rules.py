"""Rules for tokens of identity providers: their kind, lifetime, agency, scopes, person and client.

The rules use no database or network. The ADR on identity providers lists the differences between
providers that they allow for.
"""

from dataclasses import dataclass
from typing import Any

from catalogue.access.identity_providers.claims import (
    find_claim,
    first_text,
    is_name,
    keep_claims,
    words,
)
from catalogue.access.roles import ROLES
from catalogue.access.tokens import LEEWAY, TOKEN_TYPE, WRONG_KIND, TokenRefused
from catalogue.core.actor import Scope

LONGEST_PERSON = 200
LONGEST_CLIENT_ID = 100

NO_AGENCY = (
    "The identity provider of the access token is bound to no agency here, so only administrators "
    "can use its tokens. Ask an administrator of the catalogue to add your agency to the provider."
)

_ID_TOKEN_CLAIMS = ("nonce", "at_hash", "c_hash", "s_hash", "events")
"""Claims of ID tokens, and of security events such as a logout. No access token has them."""

_KINDS = {"typ": "bearer", "token_use": "access"}
"""Claims in which some providers state the kind of a token, and the kind of an access token."""

_PERSON = "person:"
"""The prefix of a person's name in the audit log that the client's name could be taken for."""

_SIGN_IN_CLAIMS = ("auth_time", "amr", "sid")
"""Claims about the sign-in of a person."""

_SCOPES = frozenset(scope.value for scope in Scope) - {Scope.ADMIN.value}
"""The scopes that a token can name itself. Only a role of the provider can grant `admin`."""


@dataclass(frozen=True)
class Provider:
    """An identity provider, as the rules need it."""

    key: str
    issuer: str
    jwks_url: str | None
    audiences: frozenset[str]
    algorithms: frozenset[str]
    token_types: frozenset[str]
    agencies: tuple[str, ...]
    agency_claims: tuple[str, ...]
    agency_values: dict[str, str]
    """The code of the agency for each value of the claim, which is folded."""
    scope_claims: tuple[str, ...]
    role_claims: tuple[str, ...]
    roles: dict[str, frozenset[str]]
    """The scopes of each role."""
    person_claims: tuple[str, ...]
    client_claims: tuple[str, ...]
    max_lifetime_seconds: int
    blocked_subjects: frozenset[str]
    blocked_clients: frozenset[str]


def scopes_of_grants(grants: list[str]) -> frozenset[str]:
    """Return the scopes of a list that names scopes of the catalogue and its roles."""
    found: set[str] = set()
    for grant in grants:
        scopes = ROLES[grant].scopes if grant in ROLES else (Scope(grant),)
        found.update(scope.value for scope in scopes)
    return frozenset(found)


def fold_value(value: str) -> str:
    """Return a value of an agency claim in the form that is compared, so that case is ignored."""
    return value.strip().casefold()


def find_client(claims: dict[str, Any], provider: Provider) -> str:
    """Return the client that a token was issued to. Raises TokenRefused if it names none."""
    client = first_text(claims, provider.client_claims)
    if client is None:
        raise TokenRefused("The token names no client, as an ID token does. Send an access token.")
    if len(f"{provider.key}:{client}") > LONGEST_CLIENT_ID:
        raise TokenRefused("The client id of the access token is too long. Use a shorter id.")
    return client


def check_kind(
    claims: dict[str, Any], token_type: str | None, client: str, provider: Provider
) -> None:
    """Refuse ID tokens, refresh tokens, logout tokens and other tokens that grant no access.

    Only the type of RFC 9068 proves an access token. Without it, a token for the audience of its
    own client is an ID token (OpenID Connect Core section 2).
    """
    kind = token_type or "absent"
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if (
        kind not in provider.token_types
        or any(name in claims for name in _ID_TOKEN_CLAIMS)
        or any(str(claims.get(name, usual)).lower() != usual for name, usual in _KINDS.items())
        or (kind != TOKEN_TYPE and client in audiences)
    ):
        raise TokenRefused(WRONG_KIND)


def check_lifetime(claims: dict[str, Any], expires: float, provider: Provider) -> None:
    """Refuse a token that lives longer than the provider's tokens should.

    `tokens.check_claims` has checked that both times are numbers.
    """
    if expires - float(claims["iat"]) > provider.max_lifetime_seconds + LEEWAY.total_seconds():
        raise TokenRefused(
            "The access token is valid for longer than this service accepts. "
            "Request one with a shorter lifetime."
        )


def check_not_blocked(
    claims: dict[str, Any], client: str, person: str | None, provider: Provider
) -> None:
    """Refuse a token whose client or subject an administrator has blocked."""
    if fold_value(client) in provider.blocked_clients:
        raise TokenRefused("The client of the access token is blocked. Use another client.")
    names = {str(claims["sub"])}
    if person is not None:
        names |= {person, logged_name(person, client)}
    if provider.blocked_subjects.intersection(map(fold_value, names)):
        raise TokenRefused(
            "The subject of the access token is blocked. Ask the operator of the service."
        )


def find_scopes(claims: dict[str, Any], provider: Provider, *, is_person: bool) -> frozenset[str]:
    """Return the scopes of a token.

    Scopes limit the client, and roles limit the person. So a token with both has only the scopes
    that both allow. Roles that grant nothing limit a token to no scopes. A claim of scopes that
    names none of the catalogue, such as `openid`, limits nothing.
    """
    by_scopes = _granted(words(claims, provider.scope_claims), provider)
    if not _is_limited_by_roles(claims, provider, is_person=is_person):
        return by_scopes
    by_roles = _granted(words(claims, provider.role_claims), provider)
    return by_scopes & by_roles if by_scopes else by_roles


def _is_limited_by_roles(claims: dict[str, Any], provider: Provider, *, is_person: bool) -> bool:
    """Return whether roles limit a token: each with a claim of roles, and a person's without.

    Some providers leave the claim out for a person without roles. So where the provider maps roles,
    a missing claim is the same as an empty list.
    """
    if any(find_claim(claims, path) is not None for path in provider.role_claims):
        return True
    return is_person and bool(provider.roles) and bool(provider.role_claims)


def explain_missing_scopes(
    claims: dict[str, Any], scopes: frozenset[str], provider: Provider
) -> str:
    """Return the reason why a token with roles has no scopes, or an empty text."""
    if scopes or not any(True for _ in words(claims, provider.role_claims)):
        return ""
    if _granted(words(claims, provider.role_claims), provider):
        return "The scopes of the token and the scopes of its roles have none in common."
    return (
        "None of the token's roles is mapped to scopes. "
        "An administrator of the catalogue maps them in `roles` of the identity provider."
    )


def _granted(values: Any, provider: Provider) -> frozenset[str]:
    found: set[str] = set()
    for value in values:
        found |= provider.roles.get(value, frozenset({value} & _SCOPES))
    return frozenset(found)


def find_agency(claims: dict[str, Any], scopes: frozenset[str], provider: Provider) -> str | None:
    """Return the code of the agency that a token acts for.

    A token without the claim acts for the provider's only agency. A token of an administrator can
    act for none. Raises TokenRefused for an agency that the provider cannot act for.
    """
    named = _named_agencies(claims, provider)
    if named is None:
        if len(provider.agencies) == 1:
            return provider.agencies[0]
        if Scope.ADMIN.value in scopes:
            return None
        if not provider.agencies:
            raise TokenRefused(NO_AGENCY)
        raise TokenRefused(
            "The access token names no agency, and its issuer acts for several. "
            "Configure the issuer to send the agency."
        )
    if len(named) > 1:
        raise TokenRefused(
            "The access token names several agencies. Configure the issuer to send only one."
        )
    if not provider.agencies:
        raise TokenRefused(NO_AGENCY)
    (code,) = named
    if code not in provider.agencies:
        raise TokenRefused(
            "The access token names an agency that its issuer cannot act for. "
            "Ask the operator of the service."
        )
    return code


def _named_agencies(claims: dict[str, Any], provider: Provider) -> set[str] | None:
    """Return the codes that a token names, or None if it has no such claim."""
    for path in provider.agency_claims:
        value = find_claim(claims, path)
        if value is None or value in ("", []):
            continue
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            raise TokenRefused(
                "The agency of the access token is not a text. Correct the claim at its issuer."
            )
        folded = {fold_value(each) for each in values}
        return {provider.agency_values.get(each, each) for each in folded}
    return None


def find_person(claims: dict[str, Any], client: str, provider: Provider) -> str | None:
    """Return the name of the person that a token acts for, or None if a program acts for itself."""
    return None if is_program(claims, client) else name_person(claims, provider)


def name_person(claims: dict[str, Any], provider: Provider) -> str:
    """Return the name of the person of a token. Raises TokenRefused if the name cannot be kept."""
    person = first_text(claims, provider.person_claims) or str(claims["sub"])
    if not is_name(person) or len(person) > LONGEST_PERSON:
        raise TokenRefused("The access token has an invalid name of a person. Correct its issuer.")
    return person


def logged_name(person: str, client: str) -> str:
    """Return the name of a person for the audit log, after the key of the provider.

    With the name of the client, a person would look like the program itself, and gets a prefix. A
    name that begins with the prefix gets another, so that no two people have the same name.
    """
    if person == client or person.startswith(_PERSON):
        return f"{_PERSON}{person}"
    return person


def record_token(
    claims: dict[str, Any], client: str, person: str | None, provider: Provider
) -> dict[str, Any]:
    """Return the parts of a token that `find_present_scopes` needs, as JSON."""
    paths = (*provider.scope_claims, *provider.role_claims, *provider.agency_claims)
    return {
        "provider": provider.key,
        "client": client,
        "person": person,
        "claims": keep_claims(claims, (*paths, "sub")),
    }


def find_present_scopes(
    token: dict[str, Any], agency: str | None, provider: Provider
) -> frozenset[str]:
    """Return the scopes that the provider's present settings give a recorded token.

    They are none if the person or the client is blocked, or if the token would now act for another
    agency. Claims that the provider has named since then are missing in the record.
    """
    claims, client, person = token["claims"], token["client"], token["person"]
    try:
        check_not_blocked(claims, client, person, provider)
        scopes = find_scopes(claims, provider, is_person=person is not None)
        found = find_agency(claims, scopes, provider)
    except TokenRefused:
        return frozenset()
    return scopes if found == agency else frozenset()


def is_program(claims: dict[str, Any], client: str) -> bool:
    """Return whether a token was issued to a program without a person.

    RFC 9068 and Okta repeat the client id as the subject, Auth0 adds `@clients`, and Entra uses
    the same object id twice. Keycloak has a user for each program, whose name no person can take
    together with the claim `client_id`.
    """
    subject = claims.get("sub")
    if subject in (client, f"{client}@clients"):
        # A person can have chosen the id of a client as a name.
        return not any(name in claims for name in _SIGN_IN_CLAIMS)
    if "tid" in claims and "oid" in claims:
        return claims.get("idtyp") == "app" or (
            claims["oid"] == subject and "scp" not in claims and "idtyp" not in claims
        )
    username = str(claims.get("preferred_username", "")).lower()
    own_id = claims.get("client_id", claims.get("clientId"))
    return own_id == client and username == f"service-account-{client.lower()}"
