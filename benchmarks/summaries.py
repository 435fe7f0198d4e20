"""The summary of a large programme compared with one record, on the same server.

The programme has 2,000 migrations among 50,000 systems. SQL writes it directly, because the
product's operations would take minutes. The reads that are measured are the same either way.
"Alone" is one person who waits for the summary, each time after a change to the programme.
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

from benchmarks.load import Measured, drive, entity_tag_of, request_bytes, request_once, spread
from benchmarks.records import TestData
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
INSTANT_MILLISECONDS = 100
"""The time that people perceive as instant. Computing each summary is fast enough if the 99th
percentile stays within it."""
REPEATS = 200

Serve = Callable[[], AbstractContextManager[int]]


@dataclass(frozen=True)
class SummaryTimes:
    """Times in milliseconds for each number of connections, at the 50th and the 99th percentile."""

    systems: int
    record: dict[int, tuple[float, float]]
    summary: dict[int, tuple[float, float]]
    alone: tuple[float, float]
    ratios: dict[int, float]
    """The median over the rounds of the ratios of the 99th percentiles."""


def measure_summaries(
    app: Flask, data: TestData, serve: Serve, *, rounds: int, seconds: float
) -> SummaryTimes:
    """Copy the systems, create a programme, and read its summary and records in turns."""
    engine = app.extensions["database"].engine
    multiply_systems(engine)
    with engine.connect() as connection:
        number = connection.scalar(sa.select(sa.func.count()).select_from(System)) or 0
        lead = connection.scalar(sa.select(System.agency_id).where(System.id == data.own[0]))
        owned = sa.select(System.id).where(System.agency_id == lead)
        own = list(connection.scalars(owned.order_by(System.id)))
    others = [each for each in data.visible if each not in set(own)]
    programme, blocker = make_programme(engine, lead, [*own[: MIGRATIONS // 2], *others])
    client = _SummaryClient(data, programme, blocker)
    with serve() as port:
        return client.measure(port, rounds=rounds, seconds=seconds, systems=number)


class _SummaryClient:
    """A client of the lead agency that reads summaries and records."""

    def __init__(self, data: TestData, programme: UUID, blocker: UUID) -> None:
        self._headers = {"Authorization": f"Bearer {data.token}", "Accept": "application/json"}
        self._summary = self._get(f"/v1/programmes/{programme}/summary")
        self._records = [self._get(f"/v1/systems/{each}") for each in data.visible[:500]]
        self._blocker_path = f"/v1/blockers/{blocker}"

    def measure(self, port: int, *, rounds: int, seconds: float, systems: int) -> SummaryTimes:
        """Read records and summaries in turns, so that both meet the same load on the machine."""
        sides = {"record": self._records, "summary": [self._summary]}
        runs: dict[str, dict[int, list[Measured]]] = {
            name: {connections: [] for connections in CONNECTIONS} for name in sides
        }
        for _ in range(rounds):
            for connections in CONNECTIONS:
                for name, requests in sides.items():
                    drive(port, spread(requests, connections), seconds=seconds / 2)
                    run = drive(port, spread(requests, connections), seconds=seconds)
                    runs[name][connections].append(run)
        ratios = {
            connections: median(
                summary.percentile(0.99) / record.percentile(0.99)
                for summary, record in zip(
                    runs["summary"][connections], runs["record"][connections], strict=True
                )
            )
            for connections in CONNECTIONS
        }
        return SummaryTimes(
            systems=systems,
            record={n: _times(each) for n, each in runs["record"].items()},
            summary={n: _times(each) for n, each in runs["summary"].items()},
            alone=self._after_changes(port),
            ratios=ratios,
        )

    def _after_changes(self, port: int) -> tuple[float, float]:
        """Return the median and 99th percentile of the first summary after each change."""
        durations = []
        for _ in range(REPEATS):
            self._change_blocker(port)
            start = time.perf_counter()
            request_once(port, self._summary)
            durations.append((time.perf_counter() - start) * 1000)
        return median(durations), sorted(durations)[int(len(durations) * 0.99)]

    def _change_blocker(self, port: int) -> None:
        path = self._blocker_path
        headers = self._headers | {
            "Content-Type": "application/merge-patch+json",
            "If-Match": entity_tag_of(request_once(port, self._get(path))),
        }
        body = orjson.dumps({"title": f"Changed at {time.perf_counter_ns()}"})
        request_once(port, request_bytes("PATCH", path, headers=headers, body=body))

    def _get(self, path: str) -> bytes:
        return request_bytes("GET", path, headers=self._headers)


def _times(runs: list[Measured]) -> tuple[float, float]:
    p50, p99 = (median(run.percentile(share) for run in runs) for share in (0.5, 0.99))
    return p50, p99


def print_summaries(summary_times: SummaryTimes) -> None:
    """Print the table, and whether the summary feels instant to a person."""
    table = Table(
        title=f"Summary of {MIGRATIONS:,} migrations among {summary_times.systems:,} systems, ms",
        title_justify="left",
    )
    columns = ("connections", "one record", "summary", "p99 ratio")
    for column in columns:
        table.add_column(column, justify="right")
    for connections, ratio in summary_times.ratios.items():
        sides = (summary_times.record, summary_times.summary)
        record, summary = ("{:.1f} / {:.1f}".format(*side[connections]) for side in sides)
        table.add_row(str(connections), record, summary, f"{ratio:.1f}")
    console = Console(highlight=False, width=max(96, Console().width))
    console.print(table)
    console.print(
        "p50 / p99. For one person after a change to the programme: {:.1f} / {:.1f}. ".format(
            *summary_times.alone
        )
        + f"Within {INSTANT_MILLISECONDS} ms: "
        + ("yes." if summary_times.alone[1] <= INSTANT_MILLISECONDS else "NO.")
    )


def multiply_systems(engine: sa.Engine) -> None:
    """Copy every system four times, with its capabilities."""
    copied = [c.key for c in System.__table__.c if c.key not in {"id", "name", "name_key"}]
    columns = ", ".join(copied)
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
    """Create a programme in mid-course, and return its id and that of one of its blockers.

    Some migrations are complete, and some are late or blocked.
    """
    random, today = Random(SEED), clock.today()
    programme, waves = new_id(), [new_id() for _ in range(WAVES)]
    common = {"programme_id": programme}
    chosen = systems[:MIGRATIONS]
    migrations = [_migration(random, system, waves, today) | common for system in chosen]
    migration_ids = [None, *(migration["id"] for migration in migrations)]

    def board_records(number: int, **fields: Any) -> list[dict[str, Any]]:
        return [
            _entity(migration_id=random.choice(migration_ids), **fields) | common
            for _ in range(number)
        ]

    risks = board_records(300, title="Risk", status="open", raised_on=today, status_since=today)
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
        Migration: migrations,
        Risk: risks,
        Blocker: board_records(100, title="Blocker", raised_on=today),
        Milestone: board_records(30, name="Milestone", planned_date=today - timedelta(days=1)),
        RequiredDecision: board_records(30, question="Which supplier?", status="open"),
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
