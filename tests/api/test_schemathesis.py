"""What schemathesis makes of the document: requests by the thousand, each as good as its word."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import Status, events, from_schema
from schemathesis.schemas import BaseSchema

from tests.api.surface import BY_NAME, DOCUMENT, OPERATIONS, Op, each
from tests.api.world import World

# What is well formed may still contradict what is recorded. These codes say that it does.
ONLY_THE_STORE_KNOWS = {"unknown", "taken", "stale"}


def configured(world: World, *phases: str, examples: int) -> SchemathesisConfig:
    """The configuration of a run of some phases."""
    names = ("examples", "coverage", "fuzzing", "stateful")
    return SchemathesisConfig.from_dict(
        {
            "seed": 4711,
            "headers": {"Authorization": world.owner.environ_base["HTTP_AUTHORIZATION"]},
            "generation": {"deterministic": True, "no-shrink": True, "database": "none"},
            "phases": {
                name: {"enabled": name in phases}
                | ({} if name == "coverage" else {"generation": {"max-examples": examples}})
                for name in names
            },
        }
    )


def problems(schema: BaseSchema) -> tuple[int, list[str]]:
    """How many requests a run makes, and what it finds."""
    sent, found = 0, []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.info.format()}")
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.ScenarioFinished):
            sent += len(event.recorder.interactions)
            for case_id, checks in event.recorder.checks.items():
                case = event.recorder.cases[case_id].value
                for check in checks:
                    if check.status == Status.FAILURE:
                        assert check.failure_info
                        failure = check.failure_info.failure
                        answer = event.recorder.interactions[case_id].response
                        found.append(
                            f"{check.name}: {failure.title}\n{failure.message}\n{case.as_curl_command()}\n{answer.content[:600]}"
                        )
    return sent, found


@each(OPERATIONS)
def test_every_request_is_answered_as_documented(op: Op, world: World) -> None:
    config = configured(world, "examples", "coverage", "fuzzing", examples=10)
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=config).include(operation_id=op.name)
    schema.app = world.app
    world.session.commit()
    sent, found = problems(schema)
    print(sent)
    assert found == []
    assert sent > 10
