"""JWK sets of other servers (RFC 7517): each key with the algorithms that it can verify."""

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, RSAKey

from catalogue.access.tokens import VerificationKey

_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_BY_CURVE = {
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
    "P-521": frozenset({"ES512"}),
    "Ed25519": frozenset({"EdDSA", "Ed25519"}),
}
_PUBLIC_PARTS = frozenset({"kty", "n", "e", "crv", "x", "y"})
_SMALLEST_RSA = 2048
_MOST_KEYS = 100


def read_jwk_set(document: dict[str, Any]) -> tuple[VerificationKey, ...]:
    """Return the keys that can verify a signature.

    Symmetric, encryption, short and unknown keys are left out (RFC 7517 section 5).
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        return ()
    verification_keys = (
        _verification_key(entry) for entry in listed[:_MOST_KEYS] if isinstance(entry, dict)
    )
    return tuple(key for key in verification_keys if key is not None)


def _verification_key(jwk: dict[str, Any]) -> VerificationKey | None:
    algorithms = _RSA if jwk.get("kty") == "RSA" else _BY_CURVE.get(str(jwk.get("crv")))
    if "alg" in jwk:
        algorithms = frozenset({str(jwk["alg"])}) & (algorithms or frozenset())
    if not algorithms or jwk.get("use", "sig") != "sig":
        return None
    # Only the parts of a public key, so that nothing else in the entry changes how it is read.
    public = {name: value for name, value in jwk.items() if name in _PUBLIC_PARTS}
    try:
        if "verify" not in jwk.get("key_ops", ["verify"]):
            return None
        key = JWKRegistry.import_key(public)
        if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA:
            return None
        return VerificationKey(str(jwk.get("kid") or key.thumbprint()), key, algorithms)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
