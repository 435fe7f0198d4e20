"""Long polling: wait for the next change, without a connection to the database.

A commit in this process wakes who waits at once; for those of other processes, each looks at the
head of the history from time to time.
"""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

POLL_SECONDS = 0.5
"""After how long to look whether another process has changed something."""


class Slots:
    """Where the requests of this process wait. It has few seats: each takes a thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._taken = 0
        self._wakeups = 0
        self._closed = False

    @contextmanager
    def slot(self, limit: int) -> Iterator[bool]:
        """A place to wait; False where all are taken."""
        with self._condition:
            has_slot = self._taken < limit and not self._closed
            self._taken += has_slot
        try:
            yield has_slot
        finally:
            with self._condition:
                self._taken -= has_slot

    @property
    def wakeups(self) -> int:
        """How often somebody was called up so far."""
        return self._wakeups

    @property
    def closed(self) -> bool:
        """Whether nobody is to wait any longer."""
        return self._closed

    @property
    def taken(self) -> int:
        return self._taken

    def wait(self, wakeups: int, seconds: float) -> None:
        """Wait for the next call after so many, but no longer than so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._wakeups != wakeups, seconds)

    def wake(self) -> None:
        """Something has changed."""
        with self._condition:
            self._wakeups += 1
            self._condition.notify_all()

    def close(self) -> None:
        """The process ends: let everybody go."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


SLOTS = Slots()


@event.listens_for(Session, "after_commit")
def _committed(committed: Session) -> None:
    if SLOTS.taken and not committed.info.get("read_only"):
        SLOTS.wake()


def close_at_signals() -> None:
    """Let everybody go when the process is told to end; call it in the main thread.

    The server sets handlers of its own afterwards, and then waits for every request to be answered.
    What Python writes to this socket at a signal comes whatever the handlers are.
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
