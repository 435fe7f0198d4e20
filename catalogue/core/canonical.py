"""Canonical JSON: one form, for hashes and comparisons."""

from hashlib import sha256
from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """JSON in one line, keys in order: the same for the same value, whichever store kept it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_digest(value: Any) -> str:
    """SHA-256 of a JSON value, the same whatever order its keys came in."""
    return sha256(canonical(value)).hexdigest()
