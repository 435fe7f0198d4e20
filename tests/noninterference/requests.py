"""Requests that read: every operation, with every parameter and several pages."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

from tests.api.surface import OPERATIONS, Op
from tests.noninterference.pair import Pair
from tests.noninterference.parameters import PAGED, Choice, Fill, Parameters, address
from tests.noninterference.worlds import Answer, Request

READS = tuple(op for op in OPERATIONS if op.method == "GET")
WRITES = tuple(op for op in OPERATIONS if op.method != "GET")
MOST_PAGES = 3
FEW, MANY = 2, 5

Query = dict[str, str]


def questions(
    op: Op, parameters: Parameters, *, most: int, thorough: bool = False
) -> Iterator[tuple[Fill, Query]]:
    """Yield requests with each parameter of a read alone, with at most `most` values each.

    A thorough run asks for all. A plain one leaves out the other operators of a filter, and sorts
    by every other field, because each needs a statement of its own.
    """
    turn = crc32(op.name.encode()) % 2
    fills = parameters.fills(op)
    for fill in fills:
        yield fill, {"limit": "200", "total": "true"} if op.kernel.list_of else {}
    choices = parameters.choices(op, most)
    if not thorough:
        choices = without_operators(choices)
    paths = [parameters.fullest(op), *fills[: thorough and len(fills) > 1]]
    for fill in paths if most else ():
        if op.kernel.list_of is None:
            yield from ((fill, {choice.name: choice.value}) for choice in choices)
            continue
        yield fill, {"limit": "2"}
        # A file reads all rows in batches. Every format has the same rows, so one is enough.
        yield fill, {"format": "csv"}
        if thorough:
            yield from ((fill, {"format": name}) for name in ("xlsx", "ods"))
        # Only ids are requested, because building the other fields would be wasted time.
        counted = {"fields": "id", "total": "true"}
        narrow = counted if thorough else {"fields": "id"}
        for choice in choices:
            # Both worlds can have as many hidden records. Only counts for one value reveal them.
            shown = narrow if "__" in choice.name else counted
            yield (
                fill,
                {choice.name: choice.value}
                | ({"limit": "200"} if choice.name == "as_of" else shown),
            )
        list_parameters = op.kernel.list_of.list_parameters
        for place, name in enumerate(list_parameters.sorts):
            if not thorough and place % 2 != turn:
                continue
            yield fill, {"sort": f"{'-' * (place % 2)}{name}", "fields": f"id,{name}", "limit": "9"}
        if keyed := list_parameters.map_keys:
            for place, key in enumerate(parameters.keys(op, keyed.field)):
                sort = f"{'-' * (place % 2)}{keyed.prefix}{key}"
                yield fill, {"sort": sort, "fields": f"id,{keyed.field}", "limit": "9"}
        if list_parameters.searchable:
            for word in parameters.words:
                yield fill, {"q": word} | narrow


def without_operators(choices: list[Choice]) -> list[Choice]:
    """Keep the equality of each field, or its other operators if the field has no equality."""
    plain = {choice.name for choice in choices if "__" not in choice.name}
    return [c for c in choices if c.name in plain or c.name.partition("__")[0] not in plain]


def read(
    pair: Pair, client: str, op: Op, fill: Fill, query: Query, pages: int = MOST_PAGES
) -> Answer:
    """Send a read to both worlds, and then requests for the following pages."""
    request = Request.of(client, address(op, fill), query_string=query)
    first = answer = pair.ask(request)
    parameter = "cursor" if op.kernel.list_of else "after"
    for _ in range(1 if "sort" in query else pages):
        has_pages = op in PAGED and answer.ok and "format" not in query
        cursor = next_cursor(answer.json) if has_pages else None
        if cursor is None:
            break
        query = query | {parameter: cursor}
        answer = pair.ask(Request.of(client, address(op, fill), query_string=query))
    return first


def next_cursor(body: Any) -> str | None:
    """Return the cursor of the next page, if there is one."""
    page = body["page"]
    return str(page["next_cursor"]) if page["has_more"] else None


def reread(
    pair: Pair,
    client: str,
    parameters: Parameters,
    but: frozenset[str] = frozenset(),
    turn: int | None = None,
    *,
    in_part: bool = False,
) -> None:
    """Read everything that can have changed, once and without parameters.

    This covers every list and some of its records. With a turn, it covers one record of each list,
    and another at the next turn. `in_part` reads a third of the lists, and the next two turns the others.
    """
    reads = _plain_reads(client, parameters, but, turn)
    pair.ask_if_changed(reads, turn if in_part else None)


def _plain_reads(
    client: str, parameters: Parameters, but: frozenset[str], turn: int | None
) -> Iterator[Request]:
    for op in READS:
        if op.name in but or (op.public and not op.kernel.list_of):
            continue
        query = {"limit": "200", "total": "true"} if op.kernel.list_of else {}
        if op.path in parameters.ends:
            query = {"after": parameters.ends[op.path]}
        fills = parameters.fills(op)
        for fill in some(fills) if turn is None else in_turn(fills, turn):
            yield Request.of(client, address(op, fill), query_string=query)


def some(fills: list[Any]) -> list[Any]:
    """Return the first fills, of hidden records, and the last, of visible and unknown ones."""
    return fills if len(fills) <= FEW + MANY else [*fills[:FEW], *fills[-MANY:]]


def in_turn(fills: list[Fill], turn: int) -> list[Fill]:
    """Return one fill: of a hidden, visible or unknown record, depending on the turn."""
    chosen = some(fills)
    return [chosen[turn % len(chosen)]]


def joined(choices: list[Choice]) -> Query:
    """Join several parameters. If one is listed more than once, the last value counts."""
    return {choice.name: choice.value for choice in choices}
