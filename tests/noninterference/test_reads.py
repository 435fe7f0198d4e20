"""No answer to a question depends on what its actor may not see."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.surface import BY_NAME, Op, each
from tests.noninterference.declaring import TOLD, Told
from tests.noninterference.knowledge import Knowledge, address
from tests.noninterference.makers import ACTORS, ANYBODY, MEMBER
from tests.noninterference.pair import Leak, Pair, Stage
from tests.noninterference.walk import READS, Query, glance, joined, questions, read
from tests.noninterference.worlds import Asked, Client

EXAMPLES = 15


@each(READS)
def test_each_parameter_is_answered_alike(op: Op, reading: Pair, knowledge: Knowledge) -> None:
    succeeded = 0
    for fill, query in questions(op, knowledge, most=2):
        succeeded += read(reading, MEMBER.name, op, fill, query).ok
    assert succeeded, f"{op} was never answered; the script lacks a record that the actor sees"


@pytest.mark.parametrize("actor", [a for a in ACTORS if a is not MEMBER], ids=lambda a: a.name)
@each(READS)
def test_other_actors_are_answered_alike(
    op: Op, actor: Client, reading: Pair, knowledge: Knowledge
) -> None:
    for fill, query in questions(op, knowledge, most=0):
        read(reading, actor.name, op, fill, query)


@each(tuple(op for op in READS if op.public))
def test_anybody_is_answered_alike(op: Op, reading: Pair, knowledge: Knowledge) -> None:
    for fill, query in questions(op, knowledge, most=2):
        read(reading, ANYBODY.name, op, fill, query)


@each(READS)
@settings(max_examples=EXAMPLES, derandomize=True, database=None)
@given(data=st.data())
def test_any_question_is_answered_alike(
    op: Op, data: st.DataObject, reading: Pair, knowledge: Knowledge
) -> None:
    actor = data.draw(st.sampled_from([MEMBER, MEMBER, *ACTORS]), label="actor")
    fill = data.draw(st.sampled_from(knowledge.fills(op)), label="path")
    choices = knowledge.choices(op, most=8)
    query: Query = {}
    if choices:
        query |= joined(data.draw(st.lists(st.sampled_from(choices), max_size=3), label="filters"))
    if op.kernel.lists:
        query |= data.draw(controls(op, knowledge), label="controls")
    read(reading, actor.name, op, fill, query)


@st.composite
def controls(draw: st.DrawFn, op: Op, knowledge: Knowledge) -> Query:
    """How a list is to be shown."""
    vocabulary = op.kernel.lists.vocabulary  # type: ignore[union-attr]
    signed = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(list(vocabulary.sorts)))
    sorts = draw(st.lists(signed, max_size=3, unique_by=lambda each: each[1]))
    fields = draw(st.lists(st.sampled_from(vocabulary.fields), max_size=4, unique=True))
    query = {
        "limit": draw(st.sampled_from(["1", "2", "5", "200"])),
        "sort": ",".join(sign + name for sign, name in sorts),
        "fields": ",".join(fields),
        "total": draw(st.sampled_from(["", "true"])),
    }
    if vocabulary.searchable:
        words = draw(st.lists(st.sampled_from(knowledge.words), max_size=2))
        query["q"] = " ".join(words)
    return {name: text for name, text in query.items() if text}


# On one store: for each exception two more worlds are built.
@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("exception", TOLD, ids=str)
def test_what_is_told_by_design_is_told_nowhere_else(
    exception: Told, stage: Stage, knowledge: Knowledge
) -> None:
    pair = stage.pair(frozenset({exception.difference.name}))
    try:
        with pytest.raises(Leak):
            glance(pair, MEMBER.name, knowledge)
        pair.told = exception.fields
        glance(pair, MEMBER.name, knowledge, but=exception.operations)
        made = {
            identity
            for name, identity in pair.having.ids.items()
            if name.startswith(f"{exception.difference.name}: ")
        }
        for op in (BY_NAME[name] for name in exception.operations):
            for fill in knowledge.fills(op):
                asked = Asked.of(MEMBER.name, address(op, fill))
                shown = pair.answer(pair.having, asked).data
                assert not [identity for identity in made if identity.encode() in shown]
    finally:
        pair.close()
