"""Rate limit of the token endpoints and of sign-ins, counted in the database for all workers together.

There are two counts for each minute. The first counts the requests with a client id from one
address. Client ids are no secret, so a count for the id alone would let anyone lock the client out.
The second counts all requests from an address. The second limit is higher, because programs of an
agency often share an address. The first request of each minute deletes older rows, so the table
stays small.
"""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.models import TokenAttempt
from catalogue.core import clock
from catalogue.core.upsert import insert

CLIENTS_PER_ADDRESS = 10
"""The limit of an address, as a multiple of the limit of a client."""

_WINDOW = timedelta(minutes=1)


def seconds_to_wait(
    session: Session, *, endpoint: str, client_id: str, address: str, limit: int
) -> int | None:
    """Count one request. Return None below the limit, else the seconds until the next minute.

    The caller commits at once, so that a request that is then refused still counts.
    """
    now = clock.now()
    window = now.replace(second=0, microsecond=0)
    network = _network(address)
    counts = [
        (_bucket(endpoint, network), limit * CLIENTS_PER_ADDRESS),
        (_bucket(endpoint, network, client_id), limit),
    ]
    for bucket, allowed in counts:
        if _add_request(session, bucket, window) > allowed:
            return max(1, int((window + _WINDOW - now).total_seconds()))
    return None


def _add_request(session: Session, bucket: str, window: datetime) -> int:
    statement = (
        insert(session, TokenAttempt)
        .values(bucket=bucket, window_start=window, attempts=1)
        .on_conflict_do_update(
            index_elements=[TokenAttempt.bucket, TokenAttempt.window_start],
            set_={"attempts": TokenAttempt.attempts + 1},
        )
        .returning(TokenAttempt.attempts)
    )
    attempts = int(session.execute(statement).scalar_one())
    if attempts == 1:
        session.execute(sa.delete(TokenAttempt).where(TokenAttempt.window_start < window))
    return attempts


def _bucket(*parts: str) -> str:
    # A digest has a fixed length, and the table then holds no list of clients and addresses.
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _network(address: str) -> str:
    """Return the address, or its /64 network for IPv6, where a customer controls at least a /64."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
