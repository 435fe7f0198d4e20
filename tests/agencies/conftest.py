"""Clients of four agencies, three of which are often parties to one agreement."""

import pytest

from tests.agencies.agreeing import HERTS, KENT, SCOPES, SignIn
from tests.recording import BEDS, CAMBS
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
