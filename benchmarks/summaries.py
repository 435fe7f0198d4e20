"""The summary of a large programme beside one record, by the same client on the same server.

A programme of two thousand migrations among fifty thousand systems. What is made here is written
past the product's operations, which would take minutes: reading is measured, and it reads the same.

Alone: asked by one person who waits for it, each time after a change of the programme.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.table import Table

from benchmarks.load import Measured, Request, ask_once, drive, repeating, request_bytes
from benchmarks.records import Stocked
from benchmarks.rounds import CONNECTIONS
from catalogue.contracts.models import CostLine
from catalogue.core import clock
from catalogue.core.ids import new_id
from catalogue.programmes.board.models import Blocker, Milestone, RequiredDecision, Risk
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.systems.models import System, SystemCapability

COPIES = 4
MIGRATIONS = 2_000
WAVES = 12
SEED = 20_261_123
AT_ONCE = 100
"""So many milliseconds are perceived as none. A person waits for this page: it decides, at the 99th
percentile, whether to make the answer each time is quick enough."""
PERSONS = 200

Serve = Callable[[], AbstractContextManager[int]]


@dataclass(frozen=True)
class Summed:
    """Times in milliseconds for each number of connections, at the 50th and the 99th percentile."""

    systems: int
    record: dict[int, tuple[float, float]]
    summary: dict[int, tuple[float, float]]
    alone: tuple[float, float]
    ratios: dict[int, float]
    """Of the 99th percentiles: the median over the rounds."""


def measure_summaries(
    app: Flask, stocked: Stocked, serve: Serve, *, rounds: int, seconds: float
) -> Summed:
    """Multiply the systems, make a programme, and ask for its summary and for records by turns."""
    engine = app.extensions["database"].engine
    multiply_systems(engine)
    with engine.connect() as connection:
        number = connection.scalar(sa.select(sa.func.count()).select_from(System)) or 0
        lead = connection.scalar(sa.select(System.agency_id).where(System.id == stocked.own[0]))
        owned = sa.select(System.id).where(System.agency_id == lead)
        own = list(connection.scalars(owned.order_by(System.id)))
    others = [each for each in stocked.visible if each not in set(own)]
    programme, blocker = make_programme(engine, lead, [*own[: MIGRATIONS // 2], *others])
    asking = _Asking(stocked, programme, blocker)
    with serve() as port:
        return asking.measure(port, rounds=rounds, seconds=seconds, systems=number)


class _Asking:
    """The requests, as a client of the lead agency sends them."""

    def __init__(self, stocked: Stocked, programme: UUID, blocker: UUID) -> None:
        self._headers = {"Authorization": f"Bearer {stocked.token}", "Accept": "application/json"}
        self._summary = self._get(f"/v1/programmes/{programme}/summary")
        self._records = [self._get(f"/v1/systems/{each}") for each in stocked.visible[:500]]
        self._of_it = f"/v1/blockers/{blocker}"

    def measure(self, port: int, *, rounds: int, seconds: float, systems: int) -> Summed:
        """Records and summaries by turns, so that both find the machine alike."""
        sides = {"record": self._records, "summary": [self._summary]}
        runs: dict[str, dict[int, list[Measured]]] = {
            name: {connections: [] for connections in CONNECTIONS} for name in sides
        }
        for _ in range(rounds):
            for connections in CONNECTIONS:
                for name, asked in sides.items():
                    made = _spread(asked, connections)
                    drive(port, made(), seconds=seconds / 2)
                    runs[name][connections].append(drive(port, made(), seconds=seconds))
        ratios = {
            connections: median(
                ours.percentile(0.99) / theirs.percentile(0.99)
                for ours, theirs in zip(
                    runs["summary"][connections], runs["record"][connections], strict=True
                )
            )
            for connections in CONNECTIONS
        }
        return Summed(
            systems=systems,
            record={n: _times(each) for n, each in runs["record"].items()},
            summary={n: _times(each) for n, each in runs["summary"].items()},
            alone=self._after(port, self._of_it, "title", times=PERSONS),
            ratios=ratios,
        )

    def _after(self, port: int, path: str, field: str, *, times: int) -> tuple[float, float]:
        """The times of the first summary after each of so many changes."""
        taken = []
        for _ in range(times):
            self._change(port, path, field)
            begun = time.perf_counter()
            ask_once(port, self._summary)
            taken.append((time.perf_counter() - begun) * 1000)
        return median(taken), sorted(taken)[int(len(taken) * 0.99)]

    def _change(self, port: int, path: str, field: str) -> None:
        head, _, body = ask_once(port, self._get(path)).partition(b"\r\n\r\n")
        named = (line.partition(b":") for line in head.split(b"\r\n"))
        etag = next(value.strip() for name, _, value in named if name.lower() == b"etag")
        changed = {field: f"Changed {time.perf_counter_ns()}, not {orjson.loads(body)['id']}."}
        headers = self._headers | {
            "Content-Type": "application/merge-patch+json",
            "If-Match": etag.decode(),
        }
        ask_once(port, request_bytes("PATCH", path, headers=headers, body=orjson.dumps(changed)))

    def _get(self, path: str) -> bytes:
        return request_bytes("GET", path, headers=self._headers)


def _spread(requests: list[bytes], connections: int) -> Callable[[], list[Request]]:
    apart = len(requests) // connections
    return lambda: [repeating(requests, start=i * apart) for i in range(connections)]


def _times(runs: list[Measured]) -> tuple[float, float]:
    p50, p99 = (median(run.percentile(share) for run in runs) for share in (0.5, 0.99))
    return p50, p99


def print_summaries(summed: Summed) -> None:
    """The table, and whether a person would have to wait."""
    table = Table(
        title=f"Summary of {MIGRATIONS:,} migrations among {summed.systems:,} systems, ms",
        title_justify="left",
    )
    columns = ("connections", "one record", "summary", "p99 ratio")
    for column in columns:
        table.add_column(column, justify="right")
    for connections, ratio in summed.ratios.items():
        sides = (summed.record, summed.summary)
        record, summary = ("{:.1f} / {:.1f}".format(*side[connections]) for side in sides)
        table.add_row(str(connections), record, summary, f"{ratio:.1f}")
    console = Console(highlight=False, width=max(96, Console().width))
    console.print(table)
    console.print(
        "p50 / p99. For one person, after a change of the programme: {:.1f} / {:.1f}. ".format(
            *summed.alone
        )
        + f"At most {AT_ONCE} ms: "
        + ("yes." if summed.alone[1] <= AT_ONCE else "NO.")
    )


def multiply_systems(engine: sa.Engine) -> None:
    """Copy every system four times over, with what it serves."""
    kept = [c.key for c in System.__table__.c if c.key not in {"id", "name", "name_key"}]
    columns = ", ".join(kept)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO system (id, name, name_key, {columns}) "
            f"SELECT md5(id::text || n)::uuid, name || ' ' || n, name_key || ' ' || n, {columns} "
            f"FROM system, generate_series(1, {COPIES}) n"
        )
        table = SystemCapability.__tablename__
        connection.exec_driver_sql(
            f"INSERT INTO {table} (system_id, capability_id) "
            f"SELECT md5(system_id::text || n)::uuid, capability_id "
            f"FROM {table}, generate_series(1, {COPIES}) n"
        )


def make_programme(engine: sa.Engine, lead: Any, systems: list[UUID]) -> tuple[UUID, UUID]:
    """A programme in the middle of its work: some has moved, some is late or blocked. It, and one
    of its blockers.
    """
    random, today = Random(SEED), clock.today()
    programme, waves = new_id(), [new_id() for _ in range(WAVES)]
    common = {"programme_id": programme}
    chosen = systems[:MIGRATIONS]
    moves = [_migration(random, system, waves, today) | common for system in chosen]
    concerned = [None, *(move["id"] for move in moves)]

    def some(number: int, **fields: Any) -> list[dict[str, Any]]:
        return [
            _entity(migration_id=random.choice(concerned), **fields) | common for _ in range(number)
        ]

    risks = some(300, title="Risk", status="open", raised_on=today, status_since=today)
    for risk in risks:
        risk |= {"probability": random.randint(1, 5), "impact": random.randint(1, 5)}
    rows: dict[Any, list[dict[str, Any]]] = {
        Programme: [
            _entity(agency_id=lead, title="A merger", status="active", search_text="a merger")
            | {"id": programme}
        ],
        Wave: [
            _entity(name=f"Wave {n}", name_key=f"wave {n}", position=n) | {"id": wave} | common
            for n, wave in enumerate(waves, 1)
        ],
        Migration: moves,
        Risk: risks,
        Blocker: some(100, title="Blocker", raised_on=today),
        Milestone: some(30, name="Milestone", planned_date=today - timedelta(days=1)),
        RequiredDecision: some(30, question="What now?", status="open"),
        CostLine: list(_costs(random, chosen)),
    }
    with engine.begin() as connection:
        for model, values in rows.items():
            connection.execute(sa.insert(model.__table__), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")
    return programme, rows[Blocker][0]["id"]


def _entity(**fields: Any) -> dict[str, Any]:
    moment = clock.now()
    return {"id": new_id(), "created_at": moment, "updated_at": moment, "revision": 1} | fields


def _migration(random: Random, system: UUID, waves: list[UUID], today: date) -> dict[str, Any]:
    stage = random.choice(tuple(MigrationStage))
    planned = today + timedelta(days=random.randrange(-200, 400))
    moved = stage in {MigrationStage.EARLY_LIFE_SUPPORT, MigrationStage.COMPLETE}
    return _entity(
        system_id=system,
        wave_id=random.choice([*waves, None]),
        strategy="repurchase",
        stage=stage,
        planned_date=planned,
        forecast_date=planned + timedelta(days=random.randrange(-30, 60)),
        actual_date=min(planned, today) if moved else None,
        next_update_due=today + timedelta(days=random.randrange(-10, 40)),
    )


def _costs(random: Random, systems: list[UUID]) -> Iterator[dict[str, Any]]:
    for system in systems:
        for year in ("2024-25", "2025-26"):
            yield _entity(
                system_id=system,
                financial_year=year,
                category="recurring_revenue",
                description_key="",
                amount=random.randrange(1_000, 500_000),
                currency="GBP",
            )
