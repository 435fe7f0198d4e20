"""No response to a read depends on records that the actor cannot see."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.surface import BY_NAME, Op, each
from tests.noninterference.declarations import ALLOWED, AllowedDifference
from tests.noninterference.pair import Leak, Pair, WorldBuilder
from tests.noninterference.parameters import Parameters, address
from tests.noninterference.records import ACTORS, ANYBODY, MEMBER
from tests.noninterference.requests import READS, Query, joined, questions, read, reread, some
from tests.noninterference.worlds import Client, Request

pytestmark = pytest.mark.default_store("sqlite")


@each(READS)
def test_reads_answer_each_parameter_alike(
    op: Op, reading: Pair, parameters: Parameters, thorough: bool
) -> None:
    succeeded = 0
    for fill, query in questions(op, parameters, most=2, thorough=thorough):
        succeeded += read(reading, MEMBER.name, op, fill, query).ok
    assert succeeded, f"{op} never succeeded. Add a record that the actor can see to the scenario."


@pytest.mark.parametrize("actor", [a for a in ACTORS if a is not MEMBER], ids=lambda a: a.name)
@each(READS)
def test_reads_answer_other_actors_alike(
    op: Op, actor: Client, reading: Pair, parameters: Parameters, thorough: bool
) -> None:
    queries = list(questions(op, parameters, most=0))
    for fill, query in queries if thorough else some(queries):
        read(reading, actor.name, op, fill, query)


@each(tuple(op for op in READS if op.public))
def test_public_reads_answer_anybody_alike(op: Op, reading: Pair, parameters: Parameters) -> None:
    for fill, query in questions(op, parameters, most=2):
        read(reading, ANYBODY.name, op, fill, query)


@each(READS)
def test_reads_answer_parameters_together_alike(
    op: Op, reading: Pair, parameters: Parameters, thorough: bool
) -> None:
    @settings(max_examples=15 if thorough else 3)
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        ask_anything(op, data, reading, parameters)

    ask()


def ask_anything(op: Op, data: st.DataObject, reading: Pair, parameters: Parameters) -> None:
    actor = data.draw(st.sampled_from([MEMBER, MEMBER, *ACTORS]), label="actor")
    fill = data.draw(st.sampled_from(parameters.fills(op)), label="path")
    choices = parameters.choices(op, most=8)
    query: Query = {}
    if choices:
        query |= joined(data.draw(st.lists(st.sampled_from(choices), max_size=3), label="filters"))
    if op.kernel.list_of:
        query |= data.draw(controls(op, parameters), label="controls")
    read(reading, actor.name, op, fill, query)


@st.composite
def controls(draw: st.DrawFn, op: Op, parameters: Parameters) -> Query:
    """Draw the controls of a list: page size, sorting, fields and search."""
    list_parameters = op.kernel.list_of.list_parameters  # type: ignore[union-attr]
    signed = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(list(list_parameters.sorts)))
    sorts = draw(st.lists(signed, max_size=3, unique_by=lambda each: each[1]))
    fields = draw(st.lists(st.sampled_from(list_parameters.fields), max_size=4, unique=True))
    query = {
        "limit": draw(st.sampled_from(["1", "2", "5", "200"])),
        "sort": ",".join(sign + name for sign, name in sorts),
        "fields": ",".join(fields),
        "total": draw(st.sampled_from(["", "true"])),
        "total_limit": draw(st.sampled_from(["", "1", "200"])),
    }
    if list_parameters.searchable:
        words = draw(st.lists(st.sampled_from(parameters.words), max_size=2))
        query["q"] = " ".join(words)
    return {name: text for name, text in query.items() if text}


# Each exception needs a world of its own, so this runs on one store and not in the plain run.
@pytest.mark.exhaustive
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("exception", ALLOWED, ids=str)
def test_allowed_difference_shows_nowhere_else(
    exception: AllowedDifference, builder: WorldBuilder, reading: Pair, parameters: Parameters
) -> None:
    # This finds the tables that each request reads, so it costs the first test alone.
    reread(reading, MEMBER.name, parameters)
    pair = builder.pair_with_one(exception.difference.name)
    try:
        with pytest.raises(Leak):
            reread(pair, MEMBER.name, parameters)
        pair.allowed_fields = exception.fields
        reread(pair, MEMBER.name, parameters, but=exception.operations)
        made = {
            identity
            for name, identity in pair.having.ids.items()
            if name.startswith(f"{exception.difference.name}: ")
        }
        for op in (BY_NAME[name] for name in exception.operations):
            for fill in parameters.fills(op):
                request = Request.of(MEMBER.name, address(op, fill))
                shown = pair.answer(pair.having, request).data
                assert exception.once_seen or not [
                    identity for identity in made if identity.encode() in shown
                ]
    finally:
        pair.close()
