"""The chain that shows whether history is as it was written.

The digest of an event covers all that it says; that of a change set covers its own fields, those
of its events, and the digest of the change set before. So nothing can be changed, taken out, put
in or moved without breaking the chain from there on, and who has noted the last number and digest
elsewhere can tell even that the end was cut off or the whole was written anew.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

_LARGEST = float(2**64)
_LEAST = float(-(2**63))


def settled(value: Any) -> Any:
    """A JSON value in the one form that both stores give back. PostgreSQL keeps 1e3 as 1000."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        whole = int(Decimal(repr(value)))  # by its digits, as PostgreSQL keeps it
        return whole if _LEAST <= whole < _LARGEST else value
    if isinstance(value, dict):
        return {key: settled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [settled(each) for each in value]
    return value


def canonical(value: Any) -> bytes:
    """JSON in one line, keys in order: the same for the same value, whichever store kept it.

    The value is settled already.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def event_digest(event: Mapping[str, Any], before: bytes, state: bytes) -> str:
    """What seals an event; before and state in their canonical form."""
    head = [
        str(event["change_set_id"]),
        event["ordinal"],
        str(event["id"]),
        event["kind"],
        event["resource"],
        str(event["resource_id"]),
        None if event["agency_id"] is None else str(event["agency_id"]),
        event["disclosure"],
    ]
    # No line break can come from JSON, so each part ends where it ends.
    return sha256(b"\n".join((orjson.dumps(head), before, state))).hexdigest()


def digest_as_read(event: Mapping[str, Any]) -> str:
    """The digest that an event ought to have, by what the store says of it."""
    return event_digest(
        event, canonical(settled(event["before"])), canonical(settled(event["state"]))
    )


def person_id(name: str, salt: str) -> UUID:
    """The id of a person of this name: a UUIDv8 (RFC 9562), which shows if the name is changed."""
    digest = bytearray(sha256(f"{salt}\n{name}".encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def pseudonym(identity: UUID) -> str:
    """What a person is called whose name was let go."""
    return f"person-{identity.hex[:8]}"


def change_set_digest(
    *,
    previous: str,
    number: int,
    identity: UUID,
    at: datetime,
    client_id: str,
    person_id: UUID | None,
    agency_id: UUID | None,
    reason: str | None,
    event_digests: Iterable[str],
    event_count: int,
) -> str:
    """What seals a change set. The digests are told in the order of the events."""
    head = [
        previous,
        number,
        str(identity),
        at.isoformat(timespec="microseconds"),
        client_id,
        None if person_id is None else str(person_id),
        None if agency_id is None else str(agency_id),
        reason,
        event_count,
    ]
    seal = sha256(orjson.dumps(head))
    for digest in event_digests:
        seal.update(b"\n" + digest.encode())
    return seal.hexdigest()
