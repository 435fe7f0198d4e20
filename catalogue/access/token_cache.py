"""Token cache: verified tokens, while they remain valid.

Verifying a signature takes a hundred times as long as a look-up in this cache.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Protocol

from catalogue.core.actor import Actor

SIZE = 4096


class CachedKeys(Protocol):
    """The keys of an identity provider, which this process caches as well."""

    version: int

    def require_fresh(self) -> None:
        """Raise Unavailable if the keys are too old to be used."""


@dataclass(frozen=True, slots=True)
class CachedToken:
    """The actor of a verified token, its expiry in Unix time, and the permissions version."""

    actor: Actor
    expires_at: float
    version: int
    keys: CachedKeys | None = None
    keys_version: int = 0
    """The version of the provider's keys, for a token of an identity provider."""

    def has_current_keys(self) -> bool:
        """Return whether the keys are those that verified the token.

        Raises Unavailable if the keys are too old to be used.
        """
        if self.keys is None:
            return True
        self.keys.require_fresh()
        return self.keys.version == self.keys_version


class TokenCache:
    """The tokens used most recently, by digest, so that a memory dump reveals no token."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._entries: OrderedDict[bytes, CachedToken] = OrderedDict()
        self._lock = Lock()

    @staticmethod
    def key(token: str) -> bytes:
        """Return the digest under which a token is cached."""
        return sha256(token.encode()).digest()

    def get(self, key: bytes, version: int) -> CachedToken | None:
        """Return the cached token, or None if it was verified under another permissions version."""
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
        """Return the cached token of any permissions version, which the caller must compare."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: bytes, entry: CachedToken) -> None:
        """Cache a token, and evict the least recently used one if the cache is full."""
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)
