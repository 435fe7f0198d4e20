"""What the kernel's tests share: a client that writes systems, and patience on a busy machine."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from tests.core.trial_jobs import Trial, registered
from tests.recording import BEDS, READ_WRITE
from tests.unsaved import CheckedClient

settings.register_profile(
    "catalogue",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("catalogue")


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client that writes systems of Bedfordshire Police."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A kind of job that does what the test tells it to."""
    return registered(monkeypatch)
