"""A fixed day for tests that compare dates."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from catalogue.core import clock


@pytest.fixture
def today() -> Iterator[None]:
    """Freeze the clock, so that no midnight passes during a test."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield
