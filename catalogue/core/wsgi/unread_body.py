"""Unread bodies: what is left of a request's body when its response is ready.

A server that responds and closes while a proxy still sends the body breaks the proxy's connection.
The proxy then reports 502, and the client never sees the 401 or 413. The rest of the body is
therefore read and discarded first, up to a limit of size and time. Above the limit the response
announces the end of the connection.
"""

import threading
from time import monotonic
from typing import Any

LARGEST_REST = 64 * 1024 * 1024
"""The most bytes that are discarded. A proxy's own limit for bodies is usually lower."""
LONGEST_WAIT_SECONDS = 5.0
_PIECE = 64 * 1024
_PLACES = threading.BoundedSemaphore(2)
"""The senders that a process can wait for at one time.

A read has no limit of time, so each sender that stalls holds a thread until it goes.
"""


class BodyReader:
    """The body of a request, as a file that notices its end."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._file = environ["wsgi.input"]
        self._length = _length(environ)
        # The client waits for permission to send, and sends nothing after another response.
        self._waits = bool(environ.get("HTTP_EXPECT"))
        self._read = 0
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, or all that are left."""
        piece: bytes = self._file.read(size)
        self._note(piece, size)
        return piece

    def readline(self, size: int = -1) -> bytes:
        """Read one line."""
        piece: bytes = self._file.readline(size)
        self._note(piece, size)
        return piece

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Read all lines."""
        lines: list[bytes] = self._file.readlines(hint)
        self._note(b"", -1)
        return lines

    def __iter__(self) -> Any:
        """Iterate over the lines."""
        return iter(self.readline, b"")

    def _note(self, piece: bytes, size: int) -> None:
        self._read += len(piece)
        self._ended = self._ended or (not piece and size != 0) or size < 0

    @property
    def is_complete(self) -> bool:
        """True if the whole body has been read."""
        return self._ended or (self._length is not None and self._read >= self._length)

    def discard_rest(self) -> bool:
        """Read the rest within the limits. Return whether the body has come to its end."""
        if self.is_complete:
            return True
        too_large = self._length is not None and self._length - self._read > LARGEST_REST
        waits = self._waits and self._read == 0
        if too_large or waits or not _PLACES.acquire(blocking=False):
            return False
        # Never in another thread: granian holds up the whole process while a thread still reads a body
        # whose response is complete.
        try:
            self._discard()
        finally:
            _PLACES.release()
        return self.is_complete

    def _discard(self) -> None:
        deadline, left = monotonic() + LONGEST_WAIT_SECONDS, LARGEST_REST
        try:
            while not self.is_complete and left > 0 and monotonic() < deadline:
                left -= len(self.read(_PIECE))
        except OSError:
            self._ended = True  # The client has gone.


def has_body(environ: dict[str, Any]) -> bool:
    """Return whether the request announces a body."""
    return _length(environ) != 0


def _length(environ: dict[str, Any]) -> int | None:
    """Return the length of the body, or None for a body in chunks."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    announced = environ.get("CONTENT_LENGTH") or "0"
    return int(announced) if announced.isascii() and announced.isdigit() else None
