"""Load generator: a small HTTP client that sends a request as soon as it has the last response.

One thread and one selector serve all open connections. The client spends about 30 microseconds on a
request. `python -m benchmarks` measures and prints its speed with an app that does nothing.
"""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

TIMEOUT_SECONDS = 20.0
_LARGEST_READ = 1 << 20

Request = Callable[[bytes], bytes]
"""A function from the last response, empty at first, to the next request, as bytes on the wire."""


class BadResponse(Exception):
    """The error for a response that the workload does not expect."""


@dataclass(frozen=True)
class Measured:
    """The result of one run. Latencies are in milliseconds, sorted."""

    connections: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that this share of the requests did not exceed."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def request_bytes(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a request as bytes on the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def repeating(requests: Sequence[bytes], start: int = 0) -> Request:
    """Repeat the requests endlessly, beginning with the one at index `start`."""
    repeated = islice(cycle(requests), start, None)
    return lambda _response: next(repeated)


def spread(requests: Sequence[bytes], connections: int) -> list[Request]:
    """Repeat the same requests on each connection, each from another place in the list."""
    distance = len(requests) // connections
    return [repeating(requests, start=i * distance) for i in range(connections)]


class _Connection:
    """One connection, with at most one open request."""

    def __init__(self, port: int, request: Request) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self.response = b""
        self._received = bytearray()
        self._length = 0
        self._sent_at = 0.0

    def send(self) -> None:
        self._received.clear()
        self._length = 0
        request = self._request(self.response)
        self._sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> float | None:
        """Read the available bytes. Return the milliseconds of a complete response, else None."""
        received = self.socket.recv(_LARGEST_READ)
        if not received:
            raise BadResponse("The server closed the connection.")
        self._received += received
        if not self._length:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._length = end + 4 + _content_length(bytes(self._received[:end]))
        if len(self._received) < self._length:
            return None
        took = (time.perf_counter() - self._sent_at) * 1000
        self.response = bytes(self._received)
        if not self.response.startswith(b"HTTP/1.1 200 "):
            raise BadResponse(self.response[:600].decode("latin-1"))
        return took


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise BadResponse(f"The response has no Content-Length: {head.decode('latin-1')}")


def drive(port: int, requests: Sequence[Request], *, seconds: float) -> Measured:
    """Send requests over one connection for each of `requests`, for this number of seconds.

    Raises BadResponse for any status but 200, and TimeoutError without a response.
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
                connection.send()
            open_requests = len(connections)
            while open_requests:
                ready = selector.select(TIMEOUT_SECONDS)
                if not ready:
                    raise TimeoutError(
                        f"The server sent no response within {TIMEOUT_SECONDS:.0f} seconds."
                    )
                for key, _ in ready:
                    took = key.data.receive()
                    if took is None:
                        continue
                    latencies.append(took)
                    if time.perf_counter() < end:
                        key.data.send()
                    else:
                        open_requests -= 1
            spent = time.perf_counter() - start
    finally:
        for connection in connections:
            connection.socket.close()
    return Measured(len(requests), spent, tuple(sorted(latencies)))


def request_once(port: int, request: bytes) -> bytes:
    """Send one request and return the response, head and body."""
    connection = _Connection(port, lambda _response: request)
    try:
        connection.send()
        while connection.receive() is None:
            pass
        return connection.response
    finally:
        connection.socket.close()


def body_of(response: bytes) -> bytes:
    """Return the body of an HTTP response, without its head."""
    return response.partition(b"\r\n\r\n")[2]


def entity_tag_of(response: bytes) -> str:
    """Return the entity tag in the head of an HTTP response."""
    head = response[: response.index(b"\r\n\r\n")].decode("ascii")
    headers = (line.partition(":") for line in head.split("\r\n"))
    return next(value.strip() for name, _, value in headers if name.lower() == "etag")
