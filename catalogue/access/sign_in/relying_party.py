"""The relying party: sign-in by the authorization code flow with PKCE, and logout.

The ADR on sign-in lists the attacks that each check prevents.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import sqlalchemy as sa

from catalogue.access.identity_providers import token_rules
from catalogue.access.identity_providers.claims import first_text, is_name
from catalogue.access.identity_providers.verification import (
    LONGEST_SUBJECT,
    ProviderTokens,
    read_subject,
    verify_signature,
)
from catalogue.access.sign_in.attempts import Attempt
from catalogue.access.sign_in.providers import EndpointCache, SignInProvider
from catalogue.access.sign_in.refusals import (
    ProviderFaulty,
    ProviderUnavailable,
    SignInExpired,
    SignInRefused,
)
from catalogue.access.token_verification import find_agency_id
from catalogue.access.tokens import (
    LEEWAY,
    Expectations,
    TokenRefused,
    check_claims,
    read_header,
)
from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.config import Settings
from catalogue.core.errors import Unavailable
from catalogue.core.outgoing import DocumentRefused, Reach, RequestFailed, fetch_json

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TYPE = "logout+jwt"
LOGOUT_WINDOW = timedelta(minutes=5)
"""The greatest age of a logout token."""

LONGEST_HINT = 4096
"""The longest ID token that is a hint at sign-out, in characters. Many servers refuse longer URLs."""

_ERROR_CODE = re.compile(r"[a-z_]{1,50}")


@dataclass(frozen=True)
class Identity:
    """A person who has signed in at a provider, as an actor and by the names of the provider."""

    actor: Actor
    name: str
    """The name that pages show."""
    subject: str
    session: str | None
    id_token: str = field(repr=False)


@dataclass(frozen=True)
class Logout:
    """A verified logout token: the person or the session at the provider, or both."""

    subject: str | None
    session: str | None
    digest: str
    """The digest of issuer and `jti`, so that the token is used once."""
    expires_at: datetime


class RelyingParty:
    """The relying party of all identity providers, in one process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens = ProviderTokens(settings)
        self._endpoints = EndpointCache(settings)

    def authorization_url(self, provider: SignInProvider, attempt: Attempt) -> str:
        """Return the address at which the person signs in. Raises SignInRefused."""
        endpoints = self._endpoints.find(provider)
        return _with_query(
            endpoints.authorization,
            {
                "response_type": "code",
                "response_mode": "query",
                "client_id": provider.client_id,
                "redirect_uri": self._callback(provider),
                "scope": " ".join(endpoints.scopes),
                "state": attempt.state,
                "nonce": attempt.nonce,
                "code_challenge": attempt.challenge,
                "code_challenge_method": "S256",
            },
        )

    def redeem(self, provider: SignInProvider, attempt: Attempt, query: Mapping[str, str]) -> str:
        """Exchange the code of a provider's response for the ID token. Raises SignInRefused.

        The caller has found the attempt by the state of the response.
        """
        endpoints = self._endpoints.find(provider)
        if query.get("iss", provider.rules.issuer) != provider.rules.issuer or (
            endpoints.names_issuer and "iss" not in query
        ):
            raise ProviderFaulty(provider.name, "the response names another issuer, or none")
        if "error" in query:
            raise _failed(provider, query["error"])
        if not query.get("code"):
            raise ProviderFaulty(provider.name, "the response has no code")
        form = {
            "grant_type": "authorization_code",
            "code": query["code"],
            "redirect_uri": self._callback(provider),
            "code_verifier": attempt.verifier,
            "client_id": provider.client_id,
        }
        headers = {}
        secret = self._settings.sign_in_secrets.get(provider.key)
        if secret and endpoints.takes_secret_in_form:
            form["client_secret"] = secret
        elif secret:
            headers["Authorization"] = _basic(provider.client_id, secret)
        try:
            document = fetch_json(
                endpoints.token,
                reach=Reach.of_identity_providers(self._settings),
                timeout=self._settings.identity_provider_timeout_seconds,
                form=form,
                headers=headers,
            )
        except DocumentRefused as refusal:
            # The code is unknown, used or old, or the client's secret is wrong.
            raise ProviderFaulty(provider.name, str(refusal)) from None
        except RequestFailed as failure:
            raise ProviderUnavailable(provider.name, str(failure)) from None
        token = document.get("id_token")
        if not isinstance(token, str):
            raise ProviderFaulty(provider.name, "the response has no ID token")
        return token

    def identify(
        self, connection: sa.Connection, provider: SignInProvider, attempt: Attempt, token: str
    ) -> Identity:
        """Return the person of an ID token, with all checks. Raises SignInRefused."""
        claims = self._verify(provider, token, frozenset({"jwt", None}))
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not _equal(nonce, attempt.nonce):
            raise ProviderFaulty(provider.name, "the ID token belongs to another attempt")
        actor = _find_actor(connection, provider, claims)
        shown = first_text(claims, ("name",))
        if shown is None or len(shown) > token_rules.LONGEST_PERSON:
            shown = str(actor.subject).removeprefix(f"{provider.key}:")
        return Identity(
            actor, shown, claims["sub"], _short_text(provider, claims, "sid"), id_token=token
        )

    def sign_out_url(self, provider: SignInProvider, id_token: str | None) -> str | None:
        """Return the address that ends the person's session at the provider, or None."""
        try:
            end_session = self._endpoints.find(provider).end_session
        except SignInRefused:
            return None
        if end_session is None:
            return None
        query = {
            "client_id": provider.client_id,
            "post_logout_redirect_uri": f"{self._settings.public_url}/signed-out",
        }
        if id_token and len(id_token) <= LONGEST_HINT:
            query["id_token_hint"] = id_token
        return _with_query(end_session, query)

    def verify_logout(self, provider: SignInProvider, token: str) -> Logout:
        """Verify a logout token (OpenID Connect Back-Channel Logout 1.0). Raises SignInRefused."""
        claims = self._verify(
            provider, token, frozenset({LOGOUT_TYPE, "jwt", None}), required=("iat", "jti")
        )
        events, identifier = claims.get("events"), claims["jti"]
        subject, session = (_short_text(provider, claims, name) for name in ("sub", "sid"))
        now = clock.now()
        if (
            not isinstance(events, dict)
            or not isinstance(events.get(LOGOUT_EVENT), dict)
            or not isinstance(identifier, str)
            or "nonce" in claims
            or (subject is None and session is None)
        ):
            raise ProviderFaulty(provider.name, "the token is no logout token")
        if now.timestamp() - claims["iat"] > (LOGOUT_WINDOW + LEEWAY).total_seconds():
            raise ProviderFaulty(provider.name, "the logout token is old")
        named = f"logout\n{provider.rules.issuer}\n{identifier}".encode("utf-8", "surrogatepass")
        return Logout(
            subject,
            session,
            digest=hashlib.sha256(named).hexdigest(),
            expires_at=now + LOGOUT_WINDOW + 2 * LEEWAY,
        )

    def _verify(
        self,
        provider: SignInProvider,
        token: str,
        types: frozenset[str | None],
        required: tuple[str, ...] = ("iat", "sub"),
    ) -> dict[str, Any]:
        """Return the claims of a token that the provider issued to this client alone."""
        expected = Expectations(
            provider.rules.issuer, frozenset({provider.client_id}), required=required
        )
        try:
            header = read_header(token)
            if header.type not in types:
                raise TokenRefused("The token has another type.")
            claims = verify_signature(
                token, header, provider.rules, self._tokens.keys_of(provider.rules)
            )
            check_claims(claims, expected, clock.now())
            if "sub" in claims:
                read_subject(claims)
        except TokenRefused as refusal:
            raise ProviderFaulty(provider.name, str(refusal)) from None
        except Unavailable as unavailable:
            raise ProviderUnavailable(provider.name, unavailable.detail) from None
        audience, client = claims["aud"], provider.client_id
        if audience not in (client, [client]) or claims.get("azp", client) != client:
            raise ProviderFaulty(provider.name, "the token was issued to another client as well")
        return claims

    def _callback(self, provider: SignInProvider) -> str:
        return f"{self._settings.public_url}/sign-in/{provider.key}/callback"


def _find_actor(
    connection: sa.Connection, provider: SignInProvider, claims: dict[str, Any]
) -> Actor:
    """Return the person as an actor, by the same rules as for an access token."""
    rules, client = provider.rules, provider.client_id
    try:
        person = token_rules.name_person(claims, rules)
    except TokenRefused as refusal:
        raise ProviderFaulty(provider.name, str(refusal)) from None
    try:
        token_rules.check_not_blocked(claims, client, person, rules)
    except TokenRefused as refusal:
        message = "Your account is blocked here. Ask an administrator of the catalogue."
        raise SignInRefused(message, reason=str(refusal)) from None
    scopes = token_rules.find_scopes(claims, rules, is_person=True)
    if not scopes:
        raise SignInRefused(
            f"Your account at {provider.name} has no role in the catalogue. "
            "Ask your IT department for a role.",
            reason=token_rules.explain_missing_scopes(claims, scopes, rules),
        )
    try:
        code = token_rules.find_agency(claims, scopes, rules)
        agency_id = None if code is None else find_agency_id(connection, code)
    except TokenRefused as refusal:
        raise SignInRefused(
            f"Your account names no agency that {provider.name} can act for here. "
            "Ask an administrator of the catalogue.",
            reason=str(refusal),
        ) from None
    return Actor(
        client_id=f"{rules.key}:{client}",
        agency_id=agency_id,
        agency=code,
        scopes=scopes,
        subject=f"{rules.key}:{token_rules.logged_name(person, client)}",
        provider_token=token_rules.record_token(claims, client, person, rules),
    )


def _failed(provider: SignInProvider, error: str) -> SignInRefused:
    """Return the refusal for an error that the provider's response names."""
    if error == "access_denied":
        return SignInRefused(f"The sign-in at {provider.name} was cancelled or refused there.")
    if error in ("temporarily_unavailable", "server_error"):
        return ProviderUnavailable(provider.name, f"the provider responded with {error}")
    if error in ("login_required", "interaction_required"):
        return SignInExpired(f"the provider responded with {error}")
    named = error if _ERROR_CODE.fullmatch(error) else "an error"
    return ProviderFaulty(provider.name, f"the provider responded with {named}")


def _short_text(provider: SignInProvider, claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not is_name(value) or len(value) > LONGEST_SUBJECT:
        raise ProviderFaulty(provider.name, f"the claim {name} is invalid")
    return value


def _basic(client_id: str, secret: str) -> str:
    """Return the header of HTTP Basic. Both parts are encoded as in forms (RFC 6749, 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _equal(first: str, second: str) -> bool:
    return hmac.compare_digest(
        first.encode("utf-8", "surrogatepass"), second.encode("utf-8", "surrogatepass")
    )
