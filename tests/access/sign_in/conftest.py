"""Fixtures of sign-in: a provider that signs people in, and the relying party of an app."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from catalogue.access.identity_providers.operations import (
    change_identity_provider,
    create_identity_provider,
    find_identity_provider,
)
from catalogue.access.sign_in.attempts import Attempt, begin_attempt
from catalogue.access.sign_in.providers import SignInProvider, find_sign_in_provider
from catalogue.access.sign_in.relying_party import Identity, RelyingParty
from catalogue.core.application import database, settings, unit_of_work
from catalogue.core.database import open_session
from tests.access.forged_tokens import unix_time
from tests.access.identity_providers.issuer import AUDIENCE, OPENID, Issuer
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS

AGENCY = "bedfordshire-police"
CLIENT = "pages"
PUBLIC_URL = "http://catalogue.test"
TOKEN = "/token"
AUTHORIZE = "/authorize"
END_SESSION = "/end-session"


def describe(server: Issuer, **changed: Any) -> None:
    """Let the provider describe itself as an OpenID provider."""
    described = {
        "authorization_endpoint": f"{server.url}{AUTHORIZE}",
        "token_endpoint": f"{server.url}{TOKEN}",
        "end_session_endpoint": f"{server.url}{END_SESSION}",
        "scopes_supported": ["openid", "email", "offline_access"],
        "authorization_response_iss_parameter_supported": True,
    } | changed
    server.served[OPENID] |= described


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        describe(running)
        yield running


@pytest.fixture(scope="session")
def app(store: Store) -> Flask:
    """An app that may connect to this machine, and knows a secret of its client."""
    return store.app_with(
        identity_provider_private_addresses=True,
        identity_provider_timeout_seconds=float(PATIENCE_SECONDS),
        sign_in_secrets={"secretive": "s3cret/+ &"},
    )


@pytest.fixture
def party(app: Flask) -> RelyingParty:
    return RelyingParty(settings(app))


class Signing:
    """A provider that signs people in, and what it sends to the relying party."""

    def __init__(self, app: Flask, issuer: Issuer, party: RelyingParty) -> None:
        self.app, self.issuer, self.party = app, issuer, party
        self.key = "beds"

    def record(self, **fields: Any) -> None:
        """Record the provider. Its managers read and write systems of one agency."""
        usual = {
            "key": "beds",
            "name": "Bedfordshire Police",
            "issuer": self.issuer.url,
            "audiences": [AUDIENCE],
            "agencies": [AGENCY],
            "roles": [{"value": "Manager", "grants": ["systems:read", "systems:write"]}],
            "sign_in_client_id": CLIENT,
            "email_domains": ["beds.police.uk"],
        }
        self.key = fields.get("key", "beds")
        with unit_of_work(self.app) as context:
            create_identity_provider(context, usual | fields)

    def change(self, **fields: Any) -> None:
        """Change the provider's record."""
        with unit_of_work(self.app) as context:
            provider = find_identity_provider(context.session, self.key)
            change_identity_provider(context, provider, fields)

    @property
    def provider(self) -> SignInProvider:
        """The provider as it is recorded."""
        with self.connection() as connection:
            found = find_sign_in_provider(connection, self.key)
        assert found
        return found

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Yield a connection that reads."""
        with open_session(database(self.app), read_only=True) as session:
            yield session.connection()

    def begin(self) -> Attempt:
        """Begin an attempt."""
        return begin_attempt(self.key, "/")

    def claims(self, attempt: Attempt, **changed: Any) -> dict[str, Any]:
        """Return the claims of the ID token of an attempt. None leaves a claim out."""
        claims = {
            "iss": self.issuer.url,
            "aud": CLIENT,
            "sub": "7d1f",
            "iat": unix_time(0),
            "exp": unix_time(300),
            "nonce": attempt.nonce,
            "sid": "s-1",
            "name": "Jo Smith",
            "preferred_username": "jo.smith@beds.police.uk",
            "roles": ["Manager"],
        } | changed
        return {name: value for name, value in claims.items() if value is not None}

    def id_token(
        self, attempt: Attempt, header: dict[str, Any] | None = None, **changed: Any
    ) -> str:
        """Return the signed ID token of an attempt."""
        return self.issuer.sign(
            self.claims(attempt, **changed), header={"typ": "JWT"} | (header or {})
        )

    def respond(self, attempt: Attempt, **changed: Any) -> dict[str, str]:
        """Serve the ID token of an attempt, and return the query of the provider's response."""
        self.issuer.served[TOKEN] = {
            "access_token": "opaque",
            "token_type": "Bearer",
            "id_token": self.id_token(attempt, **changed),
        }
        return {"code": "c-1", "state": attempt.state, "iss": self.issuer.url}

    def identify(self, attempt: Attempt, token: str) -> Identity:
        """Return the person of an ID token."""
        with self.connection() as connection:
            return self.party.identify(connection, self.provider, attempt, token)


@pytest.fixture
def signing(
    app: Flask,
    issuer: Issuer,
    party: RelyingParty,
    make_agency: Callable[..., object],
    session: Any,
) -> Signing:
    make_agency(AGENCY)
    session.commit()
    return Signing(app, issuer, party)
