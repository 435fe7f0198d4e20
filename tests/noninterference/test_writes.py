"""What an actor writes is answered alike, and so is everything that it reads afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

import pytest

from tests.api.surface import Op
from tests.api.world import Sent
from tests.noninterference import probes_of_programmes
from tests.noninterference.knowledge import Knowledge
from tests.noninterference.makers import MEMBER
from tests.noninterference.pair import Pair, Stage
from tests.noninterference.probes import PROBES, Probe
from tests.noninterference.rehearsal import Rehearsal, near_misses
from tests.noninterference.walk import WRITES, glance
from tests.noninterference.worlds import at
from tests.stores import NAMES

DECLARED_IN = (probes_of_programmes,)
"""Where there are more of them."""


@contextmanager
def now(pair: Pair) -> Iterator[None]:
    """The pair's own time, for what the test itself works out."""
    with at(*pair.now()):
        yield


def turn(request: pytest.FixtureRequest) -> int:
    """A number of the test's own, so that between them the tests look at everything."""
    return crc32(request.node.nodeid.encode())


# Each on one store, by turns. Which rule holds does not depend on the store, and all reads are
# walked on both.
@pytest.mark.parametrize(
    "op",
    [
        pytest.param(op, id=op.name, marks=pytest.mark.only_on(NAMES[place % 2]))
        for place, op in enumerate(WRITES)
    ],
)
def test_what_is_written_is_answered_alike(
    op: Op, pair: Pair, stage: Stage, knowledge: Knowledge, request: pytest.FixtureRequest
) -> None:
    """What comes near hidden records, and then what succeeds."""
    rehearsal = Rehearsal(pair)
    with now(pair):
        sent = rehearsal.request(op)
        for number, near in enumerate(near_misses(op, sent, knowledge)):
            headers = near.headers
            if headers.get("If-Match") == sent.headers.get("If-Match"):
                headers = headers | tag_of(op, rehearsal, near)
            near.but(headers=headers).by(rehearsal.owner)
            assert number < 200, "too many"
        answer = sent.but(headers=sent.headers | tag_of(op, rehearsal, sent)).by(rehearsal.owner)
    pair.run_jobs()
    glance(pair, MEMBER.name, knowledge, turn=turn(request))
    if not answer.ok:
        # Something that came near was done, and what it did cannot be done again.
        afresh = stage.pair()
        try:
            succeed(op, afresh)
            glance(afresh, MEMBER.name, knowledge, turn=turn(request) + 1)
        finally:
            afresh.close()


def tag_of(op: Op, rehearsal: Rehearsal, sent: Sent) -> dict[str, str]:
    """The state that is changed, as it is now."""
    if not op.kernel.if_match:
        return {}
    return {"If-Match": rehearsal.owner.get(sent.url).headers.get("ETag", '"none"')}


def succeed(op: Op, pair: Pair) -> None:
    """Send what must be accepted."""
    rehearsal = Rehearsal(pair)
    with now(pair):
        answer = rehearsal.request(op).by(rehearsal.owner)
    assert answer.ok, f"{op} does not succeed: {answer.text}"
    pair.run_jobs()


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
def test_a_probe_is_answered_alike(
    probe: Probe, pair: Pair, knowledge: Knowledge, request: pytest.FixtureRequest
) -> None:
    probe(Rehearsal(pair), pair.without.ids)
    pair.run_jobs()
    glance(pair, MEMBER.name, knowledge, turn=turn(request))
