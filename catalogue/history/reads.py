"""Writing down that one agency was shown sensitive fields of another's records."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from catalogue.core.actor import Author, current_actor
from catalogue.core.database import database, working
from catalogue.history.recording import record_reading

Reads = Iterable[tuple[str, tuple[str, ...], Sequence[tuple[UUID, UUID]]]]


def log_reads(reads: Reads) -> None:
    """Record readings in a transaction of their own, before they are answered.

    `reads`: the kind of record, the fields, and the ids of the records and of their owners. If it
    cannot be recorded, nothing is to be shown: what is raised here fails the request.
    """
    found: dict[str, dict[UUID, UUID]] = {}
    for resource, _fields, records in reads:
        found.setdefault(resource, {}).update(records)
    with working(database(), read_only=False) as opened:
        opened.info["author"] = Author.of(current_actor())
        for resource, owners in found.items():
            record_reading(opened, resource, owners)
        opened.commit()
