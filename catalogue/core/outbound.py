"""Addresses that the service may connect to when a client chose the host.

A client could otherwise use the service to reach machines in the operator's own network. The host
is looked up once, and the connection goes to the address that was checked. So a name that leads
elsewhere at the next look-up gains nothing.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")


class AddressNotAllowed(ValueError):
    """The error for a host at an address that the service may not connect to."""


def is_allowed(address: Address, networks: Sequence[Network], *, encrypted: bool) -> bool:
    """Return whether the service may connect to an address that a client chose.

    Public addresses are allowed with https. `networks` are allowed with and without it.
    """
    inner = _embedded(address)
    candidates = [address] if inner is None else [address, inner]
    if any(each in network for network in networks for each in candidates):
        return True
    return encrypted and all(each.is_global and not each.is_multicast for each in candidates)


def _embedded(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


def literal_address(host: str) -> Address | None:
    """Return the address that a host is written as, or None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


async def find_address(url: "httpx.URL", networks: Sequence[Network]) -> Address:
    """Look up the host of a URL. Raises AddressNotAllowed, or OSError if it has no address.

    Every address of the host must be allowed, because the next look-up could choose another.
    """
    encrypted = url.scheme == "https"
    port = url.port or (443 if encrypted else 80)
    found = await asyncio.get_running_loop().getaddrinfo(
        url.host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    addresses = [ip_address(str(each[4][0]).split("%")[0]) for each in found]
    if not all(is_allowed(each, networks, encrypted=encrypted) for each in addresses):
        raise AddressNotAllowed(url.host)
    return addresses[0]


async def post(
    client: "httpx.AsyncClient",
    url: "httpx.URL",
    *,
    content: bytes,
    headers: dict[str, str],
    networks: Sequence[Network],
) -> "httpx.Response":
    """Send a POST request to an allowed address, and return the response without its body.

    The certificate must be valid for the host's name. Redirects are not followed, because they
    could lead to any address.
    """
    address = await find_address(url, networks)
    request = client.build_request(
        "POST",
        url.copy_with(host=str(address)),
        content=content,
        headers={**headers, "Host": url.netloc.decode()},
        extensions={"sni_hostname": url.host},
    )
    response = await client.send(request, stream=True, follow_redirects=False)
    await response.aclose()
    return response
