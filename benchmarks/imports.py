"""Import of a spreadsheet by the product, compared with a bare COPY of the same rows.

The product reads the file, maps its columns, checks and folds every value, looks up existing
records, writes, and reports. The floor only writes finished rows from memory.
"""

import time
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from flask import Flask

from benchmarks.records import AGENCIES, spreadsheet
from catalogue.agencies.models import Agency
from catalogue.core.application import unit_of_work
from catalogue.core.database import Base
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.kinds.systems import SYSTEMS
from catalogue.data_exchange.operations import import_table, plan_table
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.systems.models import System, SystemCapability, SystemExternalId

TABLES = [
    Base.metadata.tables[m.__tablename__] for m in (System, SystemCapability, SystemExternalId)
]


@dataclass(frozen=True)
class ImportRates:
    """Rows per second of both sides, and the product's rate as a share of the floor's."""

    rows: int
    product: float
    floor: float
    ratio: float


def measure_imports(app: Flask, conninfo: str, *, rows: int, rounds: int) -> ImportRates:
    """Import the systems of a new agency repeatedly, in turns with the floor."""
    data = spreadsheet(rows)
    with unit_of_work(app) as context:
        agency_id = context.session.scalars(
            sa.select(Agency.id).order_by(Agency.code).offset(AGENCIES).limit(1)
        ).one()
    product, floor = [], []
    for _ in range(rounds):
        product.append(rows / _import_by_product(app, agency_id, data, rows))
        finished = _remove_rows(app, conninfo, agency_id)
        floor.append(rows / _import_by_copy(conninfo, finished))
        _remove_rows(app, conninfo, agency_id)
    ratio = median(p / f for p, f in zip(product, floor, strict=True))
    return ImportRates(rows, median(product), median(floor), ratio)


def _import_by_product(app: Flask, agency_id: UUID, data: bytes, rows: int) -> float:
    start = time.perf_counter()
    with unit_of_work(app) as context:
        plan = plan_table(context.session, read_table(data), kind=SYSTEMS)
        agency = context.session.get_one(Agency, agency_id)
        report = import_table(
            context,
            plan,
            agency=agency,
            mode=BulkMode.ATOMIC,
            source="benchmark",
        )
    spent = time.perf_counter() - start
    if report.created != rows:
        raise RuntimeError(f"The import did not create {rows} records: {report.counts()}")
    return spent


def _import_by_copy(conninfo: str, finished: list[list[tuple[Any, ...]]]) -> float:
    start = time.perf_counter()
    with psycopg.connect(conninfo) as connection:
        for table, records in zip(TABLES, finished, strict=True):
            names = ", ".join(column.name for column in table.columns)
            with connection.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for record in records:
                    copy.write_row(record)
    return time.perf_counter() - start


def _remove_rows(app: Flask, conninfo: str, agency_id: UUID) -> list[list[tuple[Any, ...]]]:
    """Delete the rows of an agency from each table, and return them, with JSON as text."""
    rows = []
    with psycopg.connect(conninfo) as connection:
        for table in TABLES:
            columns = ", ".join(
                f"{c.name}::text" if isinstance(c.type, sa.JSON) else c.name for c in table.columns
            )
            key = "id" if table.name == "system" else "system_id"
            rows.append(
                connection.execute(
                    f"SELECT {columns} FROM {table.name} WHERE {key} IN "
                    "(SELECT id FROM system WHERE agency_id = %s)",
                    [agency_id],
                ).fetchall()
            )
        connection.execute("DELETE FROM system WHERE agency_id = %s", [agency_id])
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE) system")
    return rows
