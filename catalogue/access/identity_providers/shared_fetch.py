"""A fetch from an identity provider that many requests wait for, each for a bounded time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from catalogue.core import clock


@dataclass(frozen=True)
class Fetch:
    """A fetch that has begun. No request waits for it after the deadline, in monotonic time."""

    begun_at: datetime
    deadline: float
    done: Event = field(default_factory=Event)


class SharedFetch:
    """A fetch in a thread of its own, of which at most one runs at a time."""

    def __init__(self, run: Callable[[datetime], None], timeout: float) -> None:
        """`run` gets the time at which the fetch began."""
        self._run, self._timeout = run, timeout
        self._lock = Lock()
        self._last: Fetch | None = None

    def start(self, interval: timedelta) -> Fetch:
        """Start a fetch, unless one is running or has begun less than an interval ago."""
        now = clock.now()
        with self._lock:
            last = self._last
            if last is not None and (not last.done.is_set() or now - last.begun_at < interval):
                return last
            fetch = self._last = Fetch(now, time.monotonic() + self._timeout)
        Thread(target=self._complete, args=(fetch,), name="provider-fetch", daemon=True).start()
        return fetch

    def wait(self, interval: timedelta) -> bool:
        """Start a fetch in the same way, and wait for it. Return False if it takes too long."""
        fetch = self.start(interval)
        return fetch.done.wait(max(0.0, fetch.deadline - time.monotonic()))

    def _complete(self, fetch: Fetch) -> None:
        try:
            self._run(fetch.begun_at)
        finally:
            fetch.done.set()
