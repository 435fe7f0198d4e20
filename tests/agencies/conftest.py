"""Clients of four agencies, three of which are parties to an agreement in many tests."""

from collections.abc import Iterator

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import KENT, SCOPES, SignIn
from tests.factories import BEDS, CAMBS, HERTS
from tests.unsaved import CheckedClient


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, the lead agency."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def cambs(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, SCOPES)


@pytest.fixture
def herts(sign_in: SignIn) -> CheckedClient:
    """A client of Hertfordshire Constabulary."""
    return sign_in(HERTS, SCOPES)


@pytest.fixture
def kent(sign_in: SignIn) -> CheckedClient:
    """A client of Kent Police, which is not a party."""
    return sign_in(KENT, SCOPES)


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """Freeze the clock, so that no test runs past midnight."""
    with clock.freeze(clock.now()):
        yield
