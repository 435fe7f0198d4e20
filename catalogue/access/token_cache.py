"""Token cache: tokens found good, for as long as they stay so.

Checking a signature costs a hundred times as much as finding its result again.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from catalogue.core.actor import Actor

SIZE = 4096


@dataclass(frozen=True, slots=True)
class CachedToken:
    """The actor of a token, until when it holds (Unix time), and under which permissions version it was found."""

    actor: Actor
    expires_at: float
    version: int


class TokenCache:
    """The tokens used most recently, by digest: a dump of this memory gives nobody a token."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._entries: OrderedDict[bytes, CachedToken] = OrderedDict()
        self._lock = Lock()

    @staticmethod
    def key(token: str) -> bytes:
        """What a token is filed under."""
        return sha256(token.encode()).digest()

    def get(self, key: bytes, version: int) -> CachedToken | None:
        """What is known of a token; nothing if that was found out under another version."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.version != version:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return entry

    def peek(self, key: bytes) -> CachedToken | None:
        """What is known of a token, under any version; the caller compares that."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: bytes, entry: CachedToken) -> None:
        """Remember a token, and forget the one not used for longest if there is no room."""
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)
