"""Hash chain: the digests that reveal any later edit of the audit log.

The digest of an event covers all its fields. The digest of a change set covers its own fields, the
digests of its events, and the digest of the change set before. Any change, removal, addition or
move therefore breaks the chain from there on. If you keep the last number and digest elsewhere, you
can also find out whether the end was removed, or the whole chain replaced.

An example, with digests cut to six digits. In change set 2 a system and a capability are renamed:

    event 1     4fdefa = sha256([change set, 1, id, "system.updated", …] + before + state)
    event 2     573889 = sha256([change set, 2, id, "capability.updated", …] + before + state)
    change set  3f1c64 = sha256([3606fd, 2, id, at, client, person, agency, reason, 2]
                                + 4fdefa + 573889)

3606fd is the digest of change set 1. Change set 3 begins with 3f1c64 in turn, and so on:

    1: 000000 -> 3606fd      2: 3606fd -> 3f1c64      3: 3f1c64 -> 6b7560

If the old name in event 1 is edited in the database, event 1 no longer gives 4fdefa. If its digest
is edited to fit, change set 2 no longer gives 3f1c64. If that is edited too, change set 3 breaks.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from catalogue.core.canonical import canonical

_LARGEST = float(2**64)
_LEAST = float(-(2**63))


def normalised(value: Any) -> Any:
    """Return a JSON value in the form that both stores return. PostgreSQL keeps 1e3 as 1000."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        whole = int(Decimal(repr(value)))  # by its digits, as PostgreSQL keeps it
        return whole if _LEAST <= whole < _LARGEST else value
    if isinstance(value, dict):
        return {key: normalised(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [normalised(item) for item in value]
    return value


def event_digest(event: Mapping[str, Any], before: bytes, state: bytes) -> str:
    """Make the digest of an event. `before` and `state` are canonical JSON."""
    head = [
        event["change_set_id"],
        event["ordinal"],
        event["id"],
        event["kind"],
        event["resource"],
        event["resource_id"],
        event["agency_id"],
        event["disclosure"],
    ]
    # Canonical JSON has no line breaks, so no other three parts make the same bytes.
    return sha256(b"\n".join((orjson.dumps(head), before, state))).hexdigest()


def expected_digest(event: Mapping[str, Any]) -> str:
    """Compute the digest that the row of an event must have."""
    return event_digest(
        event, canonical(normalised(event["before"])), canonical(normalised(event["state"]))
    )


def person_id(name: str, salt: str) -> UUID:
    """Make a person's id from name and salt: a UUIDv8 (RFC 9562), which reveals a changed name."""
    digest = bytearray(sha256(f"{salt}\n{name}".encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def pseudonym(identity: UUID) -> str:
    """Make the name of a person whose own name was erased."""
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
    import_id: UUID | None,
    event_digests: Iterable[str],
    event_count: int,
) -> str:
    """Make the digest of a change set. `event_digests` are in the order of the events."""
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
        # Change sets that no import made keep the digest that they had before imports were recorded.
        *([] if import_id is None else [str(import_id)]),
    ]
    seal = sha256(orjson.dumps(head))
    for digest in event_digests:
        seal.update(b"\n" + digest.encode())
    return seal.hexdigest()
