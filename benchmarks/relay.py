"""Relay that simulates a distance to PostgreSQL by delaying data for half a round trip each way.

python -m benchmarks.relay PORT HOLD_MICROSECONDS UNIX_SOCKET | HOST:PORT
"""

import select
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import psycopg
import sqlalchemy as sa

from benchmarks.servers import ROOT, free_port

REPEATS = 1_000
START_SECONDS = 10.0
_LARGEST_READ = 1 << 18


@dataclass(frozen=True)
class Distance:
    """The time of `SELECT 1` in milliseconds: direct, relayed without delay, and with the delay."""

    url: str
    direct: float
    relayed: float
    held: float

    def __str__(self) -> str:
        return (
            f"SELECT 1 takes {self.held:.2f} ms through the relay that product and floor use, "
            f"{self.relayed:.2f} ms through a relay without delay, and {self.direct:.2f} ms directly."
        )


@contextmanager
def distant(url: str, round_trip: float) -> Iterator[Distance]:
    """Relay to the database of a URL, with this round trip in milliseconds."""
    direct = time_round_trip(url)
    with _relaying(url, hold=0) as near:
        relayed = time_round_trip(near)
    hold = max(0.0, round_trip - relayed) / 2
    with _relaying(url, hold=hold) as far:
        over = time_round_trip(far) - round_trip
    # The time of the relay itself, and of late wake-ups, is part of the round trip.
    with _relaying(url, hold=max(0.0, hold - over / 2)) as far:
        yield Distance(far, direct, relayed, time_round_trip(far))


def time_round_trip(url: str) -> float:
    """Return the median time of `SELECT 1` in milliseconds."""
    durations = []
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.cursor()
        for _ in range(REPEATS):
            start = time.perf_counter()
            cursor.execute("SELECT 1").fetchone()
            durations.append((time.perf_counter() - start) * 1000)
    return median(durations)


@contextmanager
def _relaying(url: str, *, hold: float) -> Iterator[str]:
    """Yield a URL through a relay that delays all data by this many milliseconds."""
    parsed, port = sa.make_url(url), free_port()
    host = parsed.host or str(parsed.query.get("host", "localhost"))
    number = parsed.port or 5432
    target = f"{host}/.s.PGSQL.{number}" if host.startswith("/") else f"{host}:{number}"
    relay = subprocess.Popen(
        [sys.executable, "-m", __name__, str(port), str(hold * 1000), target],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert relay.stdout
        if not relay.stdout.readline():
            raise RuntimeError("The relay to PostgreSQL did not start.")
        by_relay = parsed.difference_update_query(["host"]).set(host="127.0.0.1", port=port)
        yield by_relay.render_as_string(hide_password=False)
    finally:
        relay.terminate()
        relay.wait(timeout=10)


class Relay:
    """A relay with one loop for all connections.

    The loop waits by `select`, which is accurate to the microsecond. `epoll` counts milliseconds.
    """

    def __init__(self, port: int, hold: float, target: str) -> None:
        self._hold = hold
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", port))
        self._peers: dict[socket.socket, socket.socket] = {}
        self._held: deque[tuple[float, socket.socket, bytes]] = deque()

    def run(self) -> None:
        """Relay data until the process ends."""
        while True:
            wait = max(0.0, self._held[0][0] - time.perf_counter()) if self._held else None
            ready, _, _ = select.select([self._listener, *self._peers], [], [], wait)
            for each in ready:
                if each is self._listener:
                    self._connect()
                elif each in self._peers:
                    self._receive(each)
            # All data has the same delay, so the first item is always due first.
            while self._held and self._held[0][0] <= time.perf_counter():
                _, receiver, data = self._held.popleft()
                self._send(receiver, data)

    def _connect(self) -> None:
        client, _ = self._listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._target.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
        else:
            host, _, port = self._target.rpartition(":")
            server = socket.create_connection((host, int(port)))
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peers |= {client: server, server: client}

    def _receive(self, origin: socket.socket) -> None:
        try:
            data = origin.recv(_LARGEST_READ)
        except ConnectionError:
            data = b""
        receiver = self._peers[origin]
        if not data:
            # The sender has closed. Delayed data still goes out before the close does.
            del self._peers[origin]
        self._held.append((time.perf_counter() + self._hold, receiver, data))

    def _send(self, receiver: socket.socket, data: bytes) -> None:
        try:
            if data:
                receiver.sendall(data)
                return
            receiver.shutdown(socket.SHUT_WR)
        except OSError:
            # The receiver is gone. Its own close is relayed as well.
            pass


if __name__ == "__main__":
    _port, _hold, _target = sys.argv[1:]
    _relay = Relay(int(_port), float(_hold) / 1_000_000, _target)
    print("ready", flush=True)
    _relay.run()
