"""Two worlds on a store, built once for the run."""

from collections.abc import Iterator

import pytest

from tests.noninterference.pair import Pair, WorldBuilder
from tests.noninterference.parameters import Parameters
from tests.stores import NAMES, NO_POSTGRES, Run


@pytest.fixture(scope="session", params=NAMES)
def builder(request: pytest.FixtureRequest, run: Run, worker: str) -> WorldBuilder:
    """Where worlds are built. The plain run builds them on SQLite, where they cost least."""
    if request.param == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    return WorldBuilder(run, request.param, worker)


@pytest.fixture(scope="session")
def reading(builder: WorldBuilder) -> Iterator[Pair]:
    """The two worlds, for tests that only read."""
    pair = builder.pair()
    yield pair
    pair.close()


@pytest.fixture(scope="session")
def parameters(reading: Pair) -> Parameters:
    """What there is to ask about."""
    return Parameters.shared(reading)


@pytest.fixture
def pair(builder: WorldBuilder, reading: Pair) -> Iterator[Pair]:
    """The two worlds, for a test that writes; as they were copied."""
    with builder.restored(reading) as restored:
        yield restored
        if restored is reading:
            reading.restore()
