"""Signing keys: created when first needed, rotated and withdrawn.

After a rotation the old key still verifies tokens until the last one that it signed has expired.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey
from sqlalchemy.orm import Session

from catalogue.access.models import SigningKey
from catalogue.access.tokens import LEEWAY, VerificationKey
from catalogue.core import clock
from catalogue.core.permissions_version import bump_permissions_version
from catalogue.core.upsert import insert

DEFAULT_ALGORITHM = "ES256"
ALGORITHMS = (DEFAULT_ALGORITHM, "RS256")
LONGEST_LIFETIME = timedelta(hours=24)
"""The longest lifetime of a token, after which a rotated key is no longer needed."""

_RSA_BITS = 3072
_BY_KID = sa.select(
    SigningKey.private_key, SigningKey.algorithm, SigningKey.signing, SigningKey.verifies_until
).where(SigningKey.kid == sa.bindparam("kid"))


class UnknownKey(LookupError):
    """The error for an unknown key id."""


def signing_key(session: Session) -> SigningKey:
    """Return the key that signs now. Create it if there is none.

    Two workers can find no key at the same moment. The database accepts one of their new keys, and
    both then read that key.
    """
    key = _signing(session)
    if key is None:
        new_key = _generate(DEFAULT_ALGORITHM)
        session.execute(
            insert(session, SigningKey)
            .values(**new_key, created_at=clock.now(), signing=True)
            .on_conflict_do_nothing()
        )
        key = _signing(session)
        assert key is not None  # noqa: S101 - one of the inserts has succeeded
    return key


def rotate_keys(session: Session, *, algorithm: str = DEFAULT_ALGORITHM) -> SigningKey:
    """Create a new key that signs from now on. The old one verifies until its tokens expire."""
    # This also makes a concurrent rotation wait for this one.
    bump_permissions_version(session)
    now = clock.now()
    session.execute(
        sa.update(SigningKey)
        .where(SigningKey.signing.is_(True))
        .values(signing=None, verifies_until=now + LONGEST_LIFETIME + LEEWAY)
    )
    session.execute(sa.delete(SigningKey).where(SigningKey.verifies_until < now))
    new_key = SigningKey(**_generate(algorithm), created_at=now, signing=True)
    session.add(new_key)
    session.flush()
    return new_key


def withdraw_key(session: Session, kid: str) -> None:
    """Withdraw a key at once, for example because it was stolen. Its tokens become invalid.

    If the key was the signing key, the next token creates a new one. Raises UnknownKey.
    """
    bump_permissions_version(session)
    statement = sa.delete(SigningKey).where(SigningKey.kid == kid).returning(SigningKey.kid)
    if session.execute(statement).first() is None:
        raise UnknownKey(kid)


def published_keys(session: Session) -> list[SigningKey]:
    """Return the keys that can verify tokens now, newest first."""
    return list(
        session.scalars(
            sa.select(SigningKey)
            .where(sa.or_(SigningKey.signing.is_(True), SigningKey.verifies_until > clock.now()))
            .order_by(SigningKey.created_at.desc(), SigningKey.kid)
        )
    )


def verification_key(connection: sa.Connection, kid: str) -> VerificationKey | None:
    """Return the public half of a key, or None if it no longer verifies."""
    row = connection.execute(_BY_KID, {"kid": kid}).first()
    if row is None or not (row.signing or row.verifies_until > clock.now()):
        return None
    return VerificationKey(kid, _public(row.algorithm, row.private_key), frozenset({row.algorithm}))


def public_jwk(key: SigningKey) -> dict[str, Any]:
    """Return the public half of a key as a JWK (RFC 7517)."""
    public = _public(key.algorithm, key.private_key).as_dict(private=False)
    return public | {"kid": key.kid, "alg": key.algorithm, "use": "sig"}


def private_half(key: SigningKey) -> Key:
    """Return the private half of a key, which signs tokens."""
    return _private(key.algorithm, key.private_key)


@lru_cache(maxsize=8)
def _private(algorithm: str, pem: str) -> Key:
    # Cached, because parsing a key takes longer than signing with it.
    return RSAKey.import_key(pem) if algorithm == "RS256" else ECKey.import_key(pem)


@lru_cache(maxsize=8)
def _public(algorithm: str, pem: str) -> Key:
    return JWKRegistry.import_key(dict(_private(algorithm, pem).as_dict(private=False)))


def _signing(session: Session) -> SigningKey | None:
    return session.scalar(sa.select(SigningKey).where(SigningKey.signing.is_(True)))


def _generate(algorithm: str) -> dict[str, str]:
    if algorithm not in ALGORITHMS:
        raise ValueError(
            f"The algorithm {algorithm} is not supported. Use {' or '.join(ALGORITHMS)}."
        )
    key: RSAKey | ECKey = (
        RSAKey.generate_key(_RSA_BITS) if algorithm == "RS256" else ECKey.generate_key("P-256")
    )
    pem = key.as_pem(private=True).decode()
    return {"kid": key.thumbprint(), "algorithm": algorithm, "private_key": pem}
