"""What the tests of the API's surface share."""

import pytest
from sqlalchemy.orm import Session

from tests.api.kept_worlds import KeptWorlds
from tests.api.surface import Op
from tests.api.world import Sent, World
from tests.stores import Store


def pytest_itemcollected(item: pytest.Function) -> None:
    """Let one worker do all tests of an operation, which share its world and its statements."""
    if "world" in item.fixturenames and "op" in (params := item.callspec.params):
        item.add_marker(pytest.mark.xdist_group(params["op"].name))


@pytest.fixture(scope="session")
def kept_worlds() -> KeptWorlds:
    """The worlds that this process has made."""
    return KeptWorlds()


@pytest.fixture
def world(
    request: pytest.FixtureRequest, store: Store, session: Session, kept_worlds: KeptWorlds
) -> World:
    """Three agencies, and records as they are asked for."""
    op = request.node.callspec.params["op"] if "sent" in request.fixturenames else None
    return kept_worlds.world(store, session, op)


@pytest.fixture
def sent(op: Op, world: World) -> Sent:
    """A request of the operation that succeeds, in a world made for it."""
    return world.ready[op.name]
