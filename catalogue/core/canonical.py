"""Canonical JSON: equal values are written as equal bytes, for hashes and comparisons."""

from hashlib import sha256
from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """Write a value as one line of JSON with sorted keys, the same on both stores."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, regardless of the order of its keys."""
    return sha256(canonical(value)).hexdigest()
