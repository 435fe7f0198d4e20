"""Change sets: all events of a transaction, which its commit adds to the hash chain.

An example: change set 1 exists, and a transaction renames a system and a capability.

    flush        event 1, system.updated, digest 4fdefa; its row is inserted at once
    flush        event 2, capability.updated, digest 573889
                 OpenChangeSet.digests is ["4fdefa…", "573889…"]
    commit       `seal` locks the head, which has number 1, digest 3606fd
                 change set 2: event_count 2, previous_digest 3606fd, digest 3f1c64
                 the head then has number 2, digest 3f1c64

Events refer to their change set before its row exists, as the foreign key is checked at commit.
Suppose a savepoint around the second flush is rolled back. Its mark is 1, so the digests are cut
to ["4fdefa…"], as the database has removed the row of event 2. `seal` then compares the two.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from catalogue.core import clock
from catalogue.core.actor import Author
from catalogue.history.hash_chain import change_set_digest
from catalogue.history.models import ChangeSet, Event, HistoryHead
from catalogue.history.persons import find_or_add_person

_heads: Any = HistoryHead.__table__
_events: Any = Event.__table__

_LOCKED_HEAD = sa.select(_heads.c.number, _heads.c.at, _heads.c.digest).with_for_update()
_MOVE_HEAD = sa.update(_heads)
_ADD_CHANGE_SET = sa.insert(ChangeSet)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """The part of an event from which the feed finds who saw the record."""

    ordinal: int
    verb: str
    resource: str
    resource_id: UUID
    agency_id: UUID | None


@dataclass
class OpenChangeSet:
    """The events that a transaction has recorded so far."""

    id: UUID
    digests: list[str] = field(default_factory=list)
    events: list[RecordedEvent] = field(default_factory=list)
    """One for each digest."""
    counts: dict[tuple[str, UUID], int] = field(default_factory=dict)
    """The number of events of each record, including those of savepoints that were rolled back."""
    marks: dict[SessionTransaction, int] = field(default_factory=dict)
    """The number of events when each savepoint was set."""
    was_rolled_back: bool = False
    """True if a savepoint was rolled back, so that `seal` compares the digests."""
    unwritten: int = 0
    """The number of events whose rows are made, and not yet written."""
    sealed: bool = False

    def require_open(self) -> None:
        """Raise RuntimeError if the change set is sealed."""
        if self.sealed:
            raise RuntimeError("A record was changed after its change set was sealed.")

    def roll_back_to(self, savepoint: SessionTransaction) -> None:
        """Forget the events of a savepoint that was rolled back.

        A savepoint set before the first event has no mark: every event is later than it.
        """
        mark = self.marks.pop(savepoint, 0)
        del self.digests[mark:], self.events[mark:]
        self.was_rolled_back = True


def lock_head(session: Session) -> None:
    """Let no other transaction commit a change set until this one ends.

    SQLite needs no lock, because it has one writer at a time.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.connection().execute(_LOCKED_HEAD)


def seal(session: Session, change_set: OpenChangeSet, author: Author) -> tuple[int, datetime]:
    """Add the change set to the hash chain, and return its number and time.

    The head stays locked until the commit, and the next change set waits for it. Numbers therefore
    become visible in their order: a reader that has seen number 2 never finds a new 1 or 2 later.
    """
    connection = session.connection()
    digests = change_set.digests
    if change_set.unwritten:
        raise RuntimeError("Events of a change set were prepared and not written.")
    if change_set.was_rolled_back:
        statement = sa.select(_events.c.digest).where(_events.c.change_set_id == change_set.id)
        stored = connection.scalars(statement.order_by(_events.c.ordinal)).all()
        if list(stored) != digests:
            raise RuntimeError("The stored events of a change set differ from those recorded.")
    person = author.person and find_or_add_person(connection, author.person)
    at = clock.now()
    head = connection.execute(_LOCKED_HEAD).one()
    values: dict[str, Any] = {
        "number": head.number + 1,
        "at": max(at, head.at),
        "client_id": author.client_id,
        "person_id": person,
        "agency_id": author.agency_id,
        "reason": author.reason,
        "import_id": author.import_id,
        "event_count": len(digests),
    }
    digest = change_set_digest(
        previous=head.digest, identity=change_set.id, event_digests=digests, **values
    )
    connection.execute(
        _ADD_CHANGE_SET,
        values | {"id": change_set.id, "previous_digest": head.digest, "digest": digest},
    )
    connection.execute(
        _MOVE_HEAD, {"number": values["number"], "at": values["at"], "digest": digest}
    )
    change_set.sealed = True
    return values["number"], values["at"]
