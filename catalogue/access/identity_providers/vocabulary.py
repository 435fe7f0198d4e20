"""Vocabularies of identity providers: signature algorithms and types of tokens."""

from catalogue.core.vocabulary import Vocabulary


class SignatureAlgorithm(Vocabulary):
    """An asymmetric signature algorithm of tokens (RFC 7518, RFC 8037)."""

    RS256 = "RS256", "RSA with SHA-256."
    RS384 = "RS384", "RSA with SHA-384."
    RS512 = "RS512", "RSA with SHA-512."
    PS256 = "PS256", "RSA-PSS with SHA-256."
    PS384 = "PS384", "RSA-PSS with SHA-384."
    PS512 = "PS512", "RSA-PSS with SHA-512."
    ES256 = "ES256", "The curve P-256 with SHA-256."
    ES384 = "ES384", "The curve P-384 with SHA-384."
    ES512 = "ES512", "The curve P-521 with SHA-512."
    EDDSA = "EdDSA", "The curve Ed25519, by its older name."
    ED25519 = "Ed25519", "The curve Ed25519."


class TokenType(Vocabulary):
    """The header `typ` of an access token."""

    AT_JWT = "at+jwt", "The type of RFC 9068, which only access tokens have."
    JWT = "jwt", "The general type, which Microsoft Entra and Keycloak use."
    ABSENT = "absent", "No type, as in the tokens of Okta."
