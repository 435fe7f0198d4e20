"""Two worlds on each store, built once for the run."""

from collections.abc import Iterator

import pytest

from tests.noninterference.knowledge import Knowledge
from tests.noninterference.pair import Pair, Stage
from tests.stores import NAMES, NO_POSTGRES, Run


@pytest.fixture(
    scope="session",
    # One worker of a parallel run does all tests of a store, so that worlds are built once.
    params=[
        pytest.param(name, marks=pytest.mark.xdist_group(f"noninterference-{name}"))
        for name in NAMES
    ],
)
def stage(request: pytest.FixtureRequest, run: Run, worker: str) -> Stage:
    """Where worlds are built, on SQLite and then on PostgreSQL."""
    if request.param == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    return Stage(run, request.param, worker)


@pytest.fixture(scope="session")
def reading(stage: Stage) -> Iterator[Pair]:
    """The two worlds, for tests that only read."""
    pair = stage.pair()
    yield pair
    pair.close()


@pytest.fixture(scope="session")
def knowledge(reading: Pair) -> Knowledge:
    """What there is to ask about."""
    return Knowledge.of(reading)


@pytest.fixture
def pair(stage: Stage) -> Iterator[Pair]:
    """The two worlds, for a test that writes."""
    pair = stage.pair()
    yield pair
    pair.close()
