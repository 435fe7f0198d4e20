"""Client addresses: the address of the sender, as trusted proxies pass it on.

Each proxy appends the address of its own client to `X-Forwarded-For`. With two trusted proxies the
last but one entry is therefore the client's. Everything before it comes from the client, and can be
forged. Gateways write ports and brackets around addresses, which must not make new clients of one.
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from werkzeug.http import parse_list_header

_ENTRY = re.compile(r"\[(?P<inner>[^\]]+)\](?::\w{1,5})?|(?P<host>[^\[\]:]+):\d{1,5}|(?P<bare>.+)")
_FOR = re.compile(r"(?:^|;)\s*for\s*=\s*(?:\"([^\"]*)\"|([^;\"]*))", re.IGNORECASE)
_LONGEST_ENTRY = 100


def find_client_address(environ: dict[str, Any], trusted_proxies: int) -> str:
    """Return the client's address without a port.

    A proxy that cannot name its client leaves an entry such as `unknown`. The address is then that
    of the next proxy, so that changing garbage does not look like many clients.
    """
    peer = environ.get("REMOTE_ADDR") or ""
    entries = _forwarded(environ) if trusted_proxies else []
    if len(entries) >= trusted_proxies:
        for entry in entries[len(entries) - trusted_proxies :]:
            address = parse_address(entry)
            if address:
                return address
    return parse_address(peer) or peer


@lru_cache(maxsize=1024)
def parse_address(entry: str) -> str | None:
    """Return the address in an entry, without port and zone, or None if it holds no address."""
    found = _ENTRY.fullmatch(entry.strip()) if len(entry) <= _LONGEST_ENTRY else None
    if found is None:
        return None
    text = found["inner"] or found["host"] or found["bare"]
    if text.count(":") == 8:
        # A port behind an IPv6 address in full, without brackets.
        text = text.rpartition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)


def _forwarded(environ: dict[str, Any]) -> list[str]:
    """List the addresses that proxies appended, the nearest proxy's client last.

    `Forwarded` (RFC 7239) counts only without `X-Forwarded-For`, which nearly every proxy sends.
    """
    header = environ.get("HTTP_X_FORWARDED_FOR")
    if header is not None:
        return [entry.strip(' \t"') for entry in header.split(",") if entry.strip()]
    pairs = parse_list_header(environ.get("HTTP_FORWARDED", ""))
    # Each element is a proxy's, even if it does not name its client.
    return ["".join(named.groups("")) if (named := _FOR.search(pair)) else "" for pair in pairs]
