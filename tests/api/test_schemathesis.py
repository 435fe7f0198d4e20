"""What schemathesis makes of the document: requests by the thousand, each as good as its word."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from tests.api.surface import DOCUMENT, OPERATIONS, Op
from tests.api.world import World

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 4711,
        "generation": {"deterministic": True, "no-shrink": True, "database": "none"},
        "phases": {"fuzzing": {"generation": {"max-examples": 10}}},
    }
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)


@pytest.fixture(params=OPERATIONS, ids=str)
def op(request: pytest.FixtureRequest) -> Op:
    """Each operation in turn."""
    found: Op = request.param
    return found


@pytest.fixture
def document(op: Op, world: World) -> BaseSchema:
    """The document, as far as it is about the operation."""
    schema = SCHEMA.include(operation_id=op.name)
    schema.app = world.app
    return schema


@schemathesis.pytest.from_fixture("document").parametrize()
@settings(suppress_health_check=list(HealthCheck))
def test_it_keeps_its_word(case: schemathesis.Case, world: World) -> None:
    case.call_and_validate(headers={"Authorization": world.owner.environ_base["HTTP_AUTHORIZATION"]})
