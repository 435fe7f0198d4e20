"""Values for paths and parameters: ids, codes and field values of all records, hidden ones first.

The values come from every list, read as every agency, so nothing here names a resource. A part of
a path needs a source if no list returns its ids.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from tests.api.surface import OPERATIONS, Op
from tests.noninterference.pair import Pair
from tests.noninterference.records import MEMBER, OTHERS
from tests.noninterference.worlds import BEGINNING, Client, Request, World

UNKNOWN = "01a19b00-0000-7000-8000-000000000000"
MOST_FILLS = 200
FOR_OWNERS = frozenset({"get_system_visibility"})
"""The reads of a record that only its owner can send."""
CONTROLS = frozenset({"limit", "cursor", "sort", "fields", "q", "total", "format"})

SEARCHED = (
    "name", "title", "aliases", "tags", "summary", "description", "system_name", "reference",
    "product_name",
)  # fmt: skip
"""Fields whose words the tests search for."""

Fill = dict[str, str]
Row = dict[str, Any]


PAGED = tuple(op for op in OPERATIONS if op.kernel.list_of or op.kernel.paginated)


class Uncovered(AssertionError):
    """A parameter or path that no request covers yet."""


SOURCES: dict[str, Callable[["Parameters"], list[str]]] = {
    "source": lambda _: ["cmdb", "import"],
    "external_id": lambda parameters: parameters.texts("external_ids"),
    "realisation_id": lambda parameters: [
        realisation["id"]
        for _, saving in parameters.found["/v1/savings"]
        for realisation in saving["realisations"]
    ],
}
"""Sources of ids for parts of paths that no list returns."""

MOMENTS = [(BEGINNING + timedelta(minutes=m, seconds=30)).isoformat() for m in range(3, 30, 3)]
QUERIES: dict[str, Callable[["Parameters", Op], list[str]]] = {
    "after": lambda parameters, op: parameters.of_field(op.path, "id"),
    "as_of": lambda _knowledge, _op: [*MOMENTS, "2026-11-02"],
    "by": lambda _knowledge, op: list(op.kernel.counts_of.group_by) if op.kernel.counts_of else [],
    "format": lambda _knowledge, _op: ["csv", "xlsx", "ods"],
    "limit": lambda _knowledge, _op: ["2", "200"],
    "sort": lambda _knowledge, _op: ["at", "-at"],
    "wait": lambda _knowledge, _op: ["0"],
}
"""Values of parameters other than filters, unless the document lists all their values."""


def texts_of(value: Any) -> Iterator[str]:
    """Yield the texts of a value: the entries of a list, and the texts of an object."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif value is not None and value != "":
        yield str(value)


def ids_within(value: Any) -> Iterator[str]:
    """Yield the ids in the objects within a row, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_of(inner) if name.endswith("_id") else ids_within(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_within(inner)


@dataclass(frozen=True)
class Choice:
    """A query parameter with a value."""

    name: str
    value: str


@dataclass
class Parameters:
    """All values that any agency reads in one world, and those that the actor reads in the other."""

    found: dict[str, list[tuple[Fill, Row]]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)
    """The texts of each field that the actor sees in the world without differences."""
    ends: dict[str, str] = field(default_factory=dict)
    """The last event of each feed that the actor sees. Its own changes follow after it."""
    filled: dict[str, list[Fill]] = field(default_factory=dict)
    """A cache of the ways to fill each path."""
    chosen: dict[tuple[str, int], list[Choice]] = field(default_factory=dict)
    """A cache of the values of parameters."""

    @classmethod
    def shared(cls, pair: Pair) -> "Parameters":
        """Return the values that the first worker of the run has read."""
        run = pair.builder.run
        kept = Path(run.directory, f"parameters-{pair.builder.store}.json")
        with run.lock(kept.stem):
            if not kept.exists():
                made = cls.of(pair)
                kept.write_bytes(orjson.dumps([made.found, made.known, made.ends], default=sorted))
        found, known, ends = orjson.loads(kept.read_bytes())
        return cls(found, {name: set(texts) for name, texts in known.items()}, ends)

    @classmethod
    def of(cls, pair: Pair) -> "Parameters":
        """Collect the values by reading both worlds."""
        parameters = cls()
        owners: dict[str, set[str]] = {}
        for op in sorted(PAGED, key=lambda op: len(op.parameter_names("path"))):
            rows: dict[str, tuple[Fill, Row]] = {}
            for fill in parameters.fills(op)[:MOST_FILLS] if "{" in op.path else [{}]:
                for client in clients_of(fill, owners):
                    for row in listed(pair, pair.having, client.name, op, fill):
                        rows[f"{fill}{row.get('id', row)}{client.agency}"] = fill, row
                        if "id" in row and "agency" in row:
                            owners.setdefault(row["id"], set()).add(row["agency"])
                for row in listed(pair, pair.without, MEMBER.name, op, fill):
                    for name, value in row.items():
                        parameters.known.setdefault(name, set()).update(texts_of(value))
            parameters.found[op.path] = list(rows.values())
        ends = {
            op.path: end_of(pair, op) for op in PAGED if "{" not in op.path if op.kernel.paginated
        }
        return cls(parameters.found, parameters.known, ends)

    def fills(self, op: Op) -> list[Fill]:
        """Return ways to fill a path: with hidden records, visible ones, and an unknown one."""
        if op.path not in self.filled:
            self.filled[op.path] = self._fills(op)
        return self.filled[op.path]

    def _fills(self, op: Op) -> list[Fill]:
        fills: list[Fill] = [{}]
        names = op.parameter_names("path")
        for name in names:
            prefix = op.path[: op.path.index("/{" + name + "}")]
            fills = list(self._filled(op, name, prefix, fills))
        unknown = {n: self.texts(n)[0] if n in SOURCES else UNKNOWN for n in names}
        return [*fills, unknown] if names else fills

    def fullest(self, op: Op) -> Fill:
        """Return the visible way to fill the path that has the most rows behind it."""
        fills = self.fills(op)
        seen = [f for f in fills if not any(self.is_hidden("id", text) for text in f.values())]
        if op.name in FOR_OWNERS:
            rows = (row for found in self.found.values() for _, row in found)
            own = {row.get("id") for row in rows if row.get("agency") == MEMBER.agency}
            seen = [fill for fill in seen if own.issuperset(fill.values())]
        behind = [filled for filled, _ in self.found.get(op.path, ())]
        return max(seen or fills, key=behind.count)

    def _filled(self, op: Op, name: str, prefix: str, fills: list[Fill]) -> Iterator[Fill]:
        for fill in fills:
            if name in SOURCES:
                options: Iterable[str] = SOURCES[name](self)
            elif prefix in self.found:
                options = self._ids(prefix, fill)
            else:
                raise Uncovered(f"{op}: no list returns ids for {name}. Add a source.")
            for option in options:
                yield fill | {name: option}

    def _ids(self, prefix: str, fill: Fill) -> list[str]:
        rows = [row for filled, row in self.found[prefix] if filled.items() <= fill.items()]
        ids = {str(row[name]): None for name in ("id", "code") for row in rows if name in row}
        return self._hidden_first("id", list(ids))

    def texts(self, name: str) -> list[str]:
        """Return the texts of all fields of a name, of any resource."""
        if name in SOURCES:
            return SOURCES[name](self)
        return self._by_name.get(name, [])

    def ids_of(self, name: str) -> list[str]:
        """Return the ids that a field of that name can hold, derived from the paths."""
        for op in OPERATIONS:
            place = "/{" + name.split("_", 1)[-1] + "}", "/{" + name + "}"
            for each in place:
                prefix = op.path[: op.path.find(each)] if each in op.path else ""
                if prefix in self.found:
                    return self._ids(prefix, {})
        return []

    @cached_property
    def some_hidden_ids(self) -> list[str]:
        """One hidden id of each list."""
        first = (self._ids(path, {})[:1] for path in self.found)
        return [i for ids in first for i in ids if self.is_hidden("id", i)]

    def of_field(self, path: str, name: str) -> list[str]:
        """Return the texts of a field of one list."""
        found = {t: None for _, row in self.found[path] for t in texts_of(row.get(name))}
        return self._hidden_first(name, sorted(found))

    def _is_of_part(self, op: Op, name: str) -> bool:
        return op.kernel.list_of is not None and name in op.kernel.list_of.part_filters

    def of_part(self, path: str, name: str) -> list[str]:
        """Return the texts of a field that are ids within the rows of one list.

        A field of no row, such as the agreement between the owners, has ids of a list of its own.
        """
        ids = {each for _, row in self.found[path] for each in ids_within(row)}
        shared = self._hidden_first(name, sorted(ids & set(self.texts(name))))
        return shared or self.ids_of(name)

    def is_hidden(self, name: str, text: str) -> bool:
        """Return true if the actor never sees this text in a field of that name."""
        return text not in self.known.get(name, set()) | self.known.get("id", set())

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {}
        for rows in self.found.values():
            for _, row in rows:
                for name, value in row.items():
                    found.setdefault(name, {}).update(dict.fromkeys(texts_of(value)))
        return {name: self._hidden_first(name, sorted(texts)) for name, texts in found.items()}

    @cached_property
    def words(self) -> list[str]:
        """Words to search for: some of hidden records only, and some others."""
        known = {w for texts in self.known.values() for t in texts for w in t.lower().split()}
        every = {w for name in SEARCHED for t in self.texts(name) for w in t.lower().split()}
        hidden = sorted(every - known)
        return hidden[:4] + hidden[-7:] + sorted(every & known)[:3]

    def _hidden_first(self, name: str, texts: list[str]) -> list[str]:
        return sorted(texts, key=lambda text: not self.is_hidden(name, text))

    # ---- Parameters

    def choices(self, op: Op, most: int) -> list[Choice]:
        """Return values for each query parameter except the controls, at most `most` for each."""
        if (op.name, most) not in self.chosen:
            self.chosen[op.name, most] = self._choices(op, most)
        return self.chosen[op.name, most]

    def _choices(self, op: Op, most: int) -> list[Choice]:
        found: list[Choice] = []
        for parameter in op.parameters:
            if parameter["in"] == "query" and not (
                op.kernel.list_of and parameter["name"] in CONTROLS
            ):
                if parameter["schema"].get("type") == "object":
                    found += self._keys(op, parameter["name"], most)
                    continue
                texts = self._values(op, parameter["name"], parameter["schema"])
                is_ample = parameter["name"] in QUERIES or self._is_of_part(op, parameter["name"])
                ample = 8 if is_ample else most
                found += [Choice(parameter["name"], text) for text in spread(texts, ample)]
        return found

    def keys(self, op: Op, name: str) -> dict[str, list[str]]:
        """Return the keys of a map that any record of a list has, with the texts of each."""
        found: dict[str, dict[str, None]] = {}
        for _, row in self.found.get(op.path, ()):
            for key, value in (row.get(name) or {}).items():
                found.setdefault(key, {}).update(dict.fromkeys(texts_of(value)))
        return {key: list(texts) for key, texts in found.items()}

    def _keys(self, op: Op, name: str, most: int) -> Iterator[Choice]:
        for key, texts in self.keys(op, name).items():
            hidden_first = self._hidden_first(name, sorted(texts))
            for text in spread(hidden_first, most):
                yield Choice(f"{name}.{key}", text)
                yield Choice(f"{name}.{key}__in", text)
            for answer in ("true", "false"):
                yield Choice(f"{name}.{key}__isnull", answer)

    def _values(self, op: Op, parameter: str, schema: dict[str, Any]) -> list[str]:
        if parameter in QUERIES:
            return QUERIES[parameter](self, op)
        name, _, operator = parameter.partition("__")
        if operator == "isnull" or schema.get("type") == "boolean":
            return ["true", "false"]
        if self._is_of_part(op, name):
            texts = self.of_part(op.path, name)
        else:
            texts = self.of_field(op.path, name) if op.path in self.found else self.texts(name)
        texts = [text for text in texts if len(text) < 100]
        if operator == "in":
            plain = [text for text in texts if "," not in text]
            return [",".join(plain[:3])] if plain else []
        if op.kernel.list_of or op.kernel.counts_of or (texts and "enum" not in schema):
            # A field that is null everywhere has no values to filter by.
            return texts
        if "enum" in schema:
            return list(schema["enum"])
        raise Uncovered(f"{op}: no values are known for ?{parameter}. Add some.")


def clients_of(fill: Fill, owners: dict[str, set[str]]) -> list[Client]:
    """Return the clients of a record's owner, who sees the most of it, or else all clients."""
    everybody = [*OTHERS, MEMBER]
    of_these = set().union(*(owners.get(identity, ()) for identity in fill.values()))
    return [client for client in everybody if client.agency in of_these] or everybody


def spread(texts: list[str], most: int) -> list[str]:
    """Return the first texts, which are hidden, and the last one, which is not."""
    return texts if len(texts) <= most else [*texts[: most - 1], texts[-1]]


def address(op: Op, fill: Fill) -> str:
    """Return the path of an operation with its parts filled in."""
    return op.path.format(**fill)


def listed(pair: Pair, world: World, client: str, op: Op, fill: Fill) -> list[Row]:
    """Return the rows of a list that a client sees."""
    request = Request.of(client, address(op, fill), query_string={"limit": "200"})
    pair.sent_count += 1
    answer = pair.answer(world, request)
    return list(answer.json["items"]) if answer.ok else []


def end_of(pair: Pair, op: Op) -> str:
    """Return the last event of a feed that the actor sees."""
    query = {"limit": "200"}
    while True:
        request = Request.of(MEMBER.name, op.path, query_string=query)
        body = pair.answer(pair.without, request).json
        query["after"] = body["items"][-1]["id"]
        if not body["page"]["has_more"]:
            return query["after"]
