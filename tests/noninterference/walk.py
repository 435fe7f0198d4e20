"""The ways to read: every operation, every parameter, page after page."""

from collections.abc import Iterator
from typing import Any

from tests.api.surface import OPERATIONS, Op
from tests.noninterference.knowledge import PAGED, Choice, Fill, Knowledge, address
from tests.noninterference.pair import Pair
from tests.noninterference.worlds import Answer, Asked

READS = tuple(op for op in OPERATIONS if op.method == "GET")
WRITES = tuple(op for op in OPERATIONS if op.method != "GET")
MOST_PAGES = 6
FEW, MANY = 2, 5

Query = dict[str, str]


def questions(op: Op, knowledge: Knowledge, *, most: int) -> Iterator[tuple[Fill, Query]]:
    """Every parameter of a reading operation, each for itself and with at most so many values."""
    fills = knowledge.fills(op)
    for fill in fills:
        yield fill, {"limit": "200", "total": "true"} if op.kernel.lists else {}
    choices = knowledge.choices(op, most)
    asked_of = fills[:1] + fills[len(fills) // 2 :][:1] if op.path.count("{") else [{}]
    for fill in asked_of if most else ():
        if op.kernel.lists is None:
            yield from ((fill, {choice.name: choice.value}) for choice in choices)
            continue
        yield fill, {"limit": "2"}
        for choice in choices:
            if choice.name == "as_of":
                yield fill, {choice.name: choice.value, "limit": "200"}
                continue
            # By the id alone, where the rest would only be made in vain.
            yield fill, {choice.name: choice.value, "fields": "id", "total": "true"}
        vocabulary = op.kernel.lists.vocabulary
        for place, name in enumerate(vocabulary.sorts):
            yield fill, {"sort": f"{'-' * (place % 2)}{name}", "fields": f"id,{name}", "limit": "9"}
        if vocabulary.searchable:
            for word in knowledge.words:
                yield fill, {"q": word, "fields": "id", "total": "true"}


def read(pair: Pair, client: str, op: Op, fill: Fill, query: Query) -> Answer:
    """Ask both worlds, and for the pages that follow."""
    asked = Asked.of(client, address(op, fill), query_string=query)
    first = answer = pair.ask(asked)
    parameter = "cursor" if op.kernel.lists else "after"
    for _ in range(MOST_PAGES):
        cursor = next_cursor(answer.json) if op in PAGED and answer.ok else None
        if cursor is None:
            break
        query = query | {parameter: cursor}
        answer = pair.ask(Asked.of(client, address(op, fill), query_string=query))
    return first


def next_cursor(body: Any) -> str | None:
    """Where the next page begins."""
    page = body["page"]
    return str(page["next_cursor"]) if page["has_more"] else None


def glance(
    pair: Pair,
    client: str,
    knowledge: Knowledge,
    but: frozenset[str] = frozenset(),
    turn: int | None = None,
) -> None:
    """Read everything once, without parameters: what was written shows somewhere.

    Every list; of its records some, or, at a turn, two that are others at each turn.
    """
    for op in READS:
        if op.name in but or (op.public and not op.kernel.lists):
            continue
        query = {"limit": "200", "total": "true"} if op.kernel.lists else {}
        fills = knowledge.fills(op)
        for fill in some(fills) if turn is None else in_turn(fills, turn):
            answer = pair.ask(Asked.of(client, address(op, fill), query_string=query))
            assert answer.status_code < 500, answer.text


def some(fills: list[Fill]) -> list[Fill]:
    """The first, which are of hidden records, and the last, which are of others and of none."""
    return fills if len(fills) <= FEW + MANY else [*fills[:FEW], *fills[-MANY:]]


def in_turn(fills: list[Fill], turn: int) -> list[Fill]:
    """One of a hidden record and one of another, or of none: the next ones at the next turn."""
    chosen = some(fills)
    if len(chosen) <= 2:
        return chosen
    first, last = chosen[:FEW], chosen[FEW:]
    return [first[turn % len(first)], last[turn % len(last)]]


def joined(choices: list[Choice]) -> Query:
    """Several parameters at once; of those that are named twice, the last."""
    return {choice.name: choice.value for choice in choices}
