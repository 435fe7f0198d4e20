"""Verification of the tokens of identity providers. The issuer in a token chooses the provider."""

from threading import Lock
from typing import Any

import sqlalchemy as sa

from catalogue.access.identity_providers import token_rules
from catalogue.access.identity_providers.claims import is_name
from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.provider_keys import ProviderKeys
from catalogue.access.identity_providers.token_rules import Provider, fold_value
from catalogue.access.token_verification import VerifiedToken, find_agency_id
from catalogue.access.tokens import (
    Expectations,
    Header,
    TokenRefused,
    VerificationKey,
    check_claims,
    verified_claims,
)
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork

LONGEST_SUBJECT = 255
"""The longest subject of OpenID Connect Core, in characters."""

_BY_ISSUER = sa.select(IdentityProvider.__table__).where(
    IdentityProvider.enabled, IdentityProvider.issuer == sa.bindparam("issuer")
)
_BY_KEY = sa.select(IdentityProvider.__table__).where(
    IdentityProvider.enabled, IdentityProvider.key == sa.bindparam("key")
)
_ISSUERS = sa.select(IdentityProvider.issuer).where(IdentityProvider.enabled)


class ProviderTokens:
    """The verification of tokens of all enabled identity providers, in one process.

    A provider is read for each token that is not cached. Its keys stay in the process.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._keys: dict[tuple[str, str | None], ProviderKeys] = {}

    def verify(
        self, work: UnitOfWork, token: str, header: Header, issuer: str
    ) -> tuple[VerifiedToken, ProviderKeys, int]:
        """Verify a token with all checks.

        Return it with the provider's keys, and with their version before the check. Raises
        TokenRefused, or Unavailable without the provider's keys.
        """
        provider, keys = self._find(work, issuer)
        version = keys.version
        try:
            verified = _verify(work, token, header, provider, keys)
        except TokenRefused as refusal:
            refusal.issuer = issuer
            raise
        return verified, keys, version

    def _find(self, work: UnitOfWork, issuer: str) -> tuple[Provider, ProviderKeys]:
        """Return the provider with an issuer, and its keys. Raises TokenRefused without one."""
        row = None
        if "\x00" not in issuer:
            row = work.connection.execute(_BY_ISSUER, {"issuer": issuer}).mappings().first()
        if row is None:
            raise TokenRefused(
                "The access token is from another issuer, which this service does not accept. "
                "Request a new one."
            )
        provider = read_provider(row)
        return provider, self.keys_of(provider)

    def keys_of(self, provider: Provider) -> ProviderKeys:
        """Return the keys of a provider, which this process keeps."""
        place = provider.issuer, provider.jwks_url
        with self._lock:
            keys = self._keys.get(place)
            if keys is None:
                keys = self._keys[place] = ProviderKeys(*place, self._settings)
        return keys


def verify_signature(
    token: str, header: Header, provider: Provider, keys: ProviderKeys
) -> dict[str, Any]:
    """Return the claims of a token that a provider signed with one of its accepted algorithms.

    Raises TokenRefused, or Unavailable without the provider's keys.
    """
    if header.algorithm not in provider.algorithms:
        raise TokenRefused(
            "The algorithm of the access token is not accepted. Request one with another algorithm."
        )
    found = keys.find(header)
    # A key without a named algorithm can verify several. Only the provider's own remain.
    key = VerificationKey(found.kid, found.key, found.algorithms & provider.algorithms)
    return verified_claims(token, header, key)


def read_subject(claims: dict[str, Any]) -> str:
    """Return the subject of a token. Raises TokenRefused for a subject that cannot be kept."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not is_name(subject) or len(subject) > LONGEST_SUBJECT:
        raise TokenRefused("The access token has an invalid subject. Correct its issuer.")
    return subject


def list_issuers(connection: sa.Connection) -> list[str]:
    """List the issuers of the enabled providers."""
    return sorted(connection.scalars(_ISSUERS))


def find_enabled_provider(connection: sa.Connection, key: str) -> Provider | None:
    """Return the enabled provider with a key, as it is set up now."""
    row = connection.execute(_BY_KEY, {"key": key}).mappings().first()
    return None if row is None else read_provider(row)


def read_provider(row: Any) -> Provider:
    """Return the provider of a row, as the rules need it."""
    return Provider(
        key=row["key"],
        issuer=row["issuer"],
        jwks_url=row["jwks_url"],
        audiences=frozenset(row["audiences"]),
        algorithms=frozenset(row["algorithms"]),
        token_types=frozenset(row["token_types"]),
        agencies=tuple(row["agencies"]),
        agency_claims=tuple(row["agency_claims"]),
        agency_values={fold_value(e["value"]): e["agency"] for e in row["agency_values"]},
        scope_claims=tuple(row["scope_claims"]),
        role_claims=tuple(row["role_claims"]),
        roles={e["value"]: token_rules.scopes_of_grants(e["grants"]) for e in row["roles"]},
        person_claims=tuple(row["person_claims"]),
        client_claims=tuple(row["client_claims"]),
        max_lifetime_seconds=row["max_lifetime_seconds"],
        blocked_subjects=frozenset(map(fold_value, row["blocked_subjects"])),
        blocked_clients=frozenset(map(fold_value, row["blocked_clients"])),
    )


def _verify(
    work: UnitOfWork, token: str, header: Header, provider: Provider, keys: ProviderKeys
) -> VerifiedToken:
    claims = verify_signature(token, header, provider, keys)
    expected = Expectations(provider.issuer, provider.audiences, required=("iat", "sub"))
    expires_at = check_claims(claims, expected, clock.now())
    read_subject(claims)
    client = token_rules.find_client(claims, provider)
    token_rules.check_kind(claims, header.type, client, provider)
    token_rules.check_lifetime(claims, expires_at, provider)
    person = token_rules.find_person(claims, client, provider)
    token_rules.check_not_blocked(claims, client, person, provider)
    scopes = token_rules.find_scopes(claims, provider, is_person=person is not None)
    code = token_rules.find_agency(claims, scopes, provider)
    # Two providers can have the same names, so the audit log needs the provider's key as well.
    client_id = f"{provider.key}:{client}"
    name = None if person is None else token_rules.logged_name(person, client)
    actor = Actor(
        client_id=client_id,
        agency_id=None if code is None else find_agency_id(work.connection, code),
        agency=code,
        scopes=scopes,
        subject=client_id if name is None else f"{provider.key}:{name}",
        provider_token=token_rules.record_token(claims, client, person, provider),
        scopes_fault=token_rules.explain_missing_scopes(claims, scopes, provider),
    )
    return VerifiedToken(actor, claims, expires_at)
