"""Two worlds that are asked the same, and must answer the same."""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from tests.noninterference import (
    differences,
    differences_of_decisions,
    differences_of_overlaps,
    differences_of_programmes,
    differences_of_savings,
)
from tests.noninterference.declaring import DIFFERENCES, TOLD
from tests.noninterference.script import SCRIPT
from tests.noninterference.worlds import BEGINNING, JSON, Answer, Asked, World, at, build
from tests.stores import Run, administer, make_database

AFTERWARDS = BEGINNING + timedelta(hours=6)
AROUND = 100
SERVER_ERROR = 500
DECLARED_IN = (
    differences,
    differences_of_overlaps,
    differences_of_decisions,
    differences_of_programmes,
    differences_of_savings,
)
EVERY_DIFFERENCE = [*DIFFERENCES, *(each.difference for each in TOLD)]


class Leak(AssertionError):
    """An answer that depends on what its actor may not see."""

    def __init__(self, told: str, culprits: Callable[[], list[str]]) -> None:
        super().__init__(told)
        self.told, self.culprits = told, culprits
        self.found: list[str] | None = None

    def __str__(self) -> str:
        # Finding them takes building as many worlds: it is done for who reads it.
        if self.found is None:
            self.found = self.culprits()
        return f"{self.told}\n  what makes the difference: {', '.join(self.found) or 'all of it'}"


@dataclass
class Stage:
    """Where worlds are built on one store, each once, and copied."""

    run: Run
    store: str
    worker: str
    built: dict[frozenset[str], tuple[str, World]] = field(default_factory=dict)

    def template(self, has: frozenset[str]) -> tuple[str, World]:
        """A world that nobody has open, to be copied."""
        if has not in self.built:
            url = make_database(self.run, self.store, self.worker)
            text = url.render_as_string(hide_password=False)
            world = build(World(text, has), SCRIPT, EVERY_DIFFERENCE)
            world.close()
            self.built[has] = text, world
        return self.built[has]

    def copy(self, has: frozenset[str]) -> World:
        """A world of one's own."""
        text, built = self.template(has)
        world = World(self._copied(sa.make_url(text)), has)
        world.ids, world.tokens = dict(built.ids), dict(built.tokens)
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
        """The world without any difference, and one with these (all, unless some are named)."""
        named = frozenset(d.name for d in DIFFERENCES) if has is None else has
        return Pair(self, self.copy(frozenset()), self.copy(named))


_numbers = itertools.count()
Happening = Callable[[World], Any]


@dataclass
class Pair:
    """The two worlds, and what has happened in both since they were copied."""

    stage: Stage
    without: World
    having: World
    happened: list[tuple[str, Happening]] = field(default_factory=list)
    asked: int = 0
    told: frozenset[str] = frozenset()
    """Fields in which they may differ, and with them the entity tag and the length."""

    def close(self) -> None:
        """Let go of both."""
        for world in (self.without, self.having):
            world.close()
            if self.stage.store == "sqlite":
                url = sa.make_url(world.url)
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{url.database}{suffix}").unlink(missing_ok=True)

    def ask(self, asked: Asked, *, compared: bool = True) -> Answer:
        """What both answer. Leak where they differ."""
        self.asked += 1
        if asked.environ["REQUEST_METHOD"] != "GET":
            self.happened.append((str(asked), lambda world: world.ask(asked)))
        answers = [self.answer(world, asked) for world in (self.without, self.having)]
        failed = next((a for a in answers if a.status_code >= SERVER_ERROR), None)
        assert failed is None, f"{asked}\n{failed and failed.text}"
        if compared and self._said(answers[0]) != self._said(answers[1]):
            told = f"{asked}\n{first_difference(answers[0].whole(), answers[1].whole())}"
            raise Leak(told, partial(self._culprits, asked, tuple(self.happened)))
        return answers[0]

    def _said(self, answer: Answer) -> bytes:
        if not self.told or answer.headers.get("Content-Type") != JSON:
            return answer.whole()
        said = orjson.dumps([answer.status_code, _without(answer.json, self.told)])
        return said + answer.headers.get("Link", "").encode()

    def run_jobs(self) -> None:
        """Run the jobs that wait, in both."""
        self.asked += 1
        self.happened.append(("jobs", World.run_jobs))
        for world in (self.without, self.having):
            with at(*self.now()):
                world.run_jobs()

    def answer(self, world: World, asked: Asked) -> Answer:
        """What one of them answers now."""
        with at(*self.now()):
            return world.ask(asked)

    def now(self) -> tuple[Any, str]:
        # Even who only reads may leave a trace: that sensitive fields were shown to it.
        return AFTERWARDS + timedelta(seconds=len(self.happened)), f"ids {self.asked}"

    def _culprits(self, asked: Asked, happened: tuple[tuple[str, Happening], ...]) -> list[str]:
        """Which differences alone suffice, once the same has happened."""
        return self._found(sorted(self.having.has), asked, happened)

    def _found(self, among: list[str], asked: Asked, happened: Any) -> list[str]:
        # By halves: each world takes seconds to build.
        if not among or not self._differs(frozenset(among), asked, happened):
            return []
        half = len(among) // 2
        if not half:
            return among
        halves = among[:half], among[half:]
        return [each for some in halves for each in self._found(some, asked, happened)]

    def _differs(self, has: frozenset[str], asked: Asked, happened: Any) -> bool:
        pair = self.stage.pair(has)
        try:
            for each in happened:
                pair.happened.append(each)
                pair.asked += 1
                for world in (pair.without, pair.having):
                    with at(*pair.now()):
                        each[1](world)
            one, other = (pair.answer(world, asked) for world in (pair.without, pair.having))
            return one.whole() != other.whole()
        finally:
            pair.close()


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {n: _without(inner, names) for n, inner in value.items() if n not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list) else value


def first_difference(one: bytes, other: bytes) -> str:
    """Where two answers part, with what stands around it."""
    bodies = [answer.partition(b"\n\n")[2] for answer in (one, other)]
    if bodies[0] != bodies[1]:
        # Entity tags and lengths only follow.
        one, other = bodies
    place = next(
        (i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y),
        min(len(one), len(other)),
    )
    start = max(0, place - AROUND)
    shown = [a[start : place + AROUND].decode(errors="replace") for a in (one, other)]
    return f"  without, at byte {place}: …{shown[0]!r}\n  having,  at byte {place}: …{shown[1]!r}"
