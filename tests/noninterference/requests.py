"""The ways to read: every operation, every parameter, page after page."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

from tests.api.surface import OPERATIONS, Op
from tests.noninterference.pair import Pair
from tests.noninterference.parameters import PAGED, Choice, Fill, Parameters, address
from tests.noninterference.worlds import Answer, Asked

READS = tuple(op for op in OPERATIONS if op.method == "GET")
WRITES = tuple(op for op in OPERATIONS if op.method != "GET")
MOST_PAGES = 3
FEW, MANY = 2, 5

Query = dict[str, str]


def questions(
    op: Op, parameters: Parameters, *, most: int, thorough: bool = False
) -> Iterator[tuple[Fill, Query]]:
    """Every parameter of a reading operation, each for itself and with at most so many values."""
    fills = parameters.fills(op)
    for fill in fills:
        yield fill, {"limit": "200", "total": "true"} if op.kernel.list_of else {}
    choices = parameters.choices(op, most)
    if not thorough:
        choices = few_of(op, choices)
    asked_of = [parameters.fullest(op), *fills[: thorough and len(fills) > 1]]
    for fill in asked_of if most else ():
        if op.kernel.list_of is None:
            yield from ((fill, {choice.name: choice.value}) for choice in choices)
            continue
        yield fill, {"limit": "2"}
        # By the id alone, where the rest would only be made in vain.
        counted = {"fields": "id", "total": "true"}
        narrow = counted if thorough else {"fields": "id"}
        for choice in choices:
            # Hidden records may be as many in both worlds: only those of one value tell them apart.
            shown = narrow if "__" in choice.name else counted
            yield (
                fill,
                {choice.name: choice.value}
                | ({"limit": "200"} if choice.name == "as_of" else shown),
            )
        list_parameters = op.kernel.list_of.list_parameters
        for place, name in enumerate(list_parameters.sorts):
            yield fill, {"sort": f"{'-' * (place % 2)}{name}", "fields": f"id,{name}", "limit": "9"}
        if list_parameters.searchable:
            for word in parameters.words:
                yield fill, {"q": word} | narrow


def few_of(op: Op, choices: list[Choice]) -> list[Choice]:
    """Of the ways to compare a field, equality and one other: all are made of one expression."""
    others: dict[str, list[str]] = {}
    for choice in choices:
        name, _, operator = choice.name.partition("__")
        if operator and choice.name not in others.setdefault(name, []):
            others[name].append(choice.name)
    turn = crc32(op.name.encode())
    kept = {names[turn % len(names)] for names in others.values() if names}
    return [choice for choice in choices if "__" not in choice.name or choice.name in kept]


def read(
    pair: Pair, client: str, op: Op, fill: Fill, query: Query, pages: int = MOST_PAGES
) -> Answer:
    """Ask both worlds, and for the pages that follow."""
    asked = Asked.of(client, address(op, fill), query_string=query)
    first = answer = pair.ask(asked)
    parameter = "cursor" if op.kernel.list_of else "after"
    for _ in range(1 if "sort" in query else pages):
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


def reread(
    pair: Pair,
    client: str,
    parameters: Parameters,
    but: frozenset[str] = frozenset(),
    turn: int | None = None,
    *,
    half: bool = False,
) -> None:
    """Read once, without parameters, whatever may have changed: what was written shows somewhere.

    Every list, and some of its records; at a turn one record, and another at the next turn. `half`
    leaves out every other list, which the next turn reads.
    """
    reads = _plain_reads(client, parameters, but, turn)
    pair.ask_if_changed(reads, turn if half else None)


def _plain_reads(
    client: str, parameters: Parameters, but: frozenset[str], turn: int | None
) -> Iterator[Asked]:
    for op in READS:
        if op.name in but or (op.public and not op.kernel.list_of):
            continue
        query = {"limit": "200", "total": "true"} if op.kernel.list_of else {}
        if op.path in parameters.ends:
            query = {"after": parameters.ends[op.path]}
        fills = parameters.fills(op)
        for fill in some(fills) if turn is None else in_turn(fills, turn):
            yield Asked.of(client, address(op, fill), query_string=query)


def some(fills: list[Any]) -> list[Any]:
    """The first, which are of hidden records, and the last, which are of others and of none."""
    return fills if len(fills) <= FEW + MANY else [*fills[:FEW], *fills[-MANY:]]


def in_turn(fills: list[Fill], turn: int) -> list[Fill]:
    """One of a hidden record, or of another, or of none: the next one at the next turn."""
    chosen = some(fills)
    return [chosen[turn % len(chosen)]]


def joined(choices: list[Choice]) -> Query:
    """Several parameters at once; of those that are named twice, the last."""
    return {choice.name: choice.value for choice in choices}
