"""Fixtures of custom fields: two agencies, and an administrator."""

from collections.abc import Callable

import pytest

from tests.factories import BEDS, CAMBS, READ_WRITE
from tests.unsaved import CheckedClient

SignIn = Callable[..., CheckedClient]
SCOPES = f"{READ_WRITE} agencies:read agencies:write"


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A client that declares fields for Bedfordshire Police."""
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def stranger(sign_in: SignIn) -> CheckedClient:
    """A client that declares fields for Cambridgeshire Constabulary."""
    return sign_in(CAMBS, SCOPES)


@pytest.fixture
def administrator(sign_in: SignIn) -> CheckedClient:
    """A client that declares fields for all agencies."""
    return sign_in(None, "admin systems:read systems:write")
