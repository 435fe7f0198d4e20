"""Tokens as an attacker, or a careless provider, would make them."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, Key

from catalogue.access import keys
from catalogue.access.models import OAuthClient, SigningKey
from catalogue.core import clock
from catalogue.core.application import settings, unit_of_work
from catalogue.core.config import Settings


def encode(value: bytes) -> str:
    """Base64url without padding, as in a JWT."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def sign_token(claims: dict[str, Any], key: Key, **header: Any) -> str:
    """A token with these claims and this header, whatever they say."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    given = {name: value for name, value in header.items() if value is not None}
    return jws.serialize_compact(given, orjson.dumps(claims), key, registry=registry)


def write_unsigned_token(claims: dict[str, Any], **header: Any) -> str:
    """A token without a signature, but for an empty one."""
    return f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(claims))}."


def unix_time(seconds: float) -> int:
    """The Unix time so many seconds from now."""
    return int((clock.now() + timedelta(seconds=seconds)).timestamp())


@dataclass
class Forger:
    """Makes tokens that are right but for what is asked to be wrong."""

    app: Flask
    client: OAuthClient
    agency: str

    @property
    def settings(self) -> Settings:
        """The settings of the app that the tokens are for."""
        return settings(self.app)

    def signing_key(self) -> SigningKey:
        """The app's own key."""
        with unit_of_work(self.app) as context:
            session = context.session
            return keys.signing_key(session)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims that are right; those given as None are left out."""
        claims = {
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "sub": self.client.client_id,
            "client_id": self.client.client_id,
            "iat": unix_time(0),
            "nbf": unix_time(0),
            "exp": unix_time(600),
            "jti": encode(b"0123456789abcdef"),
            "scope": "systems:read",
            "agency": self.agency,
        } | changed
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self, *, key: Key | None = None, header: dict[str, Any] | None = None, **changed: Any
    ) -> str:
        """A token with changed claims, another key or another header."""
        own = self.signing_key()
        said = {"alg": own.algorithm, "kid": own.kid, "typ": "at+jwt"} | (header or {})
        return sign_token(self.claims(**changed), key or keys.private_half(own), **said)


def make_unknown_key() -> ECKey:
    """A key that nobody has heard of."""
    return ECKey.generate_key("P-256")
