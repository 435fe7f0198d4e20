"""Clients of four agencies: the owner of contracts, a partner, a party and a stranger."""

import pytest

from tests.agencies.api_agreements import SignIn
from tests.contracts.api_contracts import KENT, SCOPES
from tests.factories import BEDS, CAMBS, HERTS
from tests.unsaved import CheckedClient


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police, which owns the contracts."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Constabulary, with which some tests share."""
    return sign_in(CAMBS, SCOPES)


@pytest.fixture
def party(sign_in: SignIn) -> CheckedClient:
    """A client of Hertfordshire Constabulary, which is a party in some tests."""
    return sign_in(HERTS, SCOPES)


@pytest.fixture
def stranger(sign_in: SignIn) -> CheckedClient:
    """A client of Kent Police, with which nobody shares."""
    return sign_in(KENT, SCOPES)
