"""Request and response bodies of the identity provider endpoints."""

from typing import Any

from marshmallow import fields

from catalogue.access.identity_providers.claims import PATH
from catalogue.access.identity_providers.vocabulary import SignatureAlgorithm, TokenType
from catalogue.core.outgoing import LONGEST_URL, USABLE_ISSUER, USABLE_URL
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.core.text import ONE_FILLED_LINE

KEY = r"^[a-z][a-z0-9-]*$"
CODE = r"^[a-z0-9][a-z0-9-]*$"
URL = r"^https?://[!-~]+$"
DOMAIN = r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"
LONGEST_NAME = 255
MOST_BLOCKED = 1000
DEFAULT_LIFETIME = 7200

DEFAULTS: dict[str, Any] = {
    "jwks_url": None,
    "algorithms": [
        SignatureAlgorithm.RS256,
        SignatureAlgorithm.PS256,
        SignatureAlgorithm.ES256,
    ],
    "token_types": [TokenType.AT_JWT, TokenType.JWT],
    "agencies": [],
    "agency_claims": ["agency"],
    "agency_values": [],
    "scope_claims": ["scope", "scp"],
    "role_claims": ["roles"],
    "roles": [],
    "person_claims": ["preferred_username", "upn", "unique_name", "email"],
    "client_claims": ["client_id", "azp", "appid", "cid"],
    "max_lifetime_seconds": DEFAULT_LIFETIME,
    "enabled": True,
    "blocked_subjects": [],
    "blocked_clients": [],
    "sign_in_client_id": None,
    "email_domains": [],
}
"""The values of a new provider for the fields that the request leaves out."""

_PATHS = (
    "A path separates nested names by dots, such as `realm_access.roles`. Write a dot within a name "
    "as `\\.`. An address such as `https://police.example/agency` is one name."
)
_DESCRIPTIONS = {
    "key": (
        "The short name of the provider, which never changes. The audit log names people and "
        "clients with this key and a colon before their name."
    ),
    "name": "The name of the provider for people.",
    "issuer": (
        "The issuer, exactly as tokens name it in `iss`. It never changes. It begins with "
        "`https://`, unless the provider runs on the machine of the service."
    ),
    "jwks_url": (
        "The address of the provider's keys, or null to use the address that its metadata names."
    ),
    "audiences": "The audiences of which a token must name at least one in `aud`.",
    "algorithms": "The signature algorithms that tokens can have.",
    "token_types": (
        "The types that tokens can have in the header `typ`. A token of another type than `at+jwt` "
        "is refused if its audience is its own client, as in an ID token."
    ),
    "agencies": (
        "The codes of the agencies that tokens can act for. A token for another agency is refused. "
        "Without any, the provider serves only administrators, whose tokens name no agency."
    ),
    "agency_claims": (
        "The claims that name the agency. The first that a token has counts, as a text or a list of "
        f"one text. A token without them acts for the only agency in `agencies`. {_PATHS}"
    ),
    "agency_values": (
        "The agency of each value of the claim that is not the agency's code. Case is ignored."
    ),
    "scope_claims": (
        "The claims that name scopes of the catalogue or values of `roles`. They limit the client. "
        f"Only a value of `roles` can grant `admin`. {_PATHS}"
    ),
    "role_claims": (
        "The claims that name values of `roles` or scopes. They limit the person. A token with both "
        "scopes and roles has only the scopes that both allow. If no value grants a scope, the token "
        "has none. If `roles` is not empty, neither has a person's token without these claims. An "
        f"empty list limits nothing. {_PATHS}"
    ),
    "roles": "The scopes that each role of the provider grants. Case matters.",
    "person_claims": (
        "The claims that name the person for the audit log. The first that a token has counts, or "
        f"else `sub`. Choose a claim that people cannot change themselves. {_PATHS}"
    ),
    "client_claims": (
        "The claims that name the client. The first that a token has counts. A token without them "
        f"is refused. {_PATHS}"
    ),
    "max_lifetime_seconds": (
        "The longest accepted lifetime of a token in seconds, from `iat` to `exp`. Tokens of "
        "Microsoft Entra live for up to 5,700 seconds."
    ),
    "enabled": "False refuses all tokens of the provider, from the next request on.",
    "blocked_subjects": (
        "The subjects whose tokens are refused, from the next request on. Give `sub`, or the name "
        "of the person as the audit log shows it after the key and the colon. Case is ignored."
    ),
    "blocked_clients": (
        "The clients whose tokens are refused, from the next request on. Give the client id "
        "without the key of the provider. Case is ignored."
    ),
    "sign_in_client_id": (
        "The client id of the catalogue at the provider, with which people sign in to the pages. "
        "Null means that nobody signs in there. The operator sets the client's secret."
    ),
    "email_domains": (
        "The domains of the work e-mail addresses of the people who sign in at the provider. The "
        "domain of an address leads a person to the provider, and gives no rights."
    ),
}
_EXAMPLES: dict[str, Any] = {
    "key": "beds-entra",
    "name": "Bedfordshire Police, Microsoft Entra",
    "issuer": "https://login.microsoftonline.com/5f1d/v2.0",
    "jwks_url": None,
    "audiences": ["API_CLIENT_ID"],
    "agencies": [],
    "agency_claims": ["tid"],
    "agency_values": [],
    "roles": [{"value": "Catalogue.Manager", "grants": ["it-manager"]}],
    "max_lifetime_seconds": 5700,
    "enabled": True,
    "blocked_subjects": [],
    "blocked_clients": [],
    "sign_in_client_id": "PAGES_CLIENT_ID",
    "email_domains": ["beds.police.uk"],
}


def _describe(name: str) -> dict[str, Any]:
    example = _EXAMPLES.get(name, DEFAULTS.get(name))
    if isinstance(example, list):
        example = [str(each) if isinstance(each, str) else each for each in example]
    return {"description": _DESCRIPTIONS[name], "example": example}


class AgencyValueSchema(WriteSchema):
    """A value of the agency claim, and the agency that it stands for."""

    value = Text(
        pattern=ONE_FILLED_LINE,
        required=True,
        metadata={"description": "The value of the claim.", "example": "BEDS"},
    )
    agency = Text(
        max=80,
        pattern=CODE,
        required=True,
        metadata={
            "description": "The code of an agency in `agencies`.",
            "example": "bedfordshire-police",
        },
    )


class ProviderRoleSchema(WriteSchema):
    """A role or scope of the provider, and the scopes that it grants."""

    value = Text(
        pattern=ONE_FILLED_LINE,
        required=True,
        metadata={"description": "The value of the claim.", "example": "Catalogue.Manager"},
    )
    grants = ListOf(
        Text(max=40),
        min=1,
        max=40,
        unique=True,
        required=True,
        metadata={
            "description": (
                "The names of scopes, or of roles of the catalogue, which stand for their scopes."
            ),
            "example": ["it-manager"],
        },
    )


def _paths(name: str, *, least: int = 0) -> ListOf:
    return ListOf(Text(pattern=PATH), min=least, max=10, unique=True, metadata=_describe(name))


def _names(name: str, *, most: int, longest: int = 200, least: int = 0, **options: Any) -> ListOf:
    return ListOf(
        Text(max=longest, pattern=ONE_FILLED_LINE),
        min=least,
        max=most,
        unique=True,
        metadata=_describe(name),
        **options,
    )


class IdentityProviderCreate(WriteSchema):
    """An identity provider to accept tokens from."""

    key = Text(max=30, pattern=KEY, required=True, metadata=_describe("key"))
    name = Text(pattern=ONE_FILLED_LINE, required=True, metadata=_describe("name"))
    # `url_fault` has a better message for most of what the documented patterns exclude.
    issuer = Text(
        max=LONGEST_URL,
        pattern=URL,
        required=True,
        metadata=_describe("issuer") | {"pattern": USABLE_ISSUER},
    )
    jwks_url = Text(
        max=LONGEST_URL,
        pattern=URL,
        allow_none=True,
        metadata=_describe("jwks_url") | {"pattern": USABLE_URL},
    )
    audiences = _names("audiences", least=1, most=20, required=True)
    algorithms = ListOf(
        Choice(SignatureAlgorithm), min=1, max=11, unique=True, metadata=_describe("algorithms")
    )
    token_types = ListOf(
        Choice(TokenType), min=1, max=3, unique=True, metadata=_describe("token_types")
    )
    agencies = ListOf(
        Text(max=80, pattern=CODE), max=200, unique=True, metadata=_describe("agencies")
    )
    agency_claims = _paths("agency_claims")
    agency_values = ListOf(Nested(AgencyValueSchema), max=500, metadata=_describe("agency_values"))
    scope_claims = _paths("scope_claims")
    role_claims = _paths("role_claims")
    roles = ListOf(Nested(ProviderRoleSchema), max=200, metadata=_describe("roles"))
    person_claims = _paths("person_claims")
    client_claims = _paths("client_claims", least=1)
    max_lifetime_seconds = Integer(min=60, max=86400, metadata=_describe("max_lifetime_seconds"))
    enabled = Boolean(metadata=_describe("enabled"))
    blocked_subjects = _names("blocked_subjects", longest=LONGEST_NAME, most=MOST_BLOCKED)
    blocked_clients = _names("blocked_clients", most=MOST_BLOCKED)
    sign_in_client_id = Text(
        max=100,
        pattern=ONE_FILLED_LINE,
        allow_none=True,
        metadata=_describe("sign_in_client_id"),
    )
    email_domains = ListOf(
        Text(max=253, pattern=DOMAIN), max=50, unique=True, metadata=_describe("email_domains")
    )


IdentityProviderPatch = patch_schema_of(
    IdentityProviderCreate, "IdentityProviderPatch", without=("key", "issuer")
)


class IdentityProviderSchema(ReadSchema):
    """An issuer of access tokens, and the meaning of its tokens for the catalogue."""

    id = Uuid(metadata={"description": "The id of the identity provider."})
    key = Text(metadata=_describe("key"))
    name = Text(metadata=_describe("name"))
    issuer = Text(metadata=_describe("issuer"))
    jwks_url = Text(allow_none=True, metadata=_describe("jwks_url"))
    audiences = ListOf(Text(), metadata=_describe("audiences"))
    algorithms = ListOf(Choice(SignatureAlgorithm), metadata=_describe("algorithms"))
    token_types = ListOf(Choice(TokenType), metadata=_describe("token_types"))
    agencies = ListOf(Text(), metadata=_describe("agencies"))
    agency_claims = ListOf(Text(), metadata=_describe("agency_claims"))
    agency_values = ListOf(Nested(AgencyValueSchema), metadata=_describe("agency_values"))
    scope_claims = ListOf(Text(), metadata=_describe("scope_claims"))
    role_claims = ListOf(Text(), metadata=_describe("role_claims"))
    roles = ListOf(Nested(ProviderRoleSchema), metadata=_describe("roles"))
    person_claims = ListOf(Text(), metadata=_describe("person_claims"))
    client_claims = ListOf(Text(), metadata=_describe("client_claims"))
    max_lifetime_seconds = Integer(metadata=_describe("max_lifetime_seconds"))
    enabled = Boolean(metadata=_describe("enabled"))
    blocked_subjects = ListOf(Text(), metadata=_describe("blocked_subjects"))
    blocked_clients = ListOf(Text(), metadata=_describe("blocked_clients"))
    sign_in_client_id = Text(allow_none=True, metadata=_describe("sign_in_client_id"))
    email_domains = ListOf(Text(), metadata=_describe("email_domains"))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
