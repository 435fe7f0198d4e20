"""Long polling: requests wait for the next change without a connection to the database.

A commit in this process wakes the requests at once. For commits in other processes, each waiting
request regularly reads the number of the last change set.
"""

import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

POLL_SECONDS = 0.5
"""The seconds between two checks for changes by another process."""


class Slots:
    """The slots in which requests of this process wait. They are few, as each occupies a thread.

    An agency can take half of them, rounded up, so that another agency can wait too.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._taken: Counter[UUID | None] = Counter()
        self._wakeups = 0
        self._closed = False

    @contextmanager
    def slot(self, limit: int, agency_id: UUID | None) -> Iterator[bool]:
        """Take a slot to wait in. Yields False if all slots or the agency's are taken."""
        with self._condition:
            is_free = self.taken < limit and self._taken[agency_id] < (limit + 1) // 2
            has_slot = is_free and not self._closed
            self._taken[agency_id] += has_slot
        try:
            yield has_slot
        finally:
            with self._condition:
                self._taken[agency_id] -= has_slot

    @property
    def wakeups(self) -> int:
        """The number of wake-ups so far."""
        return self._wakeups

    @property
    def closed(self) -> bool:
        """True if the process is ending, so that no request can wait."""
        return self._closed

    @property
    def taken(self) -> int:
        return self._taken.total()

    def wait(self, wakeups: int, seconds: float) -> None:
        """Wait until the number of wake-ups differs from `wakeups`, for at most `seconds`."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._wakeups != wakeups, seconds)

    def wake(self) -> None:
        """Wake all waiting requests after a change."""
        with self._condition:
            self._wakeups += 1
            self._condition.notify_all()

    def close(self) -> None:
        """Wake all waiting requests and refuse new waits, because the process is ending."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


SLOTS = Slots()


@event.listens_for(Session, "after_commit")
def _committed(committed: Session) -> None:
    if SLOTS.taken and not committed.info.get("read_only"):
        SLOTS.wake()


def close_at_signals() -> None:
    """Close the slots when a signal ends the process. Call this in the main thread.

    The server later sets signal handlers of its own, and waits for all requests to finish. Python
    writes to this socket at every signal, regardless of the handlers.
    """
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    threading.Thread(
        target=_listen, args=(receiver, sender), name="catalogue-signals", daemon=True
    ).start()


def _listen(receiver: socket.socket, _sender: Any) -> None:
    ends = {signal.SIGINT, signal.SIGTERM}
    while received := receiver.recv(64):
        if ends & set(received):
            SLOTS.close()
