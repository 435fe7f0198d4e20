"""Sign-in of people by OpenID Connect, as the relying party of the identity providers."""
