"""Rate limit of the token endpoints, counted in the database for all workers together.

Two counts for each minute. One is of the client id as used from one address: counting the id alone
would let anybody who knows a client's id (it is no secret) lock that client out from afar. The
other is of the address, with any client id, and is larger because an agency's programs tend to
share one. A count that is over its limit adds no further rows, and each minute's first request
deletes the rows of the minutes before, so the table stays as small as one minute's traffic.
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
"""How many clients' worth of requests one address may send."""

_WINDOW = timedelta(minutes=1)


def seconds_to_wait(
    session: Session, *, endpoint: str, client_id: str, address: str, limit: int
) -> int | None:
    """Count one request; None if it may go on, else the seconds until it may be tried again.

    The caller commits at once, so that a request that is then refused has still been counted.
    """
    now = clock.now()
    window = now.replace(second=0, microsecond=0)
    place = _network(address)
    counts = [
        (_bucket(endpoint, place), limit * CLIENTS_PER_ADDRESS),
        (_bucket(endpoint, place, client_id), limit),
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
    # A digest: of one length whatever was sent, and no list of who asked from where.
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _network(address: str) -> str:
    """The address, or for IPv6 its /64: one customer has at least that many addresses."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
