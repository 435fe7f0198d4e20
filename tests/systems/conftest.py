"""Fixtures of systems: an owner, another agency and some capabilities."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from catalogue.capabilities.models import CapabilityTier
from catalogue.capabilities.operations import create_capability
from tests.factories import BEDS, CAMBS, READ_WRITE
from tests.unsaved import CheckedClient


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client that writes systems of Bedfordshire Police."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def stranger(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client that writes systems of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, READ_WRITE)


@pytest.fixture
def capabilities(session: Session) -> list[str]:
    """The codes of some capabilities."""
    codes = ["C07", "E01", "E04"]
    for code in codes:
        create_capability(session, {"code": code, "name": code, "tier": CapabilityTier.CORE})
    session.commit()
    return codes
