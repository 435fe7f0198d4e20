"""Ids: where new ones come from, so that tests can have the same ones twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from uuid_utils.compat import uuid7

_source: Callable[[], UUID] = uuid7


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): ids sort by the time at which they were made."""
    return _source()


@contextmanager
def ids_from(source: Callable[[], UUID]) -> Iterator[None]:
    """Take new ids from elsewhere, for the whole process. For tests."""
    global _source  # noqa: PLW0603 - one source for the process is the point
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
