"""Mutation tests: break each rule once, and require that the requests detect a leak."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from catalogue.core.application import database
from tests.api.surface import BY_NAME, OPERATIONS, Op, each
from tests.noninterference import (
    mutations,
    mutations_custom_fields,
    mutations_deletions,
    mutations_imports,
    mutations_overlaps,
    mutations_programmes,
    mutations_webhooks,
)
from tests.noninterference.broken_rules import (
    NEVER_AS_SUMMARIES,
    PROFILED,
    RULED,
    Break,
    RuledField,
    resources,
    ruled_fields,
    searched_unmasked,
    shown_unmasked,
    without_mask_in,
    without_rule_in,
)
from tests.noninterference.examples import Examples
from tests.noninterference.mutations import MUTATIONS, WRITTEN, Mutation, Written
from tests.noninterference.pair import Leak, Pair
from tests.noninterference.parameters import CONTROLS, Parameters
from tests.noninterference.records import MEMBER
from tests.noninterference.requests import Query, questions, read, reread

pytestmark = pytest.mark.default_store("sqlite")

DECLARED_IN = (
    mutations,
    mutations_custom_fields,
    mutations_deletions,
    mutations_imports,
    mutations_overlaps,
    mutations_programmes,
    mutations_webhooks,
)


def detect_leak(
    pair: Pair, parameters: Parameters, *ops: Op, by: Callable[[Query], bool] = lambda _query: True
) -> Leak | None:
    """Return the first leak that the requests detect in these operations.

    `by` selects the requests that can show it, by their query.
    """
    with pair.forgetful():
        for op in ops:
            for fill, query in questions(op, parameters, most=3, thorough=True):
                if not by(query):
                    continue
                try:
                    read(pair, MEMBER.name, op, fill, query)
                except Leak as leak:
                    return leak
    return None


def find_read_of_one(op: Op) -> Op | None:
    """Return the operation that reads one record of a list, if there is one."""
    found = [o for o in OPERATIONS if o.method == "GET" and o.path.startswith(op.path + "/{")]
    return min(found, key=lambda o: len(o.path), default=None)


def _named(kinds: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("how", kinds.values(), ids=kinds.keys())


@each(RULED)
@_named({kind: without_rule_in(kind) for kind in ("page", "count")})
def test_requests_detect_list_without_row_rule(
    op: Op, how: Break, reading: Pair, parameters: Parameters
) -> None:
    with how(op.kernel.list_of):  # type: ignore[arg-type]
        assert detect_leak(reading, parameters, op)


@each(tuple(op for op in RULED if find_read_of_one(op)))
def test_requests_detect_record_without_row_rule(
    op: Op, reading: Pair, parameters: Parameters
) -> None:
    with ExitStack() as broken:
        for resource in resources():
            # The list and the single record can use different resources.
            if resource.path == op.kernel.list_of.path:  # type: ignore[union-attr]
                broken.enter_context(without_rule_in("one")(resource))
        assert detect_leak(reading, parameters, find_read_of_one(op))  # type: ignore[arg-type]


@each(PROFILED)
@_named(
    {
        "filters": (without_mask_in("filters"), lambda query: bool(query.keys() - CONTROLS)),
        "sorts": (without_mask_in("sorts"), lambda query: "sort" in query),
        "shown": (shown_unmasked, lambda query: "limit" in query),
        "searched": (searched_unmasked, lambda query: "q" in query),
    }
)
def test_requests_detect_list_without_mask(
    op: Op,
    how: tuple[Break, Callable[[Query], bool]],
    reading: Pair,
    parameters: Parameters,
) -> None:
    broken, selects = how
    with broken(op.kernel.list_of):  # type: ignore[arg-type]
        leak = detect_leak(reading, parameters, op, by=selects)
    searches_nothing = broken is searched_unmasked and op.name in NEVER_AS_SUMMARIES
    assert (leak is None) is searches_nothing


@pytest.mark.parametrize("field", [*ruled_fields()], ids=str)
def test_requests_detect_field_without_row_rule(
    field: RuledField, reading: Pair, parameters: Parameters
) -> None:
    with field.broken():
        assert detect_leak(reading, parameters, field.op)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_requests_detect_broken_reading_rule(
    mutation: Mutation, reading: Pair, parameters: Parameters
) -> None:
    operations = [BY_NAME[name] for name in mutation.operations]
    with mutation.broken():
        for world in (reading.without, reading.having):
            database(world.app).shared_with_cache.clear()
        leak = detect_leak(reading, parameters, *operations)
    for world in (reading.without, reading.having):
        database(world.app).shared_with_cache.clear()
    assert leak, mutation.rule


@pytest.mark.parametrize("mutation", WRITTEN, ids=str)
def test_reread_detects_broken_writing_rule(
    mutation: Written, pair: Pair, parameters: Parameters
) -> None:
    def write_and_read() -> None:
        mutation.attempt(Examples(pair), pair.without.ids)
        pair.run_jobs()
        reread(pair, MEMBER.name, parameters)

    with pair.forgetful(), mutation.broken(), pytest.raises(Leak):
        write_and_read()
