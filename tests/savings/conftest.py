"""The day and the scene that tests of savings start from."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.savings.scene import Scene


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def scene(sign_in, session):
    return Scene(sign_in, session)
