"""Fixtures: two worlds on a store, built once for each run."""

from collections.abc import Iterator

import pytest

from tests.noninterference.pair import Pair, WorldBuilder
from tests.noninterference.parameters import Parameters
from tests.stores import NAMES, NO_POSTGRES, Run


def pytest_itemcollected(item: pytest.Function) -> None:
    """Let one worker make all reads of an operation, so that each is sent and compiled once."""
    if item.path.stem == "test_reads" and "op" in (params := item.callspec.params):
        item.add_marker(pytest.mark.xdist_group(f"reads by {params['op'].name}"))


@pytest.fixture(scope="session", params=NAMES)
def builder(request: pytest.FixtureRequest, run: Run, worker: str) -> WorldBuilder:
    """The builder of worlds. The plain run uses SQLite, where building is fastest."""
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
    """The values that requests can use for parameters and paths."""
    return Parameters.shared(reading)


@pytest.fixture
def pair(reading: Pair) -> Iterator[Pair]:
    """The two worlds in their initial state, for a test that writes."""
    reading.restore()
    yield reading
    reading.restore()
