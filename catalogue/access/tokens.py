"""Access tokens as signed JWTs (RFC 9068): writing one, and reading one without trusting it.

Nothing here touches a database or the network. Whoever verifies a token looks up the key that its
header names, and that key says which algorithms it may be used with: a token never chooses.
"""

import binascii
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

LEEWAY = timedelta(seconds=30)
"""How far the clocks of issuer and verifier may be apart."""

LARGEST_TOKEN = 8 * 1024
"""Bytes of a token that we are ready to look at."""

TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068 section 2.1
_SEGMENTS = 3


class TokenRefused(Exception):
    """The token is not good. The message may be shown: it never repeats what the token holds."""


@dataclass(frozen=True)
class Header:
    """What an unverified token says about its own making."""

    algorithm: str
    kid: str | None
    type: str | None


@dataclass(frozen=True)
class VerificationKey:
    """A public key, with the only algorithms that it may verify."""

    kid: str
    key: Key
    algorithms: frozenset[str]


@dataclass(frozen=True)
class Expectations:
    """What a token must say to be good here."""

    issuer: str
    audience: str
    types: frozenset[str] = frozenset({TOKEN_TYPE})
    required: tuple[str, ...] = ("iat", "jti", "client_id", "sub")


def sign(claims: dict[str, Any], *, key: Key, algorithm: str, kid: str) -> str:
    """A signed token."""
    header = {"alg": algorithm, "kid": kid, "typ": TOKEN_TYPE}
    return jws.serialize_compact(header, orjson.dumps(claims), key, [algorithm])


def read_header(token: str) -> Header:
    """The header of a token that nobody has verified yet; TokenRefused if it is not a JWT."""
    if len(token) > LARGEST_TOKEN:
        raise TokenRefused("The token is too long.")
    segments = token.split(".")
    if len(segments) != _SEGMENTS or not all(segments):
        # Five segments are an encrypted token, and an empty last one is an unsigned token.
        raise TokenRefused("The token is not a signed JWT.")
    header = _object(segments[0])
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if "crit" in header:
        # We understand no extension, and RFC 7515 section 4.1.11 says to refuse one then.
        raise TokenRefused("The token needs an extension that is not supported.")
    if not isinstance(algorithm, str) or not isinstance(kid, str | None):
        raise TokenRefused("The token's header is not valid.")
    return Header(algorithm, kid, kind if isinstance(kind, str) else None)


def check_type(header: Header, types: frozenset[str]) -> None:
    """Refuse a JWT that was made for another purpose, such as an ID token (RFC 9068 section 4)."""
    if normal_type(header.type or "") not in types:
        raise TokenRefused("The JWT is not an access token.")


def normal_type(kind: str) -> str:
    """A media type as `typ` has it: without regard to case, and without `application/`."""
    return kind.lower().removeprefix("application/")


def verified_claims(token: str, header: Header, key: VerificationKey) -> dict[str, Any]:
    """The claims, once the signature is found to be the key's; else TokenRefused."""
    if header.algorithm not in key.algorithms:
        raise TokenRefused("The token is not signed with the key's algorithm.")
    registry = jws.JWSRegistry(algorithms=list(key.algorithms), strict_check_header=False)
    registry.max_header_length = LARGEST_TOKEN  # providers put certificates into theirs
    try:
        signed = jws.deserialize_compact(token, key.key, registry=registry)
        claims = orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError, KeyError):
        raise TokenRefused("The token's signature is not valid.") from None
    if not isinstance(claims, dict):
        raise TokenRefused("The token holds no claims.")
    return claims


def check_claims(claims: dict[str, Any], expected: Expectations, now: datetime) -> float:
    """Check who made the token, for whom, and for when; answer when it expires (Unix time)."""
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("The token is from another issuer.")
    audience = claims.get("aud")
    if expected.audience not in (audience if isinstance(audience, list) else [audience]):
        raise TokenRefused("The token is for another audience.")
    for name in expected.required:
        if claims.get(name) in (None, ""):
            raise TokenRefused(f"The token lacks the claim {name}.")
    expires = _moment(claims, "exp")
    if expires is None:
        raise TokenRefused("The token lacks the claim exp.")
    if moment >= expires + leeway:
        raise TokenRefused("The token has expired.")
    for name in ("nbf", "iat"):
        begins = _moment(claims, name)
        if begins is not None and begins > moment + leeway:
            raise TokenRefused("The token is not valid yet.")
    return expires


def _moment(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenRefused(f"The token's claim {name} is not a time.")
    return float(value)


def _object(segment: str) -> dict[str, Any]:
    try:
        padded = segment.encode("ascii") + b"=" * (-len(segment) % 4)
        header = orjson.loads(binascii.a2b_base64(padded.translate(_URL_SAFE), strict_mode=True))
    except (ValueError, UnicodeError):
        raise TokenRefused("The token is not a signed JWT.") from None
    if not isinstance(header, dict):
        raise TokenRefused("The token is not a signed JWT.")
    return header


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
