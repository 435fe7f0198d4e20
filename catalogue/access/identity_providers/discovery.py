"""Discovery of the keys of an identity provider, from its metadata or a recorded address.

A provider that responds with an unusable document is set up wrongly, here or there. Waiting does
not help, so that failure has a text for people who send tokens. The text names no address.
"""

from dataclasses import dataclass
from typing import Any

from catalogue.access.challenges import well_known
from catalogue.access.jwk_set import read_jwk_set
from catalogue.access.tokens import VerificationKey
from catalogue.core.outgoing import (
    AddressRefused,
    DocumentRefused,
    Reach,
    RequestFailed,
    fetch_json,
)


class ProviderFault(RequestFailed):
    """A fault in how a provider is set up, which does not pass by itself.

    The message is for operators. Every client can see `fault`, which is the part of a sentence.
    """

    def __init__(self, message: str, fault: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True)
class Discovery:
    """The keys of a provider, and the addresses of the documents that led to them."""

    metadata_url: str | None
    """The address of the metadata. None if the address of the keys is recorded."""
    jwks_url: str
    keys: tuple[VerificationKey, ...]


def discover_keys(issuer: str, jwks_url: str | None, reach: Reach, timeout: float) -> Discovery:
    """Fetch the keys of an issuer.

    Raises ProviderFault if the provider is set up wrongly, or RequestFailed if it does not respond.
    """
    metadata_url = None
    if jwks_url is None:
        metadata_url, metadata = discover_metadata(issuer, reach, timeout)
        jwks_url = metadata.get("jwks_uri")
        if not isinstance(jwks_url, str):
            raise ProviderFault(
                f"{metadata_url} names no jwks_uri", "its metadata names no address of its keys"
            )
    keys = read_jwk_set(_fetch(jwks_url, "key set", reach, timeout))
    if not keys:
        raise ProviderFault(
            f"{jwks_url} holds no key that can verify a token",
            "its key set holds no key that can verify a token",
        )
    return Discovery(metadata_url, jwks_url, keys)


def discover_metadata(issuer: str, reach: Reach, timeout: float) -> tuple[str, dict[str, Any]]:
    """Return the address of an issuer's metadata (OpenID Connect or RFC 8414), and the metadata.

    Raises ProviderFault if the metadata names another issuer, or RequestFailed without a response.
    """
    addresses = (
        issuer.rstrip("/") + "/.well-known/openid-configuration",
        well_known(issuer, "/.well-known/oauth-authorization-server"),
    )
    failures: list[RequestFailed] = []
    for address in addresses:
        try:
            metadata = _fetch(address, "metadata", reach, timeout)
        except RequestFailed as failure:
            failures.append(failure)
            continue
        if metadata.get("issuer") != issuer:
            raise ProviderFault(
                f"{address} is the metadata of another issuer", "its metadata names another issuer"
            )
        return address, metadata
    message = "; ".join(map(str, failures))
    faults = [failure.fault for failure in failures if isinstance(failure, ProviderFault)]
    if len(faults) < len(failures):
        # The document that could not be fetched may be the right one.
        raise RequestFailed(message)
    raise ProviderFault(message, faults[0])


def _fetch(url: str, document: str, reach: Reach, timeout: float) -> dict[str, Any]:
    try:
        return fetch_json(url, reach=reach, timeout=timeout)
    except AddressRefused as failure:
        raise ProviderFault(str(failure), f"the address of its {document} is not allowed") from None
    except DocumentRefused as failure:
        raise ProviderFault(str(failure), f"its {document} cannot be used") from None
