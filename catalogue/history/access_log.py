"""Access log: record that an agency was shown sensitive fields of another's records.

Once a day for each record, client and person: who follows a list every minute would else bury what
matters, in a history that is kept for ever.
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
    """Record the sensitive reads of a unit of work before they are answered: in a transaction of
    their own, or in that of a request that writes and shows something besides.

    If they cannot be recorded, nothing is to be shown: what is raised here fails the request.
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
    """The readings that are not on record for today, by kind: records and their owners."""
    new = {}
    for resource, owners in reads.items():
        known = _read_today(reader, author, resource, list(owners))
        new[resource] = {each: owner for each, owner in owners.items() if each not in known}
    return new


def _read_today(
    reader: Session, author: Author, resource: str, identities: list[UUID]
) -> set[UUID]:
    """The records whose reading by the same client and person is on record for today."""
    person = author.subject if author.subject != author.client_id else None
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
                # A clock that was ahead once must not hide the readings until it is caught up with.
                ChangeSet.at <= clock.now() + timedelta(minutes=5),
                Person.name.is_(None) if person is None else Person.name == person,
            )
        )
    )
