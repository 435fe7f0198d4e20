"""Clients of four agencies, three of which are often parties to one agreement."""

from collections.abc import Iterator

import pytest

from catalogue.core import clock
from tests.agencies.api_agreements import KENT, SCOPES, SignIn
from tests.factories import BEDS, CAMBS, HERTS
from tests.unsaved import CheckedClient


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, which leads."""
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
    """A client of Kent Police, which is party to nothing."""
    return sign_in(KENT, SCOPES)


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """Time stands still, so that midnight cannot fall into the middle of a test."""
    with clock.freeze(clock.now()):
        yield
