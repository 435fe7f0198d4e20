"""Tokens with faults, as an attacker or a careless provider makes them."""

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
    """Encode in Base64url without padding, as in a JWT."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def sign_token(claims: dict[str, Any] | bytes, key: Key, **header: Any) -> str:
    """Sign a token with any claims, also as raw bytes, and any header."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    present = {name: value for name, value in header.items() if value is not None}
    payload = claims if isinstance(claims, bytes) else orjson.dumps(claims)
    return jws.serialize_compact(present, payload, key, registry=registry)


def write_unsigned_token(claims: dict[str, Any], **header: Any) -> str:
    """Write a token with an empty signature."""
    return f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(claims))}."


@dataclass(frozen=True)
class FromNow:
    """A moment some seconds after the test begins, or before it if the number is negative."""

    seconds: int


def with_times(claims: dict[str, Any]) -> dict[str, Any]:
    """Return claims with the Unix time of each moment, counted from now."""
    return {
        name: unix_time(value.seconds) if isinstance(value, FromNow) else value
        for name, value in claims.items()
    }


def unix_time(seconds: float) -> int:
    """Return the Unix time in this number of seconds."""
    return int((clock.now() + timedelta(seconds=seconds)).timestamp())


@dataclass
class Forger:
    """A forger of tokens that are valid except for the changes that a test makes."""

    app: Flask
    client: OAuthClient
    agency: str

    @property
    def settings(self) -> Settings:
        """The settings of the app that the tokens are for."""
        return settings(self.app)

    def signing_key(self) -> SigningKey:
        """The signing key of the app."""
        with unit_of_work(self.app) as context:
            session = context.session
            return keys.signing_key(session)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return valid claims with changes. A claim that is None is left out."""
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
        """Return a token with changed claims, another key or another header."""
        own = self.signing_key()
        full_header = {"alg": own.algorithm, "kid": own.kid, "typ": "at+jwt"} | (header or {})
        return sign_token(self.claims(**changed), key or keys.private_half(own), **full_header)


def make_unknown_key() -> ECKey:
    """Create a key that is not registered anywhere."""
    return ECKey.generate_key("P-256")
