"""The source of new ids. Tests can replace it to get the same ids in each run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from uuid_utils.compat import uuid7

_source: Callable[[], UUID] = uuid7


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562), which sorts by the time of its creation."""
    return _source()


@contextmanager
def ids_from(source: Callable[[], UUID]) -> Iterator[None]:
    """Take new ids from another source, in the whole process, for tests."""
    global _source  # noqa: PLW0603 - one source for the process is the point
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
