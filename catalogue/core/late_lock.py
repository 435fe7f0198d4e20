"""Late locks: work on SQLite that takes the lock of the only writer at its first write.

SQLite has one writer at a time. A long import that began with the lock would exclude everybody until
its commit. So it reads, checks and prepares without the lock, and its first write takes it. If a
change set was added since the first read, what was read may no longer hold. The work then runs again
with the lock from its start. PostgreSQL locks rows, so there nothing differs.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue.core.database import WITHOUT_TRANSACTION, Base

_Result = TypeVar("_Result")

_SEEN = "last_change_set_seen"
"""The key of the number of the last change set, in the information about a connection."""


class ChangedMeanwhile(Exception):
    """The error for records that another client changed before the lock was taken."""


def run_with_late_lock(session: Session, run: Callable[[], _Result]) -> _Result:
    """Run work that begins a transaction, with the lock at its first write if that is possible.

    The work can run twice. It must not have kept anything from the session after an error.
    """
    if session.get_bind().dialect.name != "sqlite" or session.in_transaction():
        return run()
    connection = session.connection(execution_options={WITHOUT_TRANSACTION: True})
    # A write that did not take the lock would be committed by itself. SQLite refuses it now.
    connection.exec_driver_sql("PRAGMA query_only = ON")
    connection.info[_SEEN] = _last_change_set(connection)
    try:
        return run()
    except ChangedMeanwhile:
        session.rollback()
        return run()


def is_unlocked(session: Session) -> bool:
    """Return whether the session's transaction has yet to take its late lock."""
    return session.in_transaction() and _SEEN in session.connection().info


def take_lock(connection: sa.Connection) -> None:
    """Take the late lock before the first write. Raises ChangedMeanwhile."""
    seen = connection.info.pop(_SEEN, None)
    if seen is None:
        return
    connection.exec_driver_sql("PRAGMA query_only = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    if _last_change_set(connection) != seen:
        raise ChangedMeanwhile


def _last_change_set(connection: sa.Connection) -> int | None:
    # The package of the audit log is above the kernel, so this refers to its table by name.
    head = Base.metadata.tables["history_head"]
    number: int | None = connection.scalar(sa.select(head.c.number))
    return number


@event.listens_for(sa.pool.Pool, "checkin")
def _allow_writes(driver: Any, record: Any) -> None:
    if record.info.pop(_SEEN, None) is not None and driver is not None:
        driver.execute("PRAGMA query_only = OFF")
