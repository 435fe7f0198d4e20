"""Access tokens as signed JWTs (RFC 9068): signing them, and reading untrusted ones.

This module uses no database or network. The caller looks up the key that the header names. The
algorithms come from the key, and never from the token.
"""

import binascii
import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

LEEWAY = timedelta(seconds=30)
"""The greatest difference between the clocks of issuer and verifier."""

LARGEST_TOKEN = 8 * 1024
"""The largest token that is read, in bytes."""

REQUEST_NEW = " Request a new one."
"""The end of each message that the client can resolve with another token."""

EXPIRED = "The access token has expired. Request a new one."
UNKNOWN_KEY = "The access token is signed with an unknown key. Request a new one."

WRONG_KIND = (
    "The JWT is not an access token, but a token for another purpose. Send an access token."
)
TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068 section 2.1
_SEGMENTS = 3
_NO_JWT = (
    "The access token is incomplete, or is not a token. Send the token exactly as you received it."
)


class TokenRefused(Exception):
    """The error for an invalid token.

    Clients can see its message, which repeats no part of the token. `issuer` is the identity
    provider whose token is refused, or empty.
    """

    issuer: str = ""


@dataclass(frozen=True)
class Header:
    """The header of an unverified token."""

    algorithm: str
    kid: str | None
    type: str | None


@dataclass(frozen=True)
class VerificationKey:
    """A public key and the only algorithms that it can verify."""

    kid: str
    key: Key
    algorithms: frozenset[str]


@dataclass(frozen=True)
class Expectations:
    """The claims that a valid token must have."""

    issuer: str
    audiences: frozenset[str]
    required: tuple[str, ...] = ("iat", "jti", "client_id", "sub")


def sign(claims: dict[str, Any], *, key: Key, algorithm: str, kid: str) -> str:
    """Return the claims as a signed token, in the compact form of JWS (RFC 7515)."""
    header = {"alg": algorithm, "kid": kid, "typ": TOKEN_TYPE}
    return jws.serialize_compact(header, orjson.dumps(claims), key, [algorithm])


def read_header(token: str) -> Header:
    """Return the header of an unverified token. Raises TokenRefused if it is not a JWT."""
    if len(token) > LARGEST_TOKEN:
        raise TokenRefused("The access token is longer than 8 KiB. Request one with fewer claims.")
    segments = token.split(".")
    if len(segments) != _SEGMENTS or not all(segments):
        # An encrypted token has five segments. An unsigned one has an empty last segment.
        raise TokenRefused(_NO_JWT)
    header = _object(segments[0])
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if "crit" in header:
        # No extension is supported, and RFC 7515 section 4.1.11 requires a refusal.
        raise TokenRefused(
            "The access token needs an extension (`crit`) that is not supported. "
            "Request one without it."
        )
    if not isinstance(algorithm, str) or not isinstance(kid, str | None):
        raise TokenRefused("The access token has an invalid header. Request a new one.")
    return Header(algorithm, kid, _normal_type(kind) if isinstance(kind, str) else None)


def read_issuer(token: str) -> str:
    """Return the issuer that an unverified token names, which chooses the keys that verify it.

    Raises TokenRefused if the token names none.
    """
    issuer = _object(token.split(".")[1]).get("iss")
    if not isinstance(issuer, str):
        raise TokenRefused("The access token names no issuer. Request a new one.")
    return issuer


def check_type(header: Header) -> None:
    """Refuse a JWT for another purpose, such as an ID token (RFC 9068 section 4)."""
    if header.type != TOKEN_TYPE:
        raise TokenRefused(WRONG_KIND)


def _normal_type(kind: str) -> str:
    """Return a token type in lower case, without the prefix `application/`."""
    return kind.lower().removeprefix("application/")


def verified_claims(token: str, header: Header, key: VerificationKey) -> dict[str, Any]:
    """Return the claims if the key made the signature. Raises TokenRefused if not."""
    if header.algorithm not in key.algorithms:
        raise TokenRefused(
            "The algorithm of the access token does not match its key. Request a new one."
        )
    registry = jws.JWSRegistry(algorithms=list(key.algorithms), strict_check_header=False)
    registry.max_header_length = LARGEST_TOKEN  # some providers send certificates
    try:
        signed = jws.deserialize_compact(token, key.key, registry=registry)
    except (JoseError, ValueError, TypeError, KeyError):
        raise TokenRefused(
            "The access token has an invalid signature. Request a new one."
        ) from None
    return _claims(signed.payload or b"")


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = orjson.loads(payload)
        # Other readers of the token could take the first of two equal names, and orjson takes
        # the last.
        json.loads(payload, object_pairs_hook=_require_unique)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise TokenRefused("The access token holds no usable claims. Request a new one.")
    return claims


def _require_unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise TokenRefused("The access token repeats a claim. Request a new one.")


def check_claims(claims: dict[str, Any], expected: Expectations, now: datetime) -> float:
    """Check issuer, audience and times of a token, and return its expiry in Unix time."""
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if claims.get("iss") != expected.issuer:
        raise TokenRefused(
            "The access token is from another issuer. Request one from this API's authorization "
            "server."
        )
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(each, str) and each in expected.audiences for each in named):
        raise TokenRefused("The access token is for another audience. Request one for this API.")
    for name in expected.required:
        if claims.get(name) in (None, ""):
            raise TokenRefused(f"The access token lacks the claim `{name}`. Request a new one.")
    expires = _moment(claims, "exp")
    if expires is None:
        raise TokenRefused("The access token lacks the claim `exp`. Request a new one.")
    if moment >= expires + leeway:
        raise TokenRefused(EXPIRED)
    for name in ("nbf", "iat"):
        begins = _moment(claims, name)
        if begins is not None and begins > moment + leeway:
            raise TokenRefused("The access token is not valid yet. Check the clock of its issuer.")
    return expires


def _moment(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenRefused(
            f"The claim `{name}` of the access token is not a time. Request a new one."
        )
    return float(value)


def _object(segment: str) -> dict[str, Any]:
    try:
        padded = segment.encode("ascii") + b"=" * (-len(segment) % 4)
        header = orjson.loads(binascii.a2b_base64(padded.translate(_URL_SAFE), strict_mode=True))
    except (ValueError, UnicodeError):
        raise TokenRefused(_NO_JWT) from None
    if not isinstance(header, dict):
        raise TokenRefused(_NO_JWT)
    return header


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
