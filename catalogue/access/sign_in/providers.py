"""Providers that sign people in: their records, and their endpoints as the metadata names them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import sqlalchemy as sa

from catalogue.access.identity_providers.discovery import ProviderFault, discover_metadata
from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.shared_fetch import SharedFetch
from catalogue.access.identity_providers.token_rules import Provider
from catalogue.access.identity_providers.verification import read_provider
from catalogue.access.sign_in.refusals import ProviderFaulty, ProviderUnavailable
from catalogue.core.config import Settings
from catalogue.core.outgoing import Reach, RequestFailed, url_fault

REFRESH_AFTER = timedelta(hours=1)
RETRY_AFTER_FAILURE = timedelta(seconds=5)

_TABLE = IdentityProvider.__table__
_SIGNING_IN = sa.select(_TABLE).where(
    IdentityProvider.enabled, IdentityProvider.sign_in_client_id.is_not(None)
)


@dataclass(frozen=True)
class SignInProvider:
    """An enabled identity provider with a client for the pages."""

    rules: Provider
    name: str
    client_id: str
    email_domains: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of the identity provider."""
        return self.rules.key


@dataclass(frozen=True)
class Endpoints:
    """The parts of a provider's metadata that a sign-in needs."""

    authorization: str
    token: str
    end_session: str | None
    names_issuer: bool
    """True if each response names its issuer (RFC 9207)."""
    takes_secret_in_form: bool
    scopes: tuple[str, ...]


def list_sign_in_providers(connection: sa.Connection) -> list[SignInProvider]:
    """List the providers that sign people in, by name."""
    rows = connection.execute(_SIGNING_IN).mappings()
    return sorted(map(_sign_in_provider, rows), key=lambda each: (each.name.casefold(), each.key))


def find_sign_in_provider(connection: sa.Connection, key: str) -> SignInProvider | None:
    """Return the provider with a key, or None if it signs nobody in."""
    if "\x00" in key:
        return None  # PostgreSQL accepts no NUL.
    row = connection.execute(_SIGNING_IN.where(IdentityProvider.key == key)).mappings().first()
    return None if row is None else _sign_in_provider(row)


def find_by_email(providers: list[SignInProvider], email: str) -> list[SignInProvider]:
    """Return the providers of the domain of an e-mail address. No account is looked up."""
    domain = email.strip().rpartition("@")[2].casefold()
    return [each for each in providers if domain in each.email_domains]


def _sign_in_provider(row: Any) -> SignInProvider:
    return SignInProvider(
        rules=read_provider(row),
        name=row["name"],
        client_id=row["sign_in_client_id"],
        email_domains=tuple(row["email_domains"]),
    )


class EndpointCache:
    """The endpoints of all providers, in one process. They are fetched again each hour.

    A person waits for a fetch as long as the timeout, and not at all if the fetch has taken that
    long already. So a provider that hangs takes few threads, and delays nobody at another one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._known: dict[str, _ProviderEndpoints] = {}

    def find(self, provider: SignInProvider) -> Endpoints:
        """Return the endpoints of a provider. Raises ProviderUnavailable or ProviderFaulty."""
        issuer = provider.rules.issuer
        with self._lock:
            known = self._known.get(issuer)
            if known is None:
                known = self._known[issuer] = _ProviderEndpoints(issuer, self._settings)
        return known.find(provider.name)


class _ProviderEndpoints:
    """The endpoints of one provider. After a failure nothing is fetched for a moment."""

    def __init__(self, issuer: str, settings: Settings) -> None:
        self._issuer = issuer
        self._reach = Reach.of_identity_providers(settings)
        self._timeout = settings.identity_provider_timeout_seconds
        self._shared_fetch = SharedFetch(self._fetch, self._timeout)
        self._result: Endpoints | RequestFailed | None = None

    def find(self, name: str) -> Endpoints:
        failed = isinstance(self._result, RequestFailed)
        in_time = self._shared_fetch.wait(RETRY_AFTER_FAILURE if failed else REFRESH_AFTER)
        result = self._result if in_time else None
        if isinstance(result, Endpoints):
            return result
        if isinstance(result, ProviderFault):
            raise ProviderFaulty(name, str(result))
        raise ProviderUnavailable(name, str(result or "the metadata took too long"))

    def _fetch(self, _begun_at: datetime) -> None:
        try:
            address, metadata = discover_metadata(self._issuer, self._reach, self._timeout)
            self._result = self._read(address, metadata)
        except RequestFailed as failure:
            self._result = failure
        except Exception as failure:
            self._result = RequestFailed(f"the metadata cannot be read: {failure!r}")
            raise

    def _read(self, address: str, metadata: dict[str, Any]) -> Endpoints:
        methods = metadata.get("token_endpoint_auth_methods_supported")
        offered = metadata.get("scopes_supported")
        wanted = ("openid", "profile", "email")
        end_session = metadata.get("end_session_endpoint")
        return Endpoints(
            authorization=self._url(address, metadata, "authorization_endpoint"),
            token=self._url(address, metadata, "token_endpoint"),
            end_session=end_session and self._url(address, metadata, "end_session_endpoint"),
            names_issuer=metadata.get("authorization_response_iss_parameter_supported") is True,
            takes_secret_in_form=(
                isinstance(methods, list)
                and "client_secret_basic" not in methods
                and "client_secret_post" in methods
            ),
            scopes=tuple(
                each for each in wanted if not isinstance(offered, list) or each in offered
            ),
        )

    def _url(self, address: str, metadata: dict[str, Any], name: str) -> str:
        url = metadata.get(name)
        if not isinstance(url, str) or url_fault(url, self._reach):
            raise ProviderFault(f"{address} names no usable {name}", f"its metadata lacks {name}")
        return url
