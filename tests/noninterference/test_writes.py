"""No response to a write, and to any later read, depends on records that are hidden."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

import pytest

from tests.api.surface import Op, each
from tests.api.world import Sent
from tests.noninterference import (
    attempts_custom_fields,
    attempts_deletions,
    attempts_imports,
    attempts_programmes,
)
from tests.noninterference.attempts import ATTEMPTS, Attempt
from tests.noninterference.examples import Examples, near_misses
from tests.noninterference.pair import Pair
from tests.noninterference.parameters import Parameters
from tests.noninterference.records import MEMBER
from tests.noninterference.requests import WRITES, reread
from tests.noninterference.worlds import at

pytestmark = pytest.mark.default_store("sqlite")

DECLARED_IN = (attempts_custom_fields, attempts_deletions, attempts_imports, attempts_programmes)
"""Modules that declare further attempts."""


@contextmanager
def now(pair: Pair) -> Iterator[None]:
    """Freeze the clock at the time of the pair, for values that the test computes."""
    with at(*pair.now()):
        yield


def turn(request: pytest.FixtureRequest) -> int:
    """Return a number for the test, so that all tests together cover every record."""
    return crc32(request.node.nodeid.encode())


@each(WRITES)
def test_write_is_answered_and_reread_alike(
    op: Op,
    pair: Pair,
    parameters: Parameters,
    thorough: bool,
    request: pytest.FixtureRequest,
) -> None:
    """Send requests that name hidden records, and then the request that succeeds."""
    examples = Examples(pair)
    with now(pair):
        sent = examples.request(op)
        near_ones = near_misses(op, sent, parameters, None if thorough else turn(request))
        for number, near in enumerate(near_ones):
            headers = near.headers
            if headers.get("If-Match") == sent.headers.get("If-Match"):
                headers = headers | tag_of(op, examples, near)
            near.but(headers=headers).by(examples.owner)
            assert number < 200, "too many"
        answer = sent.but(headers=sent.headers | tag_of(op, examples, sent)).by(examples.owner)
    pair.run_jobs()
    in_part = not thorough
    reread(pair, MEMBER.name, parameters, turn=turn(request), in_part=in_part)
    if not answer.ok:
        # A request that named a hidden record succeeded, and cannot be repeated.
        pair.restore()
        succeed(op, pair)
        reread(pair, MEMBER.name, parameters, turn=turn(request) + 1, in_part=in_part)


def tag_of(op: Op, examples: Examples, sent: Sent) -> dict[str, str]:
    """Return the header with the current entity tag, if the operation needs it."""
    if not op.kernel.if_match:
        return {}
    return {"If-Match": examples.owner.get(sent.url).headers.get("ETag", '"none"')}


def succeed(op: Op, pair: Pair) -> None:
    """Send the request of the example, which must succeed."""
    examples = Examples(pair)
    with now(pair):
        answer = examples.request(op).by(examples.owner)
    assert answer.ok, f"{op} does not succeed: {answer.text}"
    pair.run_jobs()


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_attempt_is_answered_and_reread_alike(
    attempt: Attempt, pair: Pair, parameters: Parameters, request: pytest.FixtureRequest
) -> None:
    attempt(Examples(pair), pair.without.ids)
    pair.run_jobs()
    reread(pair, MEMBER.name, parameters, turn=turn(request))
