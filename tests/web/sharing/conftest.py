"""Fixtures: programs of agencies that share with each other, on one day."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import SCOPES, SignIn
from tests.factories import BEDS, CAMBS
from tests.unsaved import CheckedClient


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """Freeze the clock, so that periods and ends are the same on every day."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    """A program of Bedfordshire Police."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def cambs(sign_in: SignIn) -> CheckedClient:
    """A program of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, SCOPES)
