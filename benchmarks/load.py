"""A small HTTP client that asks as fast as it is answered, over connections that it keeps open.

One thread and one selector serve all connections: it spends some 30 microseconds on a request,
which `python -m benchmarks` measures against an app that does nothing, and prints.
"""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

PATIENCE_SECONDS = 20.0
_LARGEST_READ = 1 << 20

Request = Callable[[bytes], bytes]
"""From the answer before (empty at first) to the next request, as bytes on the wire."""


class BadAnswer(Exception):
    """The server did not answer as the workload expects."""


@dataclass(frozen=True)
class Measured:
    """What one run came to. Latencies are in milliseconds, sorted."""

    connections: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests did not exceed, in milliseconds."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def request_bytes(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def repeating(requests: Sequence[bytes], start: int = 0) -> Request:
    """The same requests round and round, from one of them on."""
    asked = islice(cycle(requests), start, None)
    return lambda _answer: next(asked)


class _Connection:
    """One connection, with at most one request under way."""

    def __init__(self, port: int, request: Request) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self.answer = b""
        self._received = bytearray()
        self._wanted = 0
        self._asked_at = 0.0

    def ask(self) -> None:
        self._received.clear()
        self._wanted = 0
        asked = self._request(self.answer)
        self._asked_at = time.perf_counter()
        self.socket.sendall(asked)

    def take(self) -> float | None:
        """Read what has come; the milliseconds that the answer took, once it is whole."""
        received = self.socket.recv(_LARGEST_READ)
        if not received:
            raise BadAnswer("The server closed the connection.")
        self._received += received
        if not self._wanted:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._wanted = end + 4 + _content_length(bytes(self._received[:end]))
        if len(self._received) < self._wanted:
            return None
        took = (time.perf_counter() - self._asked_at) * 1000
        self.answer = bytes(self._received)
        if not self.answer.startswith(b"HTTP/1.1 200 "):
            raise BadAnswer(self.answer[:600].decode("latin-1"))
        return took


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise BadAnswer(f"No length: {head.decode('latin-1')}")


def drive(port: int, requests: Sequence[Request], *, seconds: float) -> Measured:
    """Ask over one connection for each of `requests`, for that long.

    BadAnswer if anything but 200 comes back; TimeoutError if nothing does.
    """
    latencies: list[float] = []
    connections = [_Connection(port, request) for request in requests]
    try:
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            start = time.perf_counter()
            end = start + seconds
            for connection in connections:
                connection.ask()
            under_way = len(connections)
            while under_way:
                ready = selector.select(PATIENCE_SECONDS)
                if not ready:
                    raise TimeoutError(f"No answer within {PATIENCE_SECONDS:.0f} s.")
                for key, _ in ready:
                    took = key.data.take()
                    if took is None:
                        continue
                    latencies.append(took)
                    if time.perf_counter() < end:
                        key.data.ask()
                    else:
                        under_way -= 1
            spent = time.perf_counter() - start
    finally:
        for connection in connections:
            connection.socket.close()
    return Measured(len(requests), spent, tuple(sorted(latencies)))


def ask_once(port: int, request: bytes) -> bytes:
    """One answer, head and body."""
    answers: list[bytes] = []
    connection = _Connection(port, lambda _answer: request)
    try:
        connection.ask()
        while connection.take() is None:
            pass
        answers.append(connection.answer)
    finally:
        connection.socket.close()
    return answers[0]
