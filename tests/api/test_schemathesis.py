"""What schemathesis makes of the document: requests by the thousand, each as good as its word."""

import schemathesis
from schemathesis.config import SchemathesisConfig

from tests.api.surface import DOCUMENT
from tests.api.world import World

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 4711,
        "generation": {"deterministic": True, "no-shrink": True, "database": "none"},
        "phases": {"fuzzing": {"generation": {"max-examples": 10}}},
    }
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)


@SCHEMA.parametrize()
def test_it_keeps_its_word(case: schemathesis.Case, world: World) -> None:
    case.operation.schema.app = world.app
    case.call_and_validate(headers={"Authorization": world.owner.environ_base["HTTP_AUTHORIZATION"]})
