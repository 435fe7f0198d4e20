"""The day and the scene that tests of savings start from."""

from copy import copy
from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.savings.scene import Scene


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def scene(sign_in, session, steps):
    scene = copy(steps.take(session, Scene, lambda: Scene(sign_in, session)))
    scene.sign_in, scene.session = sign_in, session
    return scene
