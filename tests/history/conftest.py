"""Three agencies that follow the feed: one that owns systems, one it shares with, and one other."""

import pytest

from tests.factories import BEDS, CAMBS
from tests.history.feed import KENT, WITH_RISKS, SignIn
from tests.unsaved import CheckedClient


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of the agency whose systems they are."""
    return sign_in(BEDS, WITH_RISKS)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    """A client of an agency to which a test may grant access."""
    return sign_in(CAMBS, WITH_RISKS)


@pytest.fixture
def stranger(sign_in: SignIn) -> CheckedClient:
    """A client of an agency that is granted nothing."""
    return sign_in(KENT, WITH_RISKS)
