"""Outgoing requests to servers that a client named, which cannot lead into this network.

An administrator names an identity provider, whose document can name a further address. An agency
names the receiver of its webhook. So every address is resolved once, checked, and connected to as
it was checked. A name that resolves to another address a moment later (DNS rebinding) therefore
changes nothing. Redirects are refused.
"""

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import orjson

from catalogue.core.config import LOCAL_NAMES, Settings

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

IDENTITY_PROVIDER_SETTING = "CATALOGUE_IDENTITY_PROVIDER_PRIVATE_ADDRESSES"
WEBHOOK_SETTING = "CATALOGUE_WEBHOOK_PRIVATE_ADDRESSES"

LARGEST_DOCUMENT = 512 * 1024
LONGEST_URL = 500
_SERVER = (
    r"(https://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])|http://(localhost|127\.0\.0\.1|\[::1\]))"
    r"(:[0-9]{1,5})?"
)
USABLE_URL = rf"^{_SERVER}([/?][!-\"$-~]*)?$"
"""The form of an address, for the API document. `url_fault` refuses all others, and some of these."""
USABLE_ISSUER = rf"^{_SERVER}(/[!-\"$->@-~]*)?$"
"""The same form without a query."""
MOST_ADDRESSES = 4
"""The addresses of one name that are tried, one after the other."""

_OK = 200
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_EMBEDDING = tuple(
    ipaddress.IPv6Network(text)
    # NAT64 within a network (RFC 8215), IPv4-translated (RFC 2765), IPv4-compatible (RFC 4291).
    for text in ("64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
)
"""Networks whose addresses end with an IPv4 address, and that no public host uses."""
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")
_OF_CLOUDS = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "168.63.129.16/32")))
"""Addresses at which clouds serve their own machines, although some look public."""


class RequestFailed(Exception):
    """A failure to fetch a document. The message is for operators and administrators."""


class AddressRefused(RequestFailed):
    """The failure of a request to a host at an address that the service may not connect to."""


class DocumentRefused(RequestFailed):
    """The failure of a request whose response is no JSON object, although the server works."""


class Reach(Enum):
    """The addresses that the service may connect to."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    """Public addresses and those of this machine, for a service that runs on a developer's own."""
    PRIVATE = "private"
    """Public, loopback and private addresses."""

    @classmethod
    def of_identity_providers(cls, settings: Settings) -> "Reach":
        """Return the reach of requests to identity providers, which administrators record."""
        return cls._of(settings, private=settings.identity_provider_private_addresses)

    @classmethod
    def of_webhooks(cls, settings: Settings) -> "Reach":
        """Return the reach of deliveries, whose receivers any agency can choose."""
        return cls._of(settings, private=settings.webhook_private_addresses)

    @classmethod
    def _of(cls, settings: Settings, *, private: bool) -> "Reach":
        if private:
            return cls.PRIVATE
        return cls.LOOPBACK if settings.is_local else cls.PUBLIC

    def allows(self, address: Address) -> bool:
        """Return whether the service may connect to an address."""
        plain = _plain(address)
        if plain.is_loopback:
            return self is not Reach.PUBLIC
        if (
            plain.is_link_local
            or plain.is_multicast
            or plain.is_unspecified
            or _is_in(_OF_CLOUDS, plain)
        ):
            # The metadata services of clouds are at these addresses, and hand out credentials.
            return False
        is_public = plain.is_global and not _is_in((_SITE_LOCAL, *_EMBEDDING), address)
        return is_public or self is Reach.PRIVATE


def url_fault(url: str, reach: Reach, *, setting: str = "") -> str | None:
    """Return the reason why an address cannot be used, or None. Names are not resolved here.

    `setting` is the setting by which the operator can allow private addresses.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "The address is malformed."
    if (
        not url.isascii()
        or not url.isprintable()
        or " " in url
        or not host
        or len(url) > LONGEST_URL
    ):
        return "The address is malformed."
    if parts.username is not None or parts.fragment or url.endswith("#"):
        return "The address has a user or a fragment. Leave them out."
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_local(host)):
        return "The address must begin with https://."
    if not all(map(reach.allows, _literal(host))):
        advice = f" The operator can allow this by the setting {setting}." if setting else ""
        return f"The address is within a private network.{advice}"
    return None


def fetch_json(
    url: str,
    *,
    reach: Reach,
    timeout: float,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Fetch a JSON object by GET, or by POST if a form is given.

    Raises RequestFailed for any other response, and after the timeout.
    """
    import httpx

    fault = url_fault(url, reach)
    if fault:
        raise AddressRefused(f"{url}: {fault}")
    deadline = time.monotonic() + timeout
    try:
        body = _download(url, reach, timeout, deadline, form, headers or {})
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as failure:
        raise RequestFailed(f"{url} cannot be read: {failure}") from None
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise DocumentRefused(f"{url} sends no JSON") from None
    if not isinstance(document, dict):
        raise DocumentRefused(f"{url} sends no JSON object")
    return document


async def post(
    client: "httpx.AsyncClient", url: str, *, reach: Reach, content: bytes, headers: dict[str, str]
) -> "httpx.Response":
    """Send a POST request, and return the response without its body.

    `client` comes from `posting_client`. Redirects are not followed. Raises AddressRefused, an
    OSError if the host has no address, or an error of httpx.
    """
    fault = url_fault(url, reach)
    if fault:
        raise AddressRefused(f"{url}: {fault}")
    parts = urlsplit(url)
    place = url if _has_proxy(parts) else (await asyncio.to_thread(_pin, parts, reach))[0]
    response = await client.send(
        client.build_request(
            "POST",
            place,
            content=content,
            headers=headers | {"Host": parts.netloc},
            extensions={"sni_hostname": parts.hostname},
        ),
        stream=True,
        follow_redirects=False,
    )
    await response.aclose()
    return response


def posting_client(url: str, timeout: float) -> "httpx.AsyncClient":
    """Make the client of several requests to one URL."""
    import httpx

    if _has_proxy(urlsplit(url)):
        return httpx.AsyncClient(timeout=timeout)
    return httpx.AsyncClient(timeout=timeout, trust_env=False, verify=_tls())


def _download(
    url: str,
    reach: Reach,
    timeout: float,
    deadline: float,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str],
) -> bytes:
    import httpx

    parts = urlsplit(url)
    if _has_proxy(parts):
        # The operator's proxy connects, and decides by itself where to.
        with httpx.Client(timeout=timeout) as client:
            return _send(client, url, url, deadline, form, headers)
    places = _pin(parts, reach)
    times = httpx.Timeout(timeout, connect=timeout / len(places))
    with httpx.Client(timeout=times, trust_env=False, verify=_tls()) as client:
        for place in places[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return _send(client, url, place, deadline, form, headers)
        return _send(client, url, places[-1], deadline, form, headers)


def _send(
    client: "httpx.Client",
    url: str,
    place: str,
    deadline: float,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str],
) -> bytes:
    parts = urlsplit(url)
    usual = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Host": parts.netloc,
    }
    # The certificate must be that of the name, although the place is an address.
    extensions = {"sni_hostname": parts.hostname}
    with client.stream(
        "GET" if form is None else "POST",
        place,
        data=form,
        headers={**usual, **headers},
        extensions=extensions,
        follow_redirects=False,
    ) as response:
        return _read(url, response, deadline)


@cache
def _tls() -> ssl.SSLContext:
    # Cached, because reading the authorities takes longer than a request.
    import httpx

    return httpx.create_ssl_context()


def _read(url: str, response: "httpx.Response", deadline: float) -> bytes:
    if response.status_code != _OK:
        # No redirects: an administrator must confirm that a server has moved.
        kind = RequestFailed if _is_temporary(response.status_code) else DocumentRefused
        raise kind(f"{url} returns status {response.status_code}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise DocumentRefused(f"{url} sends a compressed document")
    body = bytearray()
    for part in response.iter_raw():
        body += part
        # httpx limits the wait for each part, but a server can send parts without end.
        if len(body) > LARGEST_DOCUMENT or time.monotonic() > deadline:
            raise RequestFailed(f"{url} sends too much or too slowly")
    return bytes(body)


def _is_temporary(status: int) -> bool:
    return status >= _SERVER_ERROR or status == _TOO_MANY_REQUESTS


def _pin(parts: SplitResult, reach: Reach) -> list[str]:
    """Return the URL with each checked address in place of its host."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found)
    addresses = [ipaddress.ip_address(text) for text in texts]
    if not addresses or not all(map(reach.allows, addresses)):
        raise AddressRefused(f"{host} is at an address within a private network")
    return [
        urlunsplit((parts.scheme, f"{_in_url(each)}:{port}", parts.path, parts.query, ""))
        for each in addresses[:MOST_ADDRESSES]
    ]


def _in_url(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


def _has_proxy(parts: SplitResult) -> bool:
    proxies = getproxies()
    return bool(proxies.get(parts.scheme) or proxies.get("all")) and not proxy_bypass(
        parts.hostname or ""
    )


def _is_local(host: str) -> bool:
    return host in LOCAL_NAMES


def _literal(host: str) -> Iterable[Address]:
    """Yield the address if the host is written as one."""
    try:
        yield ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return


def _is_in(networks: Iterable[Network], address: Address) -> bool:
    return any(address in network for network in networks)


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        has_ipv4 = address in _NAT64 or _is_in(_EMBEDDING, address)
        if has_ipv4 and not (address.is_loopback or address.is_unspecified):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
