"""Requests that stop in the middle of their work, so that another can run meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from typing import Any

import sqlalchemy as sa

from catalogue.core.database import Database

PATIENCE_SECONDS = 60
"""The longest wait for something that happens at once, unless the machine is very busy."""


def wait_for_waiting(database: Database, unless: Future[Any] | None = None) -> None:
    """Wait until a connection waits for the lock of another, or until the other work is done."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + PATIENCE_SECONDS
    with database.engine.connect() as connection:
        while not connection.scalar(sa.text(waiting)):
            if unless is not None and unless.done():
                return
            assert time.monotonic() < until, "no connection waits for a lock"
            connection.rollback()
            time.sleep(0.01)


class Held:
    """A function whose first call waits until it is released. Later calls do not wait."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._entered, self._let_go = Event(), Event()

    def wrapper(self) -> Callable[..., Any]:
        """Return the function that replaces the original."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if not self._entered.is_set():
                self._entered.set()
                assert self._let_go.wait(PATIENCE_SECONDS), "nobody let it go"
            return self.function(*args, **kwargs)

        return call

    def wait_until_entered(self) -> None:
        """Wait until the first call is running."""
        assert self._entered.wait(PATIENCE_SECONDS), "it was never called"

    def let_go(self) -> None:
        """Release the first call."""
        self._let_go.set()
