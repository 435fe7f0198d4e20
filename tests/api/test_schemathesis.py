"""Schemathesis generates thousands of requests from the document and checks each response."""

import gc
import os
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
import schemathesis
import sqlalchemy as sa
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events, from_schema
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi._caches import clear_all

import catalogue
from catalogue.core.application import database
from catalogue.core.jobs.models import Job
from catalogue.history.models import HistoryHead
from tests.api.surface import DOCUMENT, OPERATIONS, Op, each
from tests.api.world import Sent, World
from tests.chance import seed

# Schemathesis also draws values from the constants of loaded modules. With all of them loaded, it
# draws the same values in every run.
for _module in walk_packages(catalogue.__path__, "catalogue."):
    import_module(_module.name)

# A well-formed request can contradict the records or itself, which no schema can express. These
# are the error codes of such contradictions.
CONTRADICTS = {
    "all",
    "ambiguous",
    "before_line",
    "blocked",
    "circular",
    "ended",
    "exceeds_baseline",
    "exceeds_line",
    "goes",
    "in_future",
    "incomplete",
    "later_line",
    "lead",
    "no_agency",
    "no_successor",
    "no_use",
    "none_stays",
    "not-found",
    "not_a_member",
    "not_decided",
    "not_found",
    "not_one",
    "not_recurring",
    "not_reinvested",
    "not_whole",
    "other_programme",
    "out_of_order",
    "out_of_scope",
    "past",
    "precondition-failed",
    "realised",
    "repeated",
    "reused",
    "stale",
    "stays",
    "taken",
    "too_far",
    "too_few",
    "too_long",
    "transition",
    "unexpected",
    "unexplained",
    "unknown",
    "unusable_address",
}
# Contradictions of single operations, whose code elsewhere means a wrong form.
CONTRADICTS_AT = {
    # A well-formed kind that no event has.
    ("list_changes", "?kind", "invalid"),
    # An address within a private network, or a port that no server can have.
    ("create_webhook", "/url", "invalid"),
    ("update_webhook", "/url", "invalid"),
}
# What these hold is for the server to read, not for a schema to describe.
OPAQUE = (
    "?cursor",
    "?after",
    "?as_of",
    # Signs that a search cannot find.
    "?q",
    "?name__contains",
    "?reference__contains",
    "?system_name__contains",
    "?supplier_name__contains",
    # A schema knows no keys of custom fields.
    "?attributes.",
    "/file",
    "/sheet",
    "/mapping",
    "/columns",
    "/values",
    "/skipped_columns",
    "/encoding",
    "/delimiter",
    "/public_statement",
)

LONG = 500
"""The number of characters from which a text is long."""

EXAMPLES = int(os.environ.get("CATALOGUE_FUZZ_EXAMPLES", "10"))
"""The number of requests that the fuzzing phase draws for an operation."""

Record = Callable[[str, object], None]

REFUSED = 400
WRITTEN = (
    sa.select(HistoryHead.number),
    sa.select(sa.func.count()).select_from(Job),
)
"""Numbers that a request without effect leaves as they are."""


@pytest.fixture(autouse=True)
def _release_memory() -> Iterator[None]:
    """Delete the validators that Schemathesis keeps. That of a long text takes 100 MB and more."""
    # The collection leaves out objects that exist already, and so saves a second.
    gc.freeze()
    yield
    clear_all()
    gc.collect()
    gc.unfreeze()


def configured(world: World, *phases: str, examples: int) -> SchemathesisConfig:
    """Configure a run of some phases."""
    generation = {"deterministic": True, "no-shrink": True, "database": "none"}
    limited = {"generation": {"max-examples": examples}}
    # By default Schemathesis draws from what it learns of responses. Hypothesis then stops at the
    # second or third request, as the same choices lead elsewhere, and Schemathesis reports success.
    unlearned = {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed(),
            "continue-on-failure": True,
            # Values for long patterns are hard to draw. The tests assert the number of requests.
            "suppress-health-check": ["filter_too_much", "too_slow"],
            "headers": {"Authorization": world.owner.environ_base["HTTP_AUTHORIZATION"]},
            "generation": generation,
            "checks": {
                # RFC 6585 has a status of its own for a missing If-Match.
                "missing_required_header": {"expected-statuses": [400, 401, 403, 406, 422, 428]},
                # An invented If-Match is the tag of another state.
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", 304, 401, 403, 404, 409, 412]
                },
                # Too many values can also make the address too long.
                "negative_data_rejection": {
                    "expected-statuses": [400, 401, 403, 404, 405, 406, 409, 414, 415, 422, 428]
                },
            },
            "phases": {
                "examples": {"enabled": "examples" in phases},
                "coverage": {"enabled": "coverage" in phases},
                "fuzzing": {"enabled": "fuzzing" in phases} | limited | unlearned,
                "stateful": {"enabled": "stateful" in phases} | limited,
            },
        }
    )


def aimed(world: World, op: Op, url: str, changed: list[str]) -> Any:
    """Wrap the app: a well-formed id becomes that of the owner's record, and any If-Match becomes
    the record's present tag. Invented values would reach only the refusal.

    Adds each refused request that changed records to `changed`.
    """
    pattern = re.compile(
        re.sub(r"{\w+_id}", "[0-9a-f-]{36}", re.sub(r"{\w+(?<!_id)}", "[^/]+", op.path))
    )

    def redirect(environ: dict[str, Any], start_response: Any) -> Any:
        if pattern.fullmatch(environ["PATH_INFO"]):
            environ["PATH_INFO"] = url
        if op.kernel.if_match and environ.get("HTTP_IF_MATCH"):
            # A record that the previous request deleted has no tag.
            environ["HTTP_IF_MATCH"] = world.owner.get(url).headers.get("ETag", '"gone"')
        before, statuses = written(world), []

        def note_status(status: str, *args: Any) -> Any:
            statuses.append(status)
            return start_response(status, *args)

        answer = world.app(environ, note_status)
        if int(statuses[-1][:3]) >= REFUSED and written(world) != before:
            changed.append(f"{op.name} was answered {statuses[-1]}, and changed records")
        return answer

    return redirect


def written(world: World) -> tuple[Any, ...]:
    """Return numbers that grow with each change."""
    with database(world.app).engine.connect() as connection:
        return tuple(connection.scalar(statement) for statement in WRITTEN)


def without_long_limits(node: Any) -> Any:
    """Return the document without the limits of long texts.

    A validator that counts to 10,000 takes 100 MB and more, and those of all operations 1.7 GB.
    """
    if isinstance(node, list):
        return [without_long_limits(each) for each in node]
    if not isinstance(node, dict):
        return node
    limit = node.get("maxLength")
    is_long = isinstance(limit, int) and limit >= LONG
    return {
        name: without_long_limits(said)
        for name, said in node.items()
        if not (is_long and name == "maxLength")
    }


def loaded(config: SchemathesisConfig, app: Any, *paths: str) -> Any:
    """Load the document, or some of its paths, for requests to the app."""
    # The coverage phase sends texts of the greatest length, which other phases hardly ever draw.
    counts = config.projects.default.phases.coverage.enabled
    document = deepcopy(DOCUMENT) if counts else without_long_limits(DOCUMENT)
    document["paths"] = {path: document["paths"][path] for path in paths or document["paths"]}
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app

    @schema.hook
    def filter_failure(
        _context: HookContext, failure: Failure, case: schemathesis.Case, response: Response
    ) -> bool:
        if isinstance(failure, AcceptedNegativeData):
            # A partial bulk request is accepted, and rejects each item on its own.
            return not (is_json(response) and response.json().get("failed"))
        if not isinstance(failure, RejectedPositiveData):
            return True
        errors = response.json().get("errors", [])
        name = case.operation.definition.raw["operationId"]
        excused = [
            e["code"] in CONTRADICTS
            or (name, e["pointer"], e["code"]) in CONTRADICTS_AT
            or e["pointer"].startswith(OPAQUE)
            for e in errors
        ]
        return not (excused and all(excused))

    return schema


def is_json(response: Response) -> bool:
    return "json" in response.headers.get("content-type", [""])[0]


def answer_to(event: events.ScenarioFinished, case_id: str) -> str:
    """Return the response to a request that shows a fault, as text."""
    answer = event.recorder.interactions[case_id].response
    return f"{answer.status_code} {answer.text}" if answer else "no answer"


def problems(schema: BaseSchema) -> tuple[int, list[str]]:
    """Run a schema, and return the number of requests and the faults found."""
    sent, found = 0, []
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value}")
        if isinstance(event, events.ScenarioFinished):
            sent += len(event.recorder.interactions)
            found += [
                f"{check.name}: {check.failure_info.failure.message}\n"
                f"{check.failure_info.code_sample}\n{answer_to(event, case_id)}"
                for case_id, checks in event.recorder.checks.items()
                for check in checks
                if check.status == Status.FAILURE and check.failure_info
            ]
    return sent, found


# `test_requests` and `test_bodies` check every request in the plain run. These tests draw more.
phases = pytest.mark.parametrize(
    ("phases", "least"),
    [
        pytest.param(("examples", "coverage"), 6, id="covered", marks=pytest.mark.exhaustive),
        pytest.param(("fuzzing",), EXAMPLES, id="fuzzed", marks=pytest.mark.exhaustive),
    ],
)


# These tests take long, so each runs on one store. The document's promises do not depend on the
# store, and other tests send every operation to both.
@pytest.mark.only_on("sqlite")
@phases
@each(tuple(op for op in OPERATIONS if op.kernel.list_of))
def test_lists_answer_as_documented(
    op: Op,
    phases: tuple[str, ...],
    least: int,
    world: World,
    sent: Sent,
    record_property: Record,
) -> None:
    assert requests_as_documented(op, phases, world, sent, record_property) >= least


@pytest.mark.only_on("postgresql")
@phases
@each(tuple(op for op in OPERATIONS if not op.kernel.list_of))
def test_requests_are_answered_as_documented(
    op: Op,
    phases: tuple[str, ...],
    least: int,
    world: World,
    sent: Sent,
    record_property: Record,
) -> None:
    assert requests_as_documented(op, phases, world, sent, record_property) >= least


def requests_as_documented(
    op: Op, phases: tuple[str, ...], world: World, sent: Sent, record: Record
) -> int:
    """Check the requests of some phases, and return their number."""
    config = configured(world, *phases, examples=EXAMPLES)
    changed: list[str] = []
    schema = loaded(config, aimed(world, op, sent.url, changed), op.path)
    number, found = problems(schema.include(operation_id=op.name))
    record("requests", number)
    faults = found + changed
    assert not faults, "\n\n".join(faults)
    return number


@pytest.mark.only_on("sqlite")
@pytest.mark.exhaustive
def test_requests_accept_what_earlier_answers_give(world: World) -> None:
    sent, found = problems(loaded(configured(world, "stateful", examples=12), world.app))
    assert found == []
    assert sent > 30
