"""A day for the tests that compare with the calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from catalogue.core import clock


@pytest.fixture
def today() -> Iterator[None]:
    """The clock stands still, so that neither midnight nor the end of a year comes between."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield
