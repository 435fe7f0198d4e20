"""A distance to PostgreSQL: a relay that holds what passes, in each direction, for half of a round
trip.

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

ASKED = 1_000
START_SECONDS = 10.0
_LARGEST_READ = 1 << 18


@dataclass(frozen=True)
class Distance:
    """What `SELECT 1` takes, in milliseconds: without a relay, by one that holds nothing, and by
    the one that is measured with."""

    url: str
    direct: float
    relayed: float
    held: float

    def __str__(self) -> str:
        return (
            f"SELECT 1 takes {self.held:.2f} ms by the relay that product and floor use, "
            f"{self.relayed:.2f} ms by one that holds nothing, {self.direct:.2f} ms directly."
        )


@contextmanager
def distant(url: str, round_trip: float) -> Iterator[Distance]:
    """Put so many milliseconds between us and the server of a URL."""
    direct = time_round_trip(url)
    with _relaying(url, hold=0) as near:
        relayed = time_round_trip(near)
    hold = max(0.0, round_trip - relayed) / 2
    with _relaying(url, hold=hold) as far:
        over = time_round_trip(far) - round_trip
    # What the relay itself takes, and waking up too late, are part of the round trip.
    with _relaying(url, hold=max(0.0, hold - over / 2)) as far:
        yield Distance(far, direct, relayed, time_round_trip(far))


def time_round_trip(url: str) -> float:
    """The median time of `SELECT 1`, in milliseconds."""
    taken = []
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.cursor()
        for _ in range(ASKED):
            begun = time.perf_counter()
            cursor.execute("SELECT 1").fetchone()
            taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


@contextmanager
def _relaying(url: str, *, hold: float) -> Iterator[str]:
    """The URL by way of a relay that holds what passes for so many milliseconds."""
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
    """One loop for all connections. It waits by `select`, the only way that wakes up to the
    microsecond: `epoll` counts in milliseconds."""

    def __init__(self, port: int, hold: float, target: str) -> None:
        self._hold = hold
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", port))
        self._peers: dict[socket.socket, socket.socket] = {}
        self._held: deque[tuple[float, socket.socket, bytes]] = deque()

    def run(self) -> None:
        """Relay until the process is ended."""
        while True:
            wait = max(0.0, self._held[0][0] - time.perf_counter()) if self._held else None
            ready, _, _ = select.select([self._listener, *self._peers], [], [], wait)
            for each in ready:
                if each is self._listener:
                    self._connect()
                elif each in self._peers:
                    self._take(each)
            # All are held equally long, so the first is always the next that is due.
            while self._held and self._held[0][0] <= time.perf_counter():
                _, towards, data = self._held.popleft()
                self._give(towards, data)

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

    def _take(self, origin: socket.socket) -> None:
        try:
            data = origin.recv(_LARGEST_READ)
        except ConnectionError:
            data = b""
        towards = self._peers[origin]
        if not data:
            # Nothing more comes from here; what is held still goes out before the end does.
            del self._peers[origin]
        self._held.append((time.perf_counter() + self._hold, towards, data))

    def _give(self, towards: socket.socket, data: bytes) -> None:
        try:
            if data:
                towards.sendall(data)
                return
            towards.shutdown(socket.SHUT_WR)
        except OSError:
            # It is gone; its own end is relayed as well.
            pass


if __name__ == "__main__":
    _port, _hold, _target = sys.argv[1:]
    _relay = Relay(int(_port), float(_hold) / 1_000_000, _target)
    print("ready", flush=True)
    _relay.run()
