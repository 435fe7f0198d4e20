"""Access log: an agency's reads of sensitive fields of another agency's records.

The log has one event a day for each record, client and person. A client that polls a list every
minute would otherwise fill the audit log, which is permanent.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import Author
from catalogue.core.context import Context
from catalogue.core.database import open_session
from catalogue.history.audit_log import record_reads
from catalogue.history.models import ChangeSet, Event, Person


def log_reads(context: Context) -> None:
    """Record the sensitive reads of a unit of work before its response is sent.

    A unit of work that only reads records them in a separate transaction. One that writes records
    them in its own transaction. If they cannot be recorded, the exception fails the request, and
    nothing is shown.
    """
    author = Author.of(context.actor)
    reads: dict[str, dict[UUID, UUID]] = {}
    for kind, _fields, records in context.work.sensitive_reads:
        reads.setdefault(kind, {}).update(records)
    if not context.work.read_only:
        _record(context.session, _new_today(context.session, author, reads))
        return
    with open_session(context.database, read_only=True) as reader:
        reads = _new_today(reader, author, reads)
    if not any(reads.values()):
        return
    with open_session(context.database, read_only=False) as session:
        session.info["author"] = author
        _record(session, reads)
        session.commit()


def _record(session: Session, reads: dict[str, dict[UUID, UUID]]) -> None:
    for resource, owners in reads.items():
        if owners:
            record_reads(session, resource, owners)


def _new_today(
    reader: Session, author: Author, reads: dict[str, dict[UUID, UUID]]
) -> dict[str, dict[UUID, UUID]]:
    """Return the reads that are not in today's log: the owner of each record, by kind and id."""
    new = {}
    for resource, owners in reads.items():
        known = _read_today(reader, author, resource, list(owners))
        new[resource] = {record: owners[record] for record in owners if record not in known}
    return new


def _read_today(
    reader: Session, author: Author, resource: str, identities: list[UUID]
) -> set[UUID]:
    """Find the records that the same client and person have read today."""
    person = author.person
    return set(
        reader.scalars(
            sa.select(Event.resource_id)
            .join(ChangeSet, ChangeSet.id == Event.change_set_id)
            .outerjoin(Person, Person.id == ChangeSet.person_id)
            .where(
                Event.resource == resource,
                Event.resource_id.in_(identities),
                Event.kind == f"{resource}.read",
                ChangeSet.client_id == author.client_id,
                ChangeSet.agency_id == author.agency_id,
                ChangeSet.at >= clock.start_of(clock.today()),
                # Reads that a fast clock dated in the future must not count as today's for long.
                ChangeSet.at <= clock.now() + timedelta(minutes=5),
                Person.name.is_(None) if person is None else Person.name == person,
            )
        )
    )
