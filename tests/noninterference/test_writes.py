"""What an actor writes is answered alike, and so is everything that it reads afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.api.surface import Op, each
from tests.noninterference import probes_of_programmes
from tests.noninterference.knowledge import Knowledge
from tests.noninterference.makers import MEMBER
from tests.noninterference.pair import Pair
from tests.noninterference.probes import PROBES, Probe
from tests.noninterference.rehearsal import Rehearsal, near_misses
from tests.noninterference.walk import WRITES, glance
from tests.noninterference.worlds import at

DECLARED_IN = (probes_of_programmes,)
"""Where there are more of them."""


@contextmanager
def now(pair: Pair) -> Iterator[None]:
    """The pair's own time, for what the test itself works out."""
    with at(*pair.now()):
        yield


@each(WRITES)
def test_what_succeeds_is_answered_alike(op: Op, pair: Pair, knowledge: Knowledge) -> None:
    rehearsal = Rehearsal(pair)
    with now(pair):
        answer = rehearsal.request(op).by(rehearsal.owner)
    assert answer.ok, f"{op} does not succeed: {answer.text}"
    pair.run_jobs()
    glance(pair, MEMBER.name, knowledge)


@each(WRITES)
def test_what_comes_near_hidden_records_is_answered_alike(
    op: Op, pair: Pair, knowledge: Knowledge
) -> None:
    rehearsal = Rehearsal(pair)
    with now(pair):
        sent = rehearsal.request(op)
        for number, near in enumerate(near_misses(op, sent, knowledge)):
            headers = near.headers
            if headers.get("If-Match") == sent.headers.get("If-Match") and op.kernel.if_match:
                read = rehearsal.owner.get(near.url)
                headers = headers | {"If-Match": read.headers.get("ETag", '"none"')}
            near.but(headers=headers).by(rehearsal.owner)
            assert number < 200, "too many"
    pair.run_jobs()
    glance(pair, MEMBER.name, knowledge)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
def test_a_probe_is_answered_alike(probe: Probe, pair: Pair, knowledge: Knowledge) -> None:
    probe(Rehearsal(pair), pair.without.ids)
    pair.run_jobs()
    glance(pair, MEMBER.name, knowledge)
