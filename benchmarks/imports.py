"""Bulk import: a spreadsheet through the product's own path, beside a bare COPY of the same rows.

The product reads the file, maps its columns, checks and folds every value, looks for what is
there already, writes, and reports. The floor has the finished rows in memory, and writes them.
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
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.operations import capability_lookup, import_systems
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.systems.models import System, SystemCapability, SystemExternalId

TABLES = [
    Base.metadata.tables[m.__tablename__] for m in (System, SystemCapability, SystemExternalId)
]


@dataclass(frozen=True)
class Imported:
    """Rows per second, and the product's as a share of the floor's."""

    rows: int
    product: float
    floor: float
    ratio: float


def measure_imports(app: Flask, conninfo: str, *, rows: int, rounds: int) -> Imported:
    """Import a new agency's systems again and again, by turns with the floor."""
    data = spreadsheet(rows)
    with unit_of_work(app) as context:
        agency_id = context.session.scalars(
            sa.select(Agency.id).order_by(Agency.code).offset(AGENCIES).limit(1)
        ).one()
    product, floor = [], []
    for _ in range(rounds):
        product.append(rows / _by_the_product(app, agency_id, data, rows))
        written = _taken_out(app, conninfo, agency_id)
        floor.append(rows / _by_copy(conninfo, written))
        _taken_out(app, conninfo, agency_id)
    ratio = median(p / f for p, f in zip(product, floor, strict=True))
    return Imported(rows, median(product), median(floor), ratio)


def _by_the_product(app: Flask, agency_id: UUID, data: bytes, rows: int) -> float:
    start = time.perf_counter()
    with unit_of_work(app) as context:
        table = read_table(data)
        mapping = match_columns(table, capability=capability_lookup(context.session))
        agency = context.session.get_one(Agency, agency_id)
        report = import_systems(
            context,
            agency=agency,
            table=table,
            mapping=mapping,
            mode=BulkMode.ATOMIC,
        )
    spent = time.perf_counter() - start
    if report.created != rows:
        raise RuntimeError(f"The import is not what it should be: {report.counts()}")
    return spent


def _by_copy(conninfo: str, written: list[list[tuple[Any, ...]]]) -> float:
    start = time.perf_counter()
    with psycopg.connect(conninfo) as connection:
        for table, records in zip(TABLES, written, strict=True):
            names = ", ".join(column.name for column in table.columns)
            with connection.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for record in records:
                    copy.write_row(record)
    return time.perf_counter() - start


def _taken_out(app: Flask, conninfo: str, agency_id: UUID) -> list[list[tuple[Any, ...]]]:
    """The rows that an agency has in each table, which are deleted. JSON comes as text."""
    found = []
    with psycopg.connect(conninfo) as connection:
        for table in TABLES:
            shown = ", ".join(
                f"{c.name}::text" if isinstance(c.type, sa.JSON) else c.name for c in table.columns
            )
            key = "id" if table.name == "system" else "system_id"
            found.append(
                connection.execute(
                    f"SELECT {shown} FROM {table.name} WHERE {key} IN "
                    "(SELECT id FROM system WHERE agency_id = %s)",
                    [agency_id],
                ).fetchall()
            )
        connection.execute("DELETE FROM system WHERE agency_id = %s", [agency_id])
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE) system")
    return found
