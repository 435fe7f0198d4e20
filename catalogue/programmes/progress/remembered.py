"""Summaries that this process has answered, and the proof that nothing became of what is in them.

Whatever becomes of a record is in the history, in the same transaction. So an answer holds as long
as the history's head is the one that it was made under, or nothing that came since has to do with
the programme. What is not known to have nothing to do with it has: a wrong answer is worse than a
slow one.
"""

from collections import OrderedDict
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.database import Database
from catalogue.history.models import ChangeSet, Event

MOST_REMEMBERED = 32
"""How many answers a process keeps. One of two thousand migrations takes some 300 kB."""

MOST_LOOKED_THROUGH = 200
"""With more events than these since, it is as quick to make the answer anew."""

OF_A_PROGRAMME = frozenset(
    {"wave", "migration", "milestone", "risk", "blocker", "required_decision"}
)
OF_A_SYSTEM = frozenset({"cost"})
UNCONCERNED = frozenset(
    {
        "attestation",
        "client",
        "contract",
        "decision",
        "interface",
        "migration_check",
        "migration_notice",
        "migration_stage_entry",
        "migration_waiver",
        "overlap_grouping",
        "overlap_review",
        "product",
        "sign_off",
        "supplier",
        "system_use",
    }
)
"""Kinds of records of which nothing is in a summary. What enters a stage is a migration as well."""


@dataclass(frozen=True)
class Head:
    """The last change set of the history."""

    number: int | None
    digest: str | None


@dataclass(frozen=True)
class Answer:
    """What was answered, and what it was made of."""

    body: bytes
    systems: frozenset[str]
    """The systems of all migrations, of hidden ones as well: what becomes of one may show it."""
    reads: tuple[Any, ...]
    """What of others' sensitive fields is in it, which is noted each time that it is shown."""


class Remembered:
    """The answers that were asked for last, each with the head under which it is known to hold."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Any, tuple[Head, Answer]] = OrderedDict()
        self._turns = [Lock() for _ in range(16)]

    def turn(self, key: Any) -> AbstractContextManager[Any]:
        """Held by who makes an answer: whoever else asks the same waits for that, instead of making
        it as well, all of them slower."""
        return self._turns[hash(key) % len(self._turns)]

    def find(self, session: Session, programme_id: UUID, key: Any, head: Head) -> Answer | None:
        """The answer to this question, if it still holds under this head."""
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            return None
        known, answer = found
        if known != head:
            if _concerned(session, programme_id, answer, known, head):
                return None
            self.keep(key, head, answer)
        return answer

    def keep(self, key: Any, head: Head, answer: Answer) -> None:
        """Remember an answer that was made after this head was read."""
        with self._lock:
            self._kept[key] = head, answer
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_REMEMBERED:
                self._kept.popitem(last=False)


_of_databases: WeakKeyDictionary[Database, Remembered] = WeakKeyDictionary()


def remembered(database: Database) -> Remembered:
    """What is remembered of a database."""
    return _of_databases.setdefault(database, Remembered())


def _concerned(
    session: Session, programme_id: UUID, answer: Answer, known: Head, head: Head
) -> bool:
    """Whether something came between two heads that has to do with the programme, or might have."""
    if known.number is None or head.number is None or head.number <= known.number:
        # Of another history: the database was restored.
        return True
    same = sa.select(ChangeSet.digest).where(ChangeSet.number == known.number)
    if session.scalar(same) != known.digest:
        return True
    since = (
        sa.select(
            Event.resource,
            Event.resource_id,
            Event.kind,
            Event.state["programme_id"].as_string(),
            Event.state["system_id"].as_string(),
        )
        .join(ChangeSet, ChangeSet.id == Event.change_set_id)
        .where(ChangeSet.number > known.number, ChangeSet.number <= head.number)
        .limit(MOST_LOOKED_THROUGH + 1)
    )
    events = session.execute(since).all()
    return len(events) > MOST_LOOKED_THROUGH or any(
        _concerns(programme_id, answer.systems, *event) for event in events
    )


def _concerns(
    programme: UUID,
    systems: frozenset[str],
    resource: str,
    identity: UUID,
    kind: str,
    of_programme: str | None,
    of_system: str | None,
) -> bool:
    # To be read changes nothing.
    if resource in UNCONCERNED or kind.endswith(".read"):
        return False
    if resource == "programme":
        return identity == programme
    if resource == "system":
        return identity.hex in systems
    # One that is gone is no longer said to be of anything.
    if resource in OF_A_PROGRAMME and of_programme is not None:
        return UUID(of_programme) == programme
    if resource in OF_A_SYSTEM and of_system is not None:
        return UUID(of_system).hex in systems
    return True
