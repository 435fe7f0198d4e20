"""What there is to ask about: ids, codes and values of all records, those that are hidden first.

It is found by reading every list as every agency, so nothing here names a resource. A part of a
path that no list gives ids for has to be given a source.
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
from tests.noninterference.worlds import BEGINNING, Asked, Client, World

UNKNOWN = "01a19b00-0000-7000-8000-000000000000"
MOST_FILLS = 200
CONTROLS = frozenset({"limit", "cursor", "sort", "fields", "q", "total"})

SEARCHED = (
    "name", "title", "aliases", "tags", "summary", "description", "system_name", "reference",
    "product_name",
)  # fmt: skip
"""Fields whose words are searched for."""

Fill = dict[str, str]
Row = dict[str, Any]


PAGED = tuple(op for op in OPERATIONS if op.kernel.list_of or op.kernel.paginated)


class Uncovered(AssertionError):
    """Something new that no request covers yet."""


SOURCES: dict[str, Callable[["Parameters"], list[str]]] = {
    "source": lambda _: ["cmdb", "import"],
    "external_id": lambda parameters: parameters.texts("external_ids"),
    "realisation_id": lambda parameters: [
        realisation["id"]
        for _, saving in parameters.found["/v1/savings"]
        for realisation in saving["realisations"]
    ],
}
"""Parts of paths that no list gives the ids of."""

MOMENTS = [(BEGINNING + timedelta(minutes=m, seconds=30)).isoformat() for m in range(3, 30, 3)]
QUERIES: dict[str, Callable[["Parameters", Op], list[str]]] = {
    "after": lambda parameters, op: parameters.of_field(op.path, "id"),
    "as_of": lambda _knowledge, _op: [*MOMENTS, "2026-11-02"],
    "limit": lambda _knowledge, _op: ["2", "200"],
    "wait": lambda _knowledge, _op: ["0"],
}
"""Values of parameters that are no filters, where the document does not tell them all."""


def texts_of(value: Any) -> Iterator[str]:
    """The ways to ask for a value: a list's entries, an object's texts."""
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


@dataclass(frozen=True)
class Choice:
    """A parameter of a query, with a value for it."""

    name: str
    value: str


@dataclass
class Parameters:
    """Everything that any agency reads in a world, and what the actor reads in the other."""

    found: dict[str, list[tuple[Fill, Row]]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)
    """For each field, the texts that the actor itself is shown, where nothing differs."""
    ends: dict[str, str] = field(default_factory=dict)
    """The last event of each feed that the actor is shown: what it does will show after that."""
    filled: dict[str, list[Fill]] = field(default_factory=dict)
    """The ways to fill a path, of each that somebody asked for already."""
    chosen: dict[tuple[str, int], list[Choice]] = field(default_factory=dict)
    """The values of parameters, in the same way."""

    @classmethod
    def shared(cls, pair: Pair) -> "Parameters":
        """What the worker of the run that came first has read."""
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
        """Read both worlds."""
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
        """Ways to fill the operation's path: of hidden records, of others, and of none."""
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
        """Of the ways to fill the path that the actor may see, the one with most behind it."""
        fills = self.fills(op)
        seen = [f for f in fills if not any(self.is_hidden("id", text) for text in f.values())]
        behind = [filled for filled, _ in self.found.get(op.path, ())]
        return max(seen or fills, key=behind.count)

    def _filled(self, op: Op, name: str, prefix: str, fills: list[Fill]) -> Iterator[Fill]:
        for fill in fills:
            if name in SOURCES:
                options: Iterable[str] = SOURCES[name](self)
            elif prefix in self.found:
                options = self._ids(prefix, fill)
            else:
                raise Uncovered(f"{op}: no list gives ids for {name}; name its source.")
            for option in options:
                yield fill | {name: option}

    def _ids(self, prefix: str, fill: Fill) -> list[str]:
        rows = [row for filled, row in self.found[prefix] if filled.items() <= fill.items()]
        ids = {str(row[name]): None for name in ("id", "code") for row in rows if name in row}
        return self._hidden_first("id", list(ids))

    def texts(self, name: str) -> list[str]:
        """The texts of a field of that name, whatever it belongs to."""
        if name in SOURCES:
            return SOURCES[name](self)
        return self._by_name.get(name, [])

    def ids_of(self, name: str) -> list[str]:
        """The ids that a field of that name may hold, going by the paths that have it."""
        for op in OPERATIONS:
            place = "/{" + name.split("_", 1)[-1] + "}", "/{" + name + "}"
            for each in place:
                prefix = op.path[: op.path.find(each)] if each in op.path else ""
                if prefix in self.found:
                    return self._ids(prefix, {})
        return []

    @cached_property
    def some_hidden_ids(self) -> list[str]:
        """One of each list."""
        first = (self._ids(path, {})[:1] for path in self.found)
        return [i for ids in first for i in ids if self.is_hidden("id", i)]

    def of_field(self, path: str, name: str) -> list[str]:
        """The texts of a field of one list."""
        found = {t: None for _, row in self.found[path] for t in texts_of(row.get(name))}
        return self._hidden_first(name, sorted(found))

    def is_hidden(self, name: str, text: str) -> bool:
        """Whether the actor is not shown this text in such a field."""
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
        """Words to search for: some that only hidden records have, and some others."""
        known = {w for texts in self.known.values() for t in texts for w in t.lower().split()}
        every = {w for name in SEARCHED for t in self.texts(name) for w in t.lower().split()}
        hidden = sorted(every - known)
        return hidden[:4] + hidden[-7:] + sorted(every & known)[:3]

    def _hidden_first(self, name: str, texts: list[str]) -> list[str]:
        return sorted(texts, key=lambda text: not self.is_hidden(name, text))

    # ---- Parameters

    def choices(self, op: Op, most: int) -> list[Choice]:
        """Values for each parameter of the query but the controls; at most so many for each."""
        if (op.name, most) not in self.chosen:
            self.chosen[op.name, most] = self._choices(op, most)
        return self.chosen[op.name, most]

    def _choices(self, op: Op, most: int) -> list[Choice]:
        found: list[Choice] = []
        for parameter in op.parameters:
            if parameter["in"] == "query" and not (
                op.kernel.list_of and parameter["name"] in CONTROLS
            ):
                texts = self._values(op, parameter["name"], parameter["schema"])
                ample = 8 if parameter["name"] in QUERIES else most
                found += [Choice(parameter["name"], text) for text in spread(texts, ample)]
        return found

    def _values(self, op: Op, parameter: str, schema: dict[str, Any]) -> list[str]:
        if parameter in QUERIES:
            return QUERIES[parameter](self, op)
        name, _, operator = parameter.partition("__")
        if operator == "isnull" or schema.get("type") == "boolean":
            return ["true", "false"]
        texts = self.of_field(op.path, name) if op.path in self.found else self.texts(name)
        texts = [text for text in texts if len(text) < 100]
        if operator == "in":
            plain = [text for text in texts if "," not in text]
            return [",".join(plain[:3])] if plain else []
        if op.kernel.list_of or (texts and "enum" not in schema):
            # A field that is null everywhere gives nothing to ask for.
            return texts
        if "enum" in schema:
            return list(schema["enum"])
        raise Uncovered(f"{op}: no values are known for ?{parameter}; name some.")


def clients_of(fill: Fill, owners: dict[str, set[str]]) -> list[Client]:
    """Who sees most of what belongs to a record: its owner; else anybody might."""
    everybody = [*OTHERS, MEMBER]
    of_these = set().union(*(owners.get(identity, ()) for identity in fill.values()))
    return [client for client in everybody if client.agency in of_these] or everybody


def spread(texts: list[str], most: int) -> list[str]:
    """The first, which are hidden, and the last, which are not."""
    return texts if len(texts) <= most else [*texts[: most - 1], texts[-1]]


def address(op: Op, fill: Fill) -> str:
    """The path, filled."""
    return op.path.format(**fill)


def listed(pair: Pair, world: World, client: str, op: Op, fill: Fill) -> list[Row]:
    """The rows that a client is shown."""
    asked = Asked.of(client, address(op, fill), query_string={"limit": "200"})
    pair.asked += 1
    answer = pair.answer(world, asked)
    return list(answer.json["items"]) if answer.ok else []


def end_of(pair: Pair, op: Op) -> str:
    """The last event of a feed that the actor is shown."""
    query = {"limit": "200"}
    while True:
        asked = Asked.of(MEMBER.name, op.path, query_string=query)
        body = pair.answer(pair.without, asked).json
        query["after"] = body["items"][-1]["id"]
        if not body["page"]["has_more"]:
            return query["after"]
