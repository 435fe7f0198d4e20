"""Two worlds that receive the same requests, and must return the same responses."""

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import sqlalchemy as sa
from flask import Flask

from catalogue.core.jobs.worker import run_waiting
from tests.copies import Copy
from tests.noninterference import (
    differences,
    differences_custom_fields,
    differences_decisions,
    differences_deletions,
    differences_overlaps,
    differences_programmes,
    differences_savings,
    differences_webhooks,
)
from tests.noninterference.declarations import ALLOWED, DIFFERENCES
from tests.noninterference.scenario import SCENARIO
from tests.noninterference.worlds import BEGINNING, JSON, Answer, Request, World, at, build
from tests.stores import Run, administer, make_database

AFTERWARDS = BEGINNING + timedelta(hours=6)
AROUND = 100
SERVER_ERROR = 500
NEVER = (0, 0)
PARTS = 3
"""The plain run reads one of so many parts of all lists after a write."""
SMALL = 8_000
"""The size in bytes up to which a response is kept, in case the request comes again."""
DECLARED_IN = (
    differences,
    differences_custom_fields,
    differences_overlaps,
    differences_decisions,
    differences_deletions,
    differences_programmes,
    differences_savings,
    differences_webhooks,
)
EVERY_DIFFERENCE = [*DIFFERENCES, *(each.difference for each in ALLOWED)]


class Leak(AssertionError):
    """A response that depends on a record that the actor cannot see."""

    def __init__(self, message: str, find_causes: Callable[[], list[str]]) -> None:
        super().__init__(message)
        self.message, self.find_causes = message, find_causes
        self.names: list[str] | None = None

    def __str__(self) -> str:
        # The search builds many worlds, so it runs only when somebody reads the message.
        if self.names is None:
            self.names = self.find_causes()
        hidden = ", ".join(self.names) or "all differences together"
        return f"{self.message}\n  caused by: {hidden}"


@dataclass(frozen=True)
class Template:
    """A finished world: its database, and the ids and tokens of its records."""

    url: str
    ids: dict[str, str]
    tokens: dict[str, str]
    cookies: dict[str, str]
    digests: dict[str, str]


@dataclass
class WorldBuilder:
    """The builder of the worlds on one store, which builds each once and copies it."""

    run: Run
    store: str
    worker: str
    built: dict[frozenset[str], Template] = field(default_factory=dict)
    rows: dict[frozenset[str], Copy] = field(default_factory=dict)
    """The rows of worlds on PostgreSQL, to restore their copies."""
    alike: dict[str, frozenset[str]] = field(default_factory=dict)
    """Requests with the same response in both fresh worlds, and the tables that each one read."""

    def template(self, has: frozenset[str]) -> Template:
        """Return a closed world to copy. All workers of the run share it."""
        if has not in self.built:
            name = blake2b("/".join(sorted(has)).encode(), digest_size=8).hexdigest()
            with self.run.lock(f"world-{self.store}-{name}"):
                file = Path(self.run.directory, f"world-{self.store}-{name}.json")
                if not file.exists():
                    file.write_bytes(orjson.dumps(self._build(has)))
                self.built[has] = Template(**orjson.loads(file.read_bytes()))
        return self.built[has]

    def _build(self, has: frozenset[str]) -> Template:
        url = make_database(self.run, self.store, self.worker)
        text = url.render_as_string(hide_password=False)
        world = build(World(text, has), SCENARIO, EVERY_DIFFERENCE)
        digests = world.fingerprints()
        world.close()
        return Template(text, dict(world.ids), world.tokens, world.cookies, digests)

    def copy(self, has: frozenset[str]) -> World:
        """Return a copy of a world that a test can change."""
        template = self.template(has)
        world = World(self._copied(sa.make_url(template.url)), has, template.url)
        world.ids, world.tokens = dict(template.ids), dict(template.tokens)
        world.cookies = dict(template.cookies)
        world.copied = template.digests
        if self.store == "postgresql":
            if has not in self.rows:
                self.rows[has] = world.rows()
            world.original = self.rows[has]
        return world

    def _copied(self, template: sa.URL) -> str:
        number = next(_numbers)
        if self.store == "sqlite":
            path = Path(self.run.directory, f"{self.worker}_copy_{number}.db")
            shutil.copy(str(template.database), path)
            return f"sqlite:///{path}"
        name = f"{self.run.token}_{self.worker}_copy_{number}"
        with self.run.lock("create-database"):
            administer(
                self.run.server_url(), f'CREATE DATABASE "{name}" TEMPLATE "{template.database}"'
            )
        return template.set(database=name).render_as_string(hide_password=False)

    def pair(self, has: frozenset[str] | None = None) -> "Pair":
        """Return the world without differences, and one with these (all, if `has` is None)."""
        named = frozenset(d.name for d in DIFFERENCES) if has is None else has
        if self.worker.endswith(tuple("13579")):
            # Two workers start together, so each of them builds one of the two worlds first.
            self.template(named)
        return Pair(self, self.copy(frozenset()), self.copy(named), remembers=has is None)

    def pair_with_one(self, name: str) -> "Pair":
        """Return a pair with one difference, which sends only requests that can show it."""
        pair = self.pair(frozenset({name}))
        pair.remembers, copied = True, (pair.without.copied, pair.having.copied)
        pair.apart = frozenset(table for table in copied[0] if copied[0][table] != copied[1][table])
        return pair


_numbers = itertools.count()
Event = Callable[[World], Any]


@dataclass(frozen=True)
class Known:
    """A response of both worlds, the tables that it read, and its moment in each world."""

    answer: Answer
    tables: frozenset[str]
    moments: tuple[int, ...]


@dataclass
class Pair:
    """The two worlds, and everything that was written in both since they were copied."""

    builder: WorldBuilder
    without: World
    having: World
    events: list[tuple[str, Event]] = field(default_factory=list)
    sent_count: int = 0
    allowed_fields: frozenset[str] = frozenset()
    """Fields that are allowed to differ, and with them the entity tag and the length."""
    remembers: bool = True
    """True to skip requests whose response cannot have changed since they were last sent."""
    known: dict[str, Known] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    """The tables that differ between the two worlds, in a pair with one difference."""
    changed: frozenset[str] | None = None
    """The tables of either world that differ from the copy, set while lists are reread."""

    def close(self) -> None:
        """Close both worlds, and remove their databases."""
        for world in self.worlds:
            world.close()
            if self.builder.store == "sqlite":
                url = sa.make_url(world.url)
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{url.database}{suffix}").unlink(missing_ok=True)

    @property
    def worlds(self) -> tuple[World, World]:
        return self.without, self.having

    def restore(self) -> None:
        """Undo everything that was written since the worlds were copied."""
        for world in self.worlds:
            world.restore()
        self.known.clear()
        self.events.clear()
        self.sent_count, self.changed = 0, None

    def ask(self, request: Request, *, compared: bool = True) -> Answer:
        """Send a request to both worlds, and return the response. Raise Leak if they differ."""
        key = str(request)
        known = self.known.get(key) if self.remembers and request.is_read else None
        if known and self._unchanged(known.tables, known.moments):
            return known.answer
        self.sent_count += 1
        if not request.is_read:
            self.events.append((str(request), lambda world: world.ask(request)))
        for world in self.worlds:
            world.tables.looked_at.clear()
        answers = [self.answer(world, request) for world in self.worlds]
        failed = next((a for a in answers if a.status_code >= SERVER_ERROR), None)
        assert failed is None, f"{request}\n{failed and failed.text}"
        if compared and self._compared(answers[0]) != self._compared(answers[1]):
            message = f"{request}\n{first_difference(answers[0].whole(), answers[1].whole())}"
            raise Leak(message, partial(self._find_causes, request, tuple(self.events)))
        if compared and request.is_read and self.remembers:
            self._remember(request, answers[0])
        return answers[0]

    def _remember(self, request: Request, answer: Answer) -> None:
        tables = frozenset().union(*(world.tables.looked_at for world in self.worlds))
        unwritten = self._unchanged(tables, NEVER)
        if self.apart:
            pass  # the response can differ where that is allowed
        elif unwritten or (self.changed is not None and tables.isdisjoint(self.changed)):
            self.builder.alike[str(request)] = tables
        if len(answer.data) <= SMALL:
            moments = tuple(world.tables.moment for world in self.worlds)
            self.known[str(request)] = Known(answer, tables, moments)

    def _unchanged(self, tables: frozenset[str], since: tuple[int, ...]) -> bool:
        both = zip(self.worlds, since, strict=True)
        return all(world.tables.unchanged(tables, moment) for world, moment in both)

    def ask_if_changed(self, requests: Iterable[Request], turn: int | None = None) -> None:
        """Send the requests whose response can differ from that of the fresh worlds.

        With a turn, send only a third of them. The next two turns send the others.
        """
        written = self.without.changed_tables() | self.having.changed_tables()
        self.changed = written | self.apart
        for request in requests:
            tables = self.builder.alike.get(str(request)) if self.remembers else None
            same = tables is not None and tables.isdisjoint(self.changed)
            if not same and (turn is None or _part(request) == turn % PARTS):
                self.ask(request)
        self.changed = None

    @contextmanager
    def forgetful(self) -> Iterator[None]:
        """Send every request again, because a rule of the product is broken meanwhile."""
        before, self.remembers = self.remembers, False
        try:
            yield
        finally:
            self.remembers = before

    def _compared(self, answer: Answer) -> bytes:
        if not self.allowed_fields or answer.headers.get("Content-Type") != JSON:
            return answer.whole()
        body = orjson.dumps([answer.status_code, _without(answer.json, self.allowed_fields)])
        return body + answer.headers.get("Link", "").encode()

    def run_jobs(self) -> None:
        """Run the waiting jobs in both worlds."""
        self.run_in_apps(run_waiting)

    def run_in_apps(self, step: Callable[[Flask], Any]) -> None:
        """Run a step of the worker in both worlds."""
        self.sent_count += 1
        self.events.append(("a step of the worker", lambda world: step(world.app)))
        for world in self.worlds:
            with at(*self.now()):
                step(world.app)

    def answer(self, world: World, request: Request) -> Answer:
        """Return the response of one of the worlds."""
        with at(*self.now()):
            return world.ask(request)

    def now(self) -> tuple[Any, str]:
        # A read can write too: the access log records reads of sensitive fields.
        return AFTERWARDS + timedelta(seconds=len(self.events)), f"ids {self.sent_count}"

    def _find_causes(self, request: Request, events: tuple[tuple[str, Event], ...]) -> list[str]:
        """Find the differences that cause the leak alone, after the same earlier requests."""
        return self._narrow(sorted(self.having.has), request, events)

    def _narrow(self, among: list[str], request: Request, events: Any) -> list[str]:
        # Halving saves worlds, each of which takes seconds to build.
        if not among or not self._differs(frozenset(among), request, events):
            return []
        half = len(among) // 2
        if not half:
            return among
        halves = among[:half], among[half:]
        return [each for some in halves for each in self._narrow(some, request, events)]

    def _differs(self, has: frozenset[str], request: Request, events: Any) -> bool:
        pair = self.builder.pair(has)
        try:
            for each in events:
                pair.events.append(each)
                pair.sent_count += 1
                for world in (pair.without, pair.having):
                    with at(*pair.now()):
                        each[1](world)
            one, other = (pair.answer(world, request) for world in (pair.without, pair.having))
            return one.whole() != other.whole()
        finally:
            pair.close()


def _part(request: Request) -> int:
    """Return the part of all requests, by its number, that a request belongs to."""
    return crc32(request.environ["PATH_INFO"].encode()) % PARTS


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {n: _without(inner, names) for n, inner in value.items() if n not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list) else value


def first_difference(one: bytes, other: bytes) -> str:
    """Return the first place where two responses differ, with the text around it."""
    bodies = [answer.partition(b"\n\n")[2] for answer in (one, other)]
    if bodies[0] != bodies[1]:
        # Differences of entity tags and lengths only follow from the body.
        one, other = bodies
    place = next(
        (i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y),
        min(len(one), len(other)),
    )
    start = max(0, place - AROUND)
    shown = [a[start : place + AROUND].decode(errors="replace") for a in (one, other)]
    return f"  without, at byte {place}: …{shown[0]!r}\n  having,  at byte {place}: …{shown[1]!r}"
