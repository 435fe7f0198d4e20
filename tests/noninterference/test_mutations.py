"""Every rule, broken once: the walk must notice. What it cannot notice, it does not prove."""

from contextlib import ExitStack
from typing import Any

import pytest

from catalogue.core.database import database
from tests.api.surface import BY_NAME, OPERATIONS, Op, each
from tests.noninterference import (
    mutations,
    mutations_of_overlaps,
    mutations_of_programmes,
)
from tests.noninterference.breaking import (
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
from tests.noninterference.knowledge import Knowledge
from tests.noninterference.makers import MEMBER
from tests.noninterference.mutations import MUTATIONS, WRITTEN, Mutation, Written
from tests.noninterference.pair import Leak, Pair, Stage
from tests.noninterference.rehearsal import Rehearsal
from tests.noninterference.walk import glance, questions, read

DECLARED_IN = (mutations, mutations_of_overlaps, mutations_of_programmes)


def notices(pair: Pair, knowledge: Knowledge, *ops: Op) -> Leak | None:
    """What the walk finds in these operations."""
    for op in ops:
        for fill, query in questions(op, knowledge, most=3):
            try:
                read(pair, MEMBER.name, op, fill, query)
            except Leak as leak:
                return leak
    return None


def one_of(op: Op) -> Op | None:
    """The operation that reads one of what a list shows, if there is one."""
    found = [o for o in OPERATIONS if o.method == "GET" and o.path.startswith(op.path + "/{")]
    return min(found, key=lambda o: len(o.path), default=None)


def _named(kinds: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("how", kinds.values(), ids=kinds.keys())


@each(RULED)
@_named({kind: without_rule_in(kind) for kind in ("page", "count")})
def test_a_list_without_its_rule_is_noticed(
    op: Op, how: Break, reading: Pair, knowledge: Knowledge
) -> None:
    with how(op.kernel.lists):  # type: ignore[arg-type]
        assert notices(reading, knowledge, op)


@each(tuple(op for op in RULED if one_of(op)))
def test_a_read_without_its_rule_is_noticed(op: Op, reading: Pair, knowledge: Knowledge) -> None:
    with ExitStack() as broken:
        for resource in resources():
            # One resource may answer the list, and another the record.
            if resource.path == op.kernel.lists.path:  # type: ignore[union-attr]
                broken.enter_context(without_rule_in("one")(resource))
        assert notices(reading, knowledge, one_of(op))  # type: ignore[arg-type]


@each(PROFILED)
@_named(
    {
        "filters": without_mask_in("filters"),
        "sorts": without_mask_in("sorts"),
        "shown": shown_unmasked,
        "searched": searched_unmasked,
    }
)
def test_a_list_without_its_mask_is_noticed(
    op: Op, how: Break, reading: Pair, knowledge: Knowledge
) -> None:
    with how(op.kernel.lists):  # type: ignore[arg-type]
        found = notices(reading, knowledge, op)
    searches_nothing = how is searched_unmasked and op.name in NEVER_AS_SUMMARIES
    assert (found is None) is searches_nothing


@pytest.mark.parametrize("field", [*ruled_fields()], ids=str)
def test_a_field_without_its_rule_is_noticed(
    field: RuledField, reading: Pair, knowledge: Knowledge
) -> None:
    with field.broken():
        assert notices(reading, knowledge, field.op)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_mutation_is_noticed(mutation: Mutation, reading: Pair, knowledge: Knowledge) -> None:
    asked = [BY_NAME[name] for name in mutation.asked]
    with mutation.broken():
        for world in (reading.without, reading.having):
            database(world.app).reaches.clear()
        found = notices(reading, knowledge, *asked)
    for world in (reading.without, reading.having):
        database(world.app).reaches.clear()
    assert found, mutation.rule


@pytest.mark.parametrize("mutation", WRITTEN, ids=str)
def test_a_mutation_of_what_writes_is_noticed(
    mutation: Written, stage: Stage, knowledge: Knowledge
) -> None:
    pair = stage.pair()

    def probe() -> None:
        mutation.probe(Rehearsal(pair), pair.without.ids)
        pair.run_jobs()
        glance(pair, MEMBER.name, knowledge)

    try:
        with mutation.broken(), pytest.raises(Leak):
            probe()
    finally:
        pair.close()
