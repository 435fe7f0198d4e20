"""What the kernel's tests share: a client that writes systems, and jobs of their own."""

from collections.abc import Callable

import pytest

from tests.core.trial_jobs import Trial, register_trial
from tests.factories import BEDS, READ_WRITE
from tests.unsaved import CheckedClient


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client that writes systems of Bedfordshire Police."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A kind of job whose work the test supplies."""
    return register_trial(monkeypatch)
