"""Fixtures: an agency with capabilities, and an import in one call."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.capabilities.operations import load_capabilities
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange import sandbox
from catalogue.data_exchange.commands import import_file
from catalogue.data_exchange.kinds.systems import SYSTEMS
from catalogue.data_exchange.known_headings import known_headings
from catalogue.data_exchange.operations import import_table, plan_table
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.systems.models import System
from tests.contexts import acting
from tests.steps import Steps


@pytest.fixture(autouse=True)
def patient_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give workbooks as much time as a busy machine needs. Processor time stays limited."""
    monkeypatch.setattr(sandbox, "LONGEST_SECONDS", 600)


def sheet(*rows: Sequence[Any]) -> bytes:
    """Return rows as a CSV file."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


@pytest.fixture
def agency(session: Session, make_agency: Callable[..., Agency], steps: Steps) -> Agency:
    """The importing agency, with the capabilities of the reference data."""

    def prepare() -> UUID:
        load_capabilities(session)
        return make_agency("bedfordshire-police").id

    importing_agency = session.get_one(Agency, steps.take(session, "importing agency", prepare))
    session.commit()
    return importing_agency


@pytest.fixture
def load(session: Session, agency: Agency) -> Callable[..., ImportReport]:
    """`load(sheet([...], ...), mode="partial")`: the report on the rows."""

    def run(
        data: bytes,
        *,
        mode: str = "atomic",
        columns: dict[str, str | None] | None = None,
        agency: Agency = agency,
        values: dict[str, dict[str, str | None]] | None = None,
        source: str | None = "cmdb",
        **options: Any,
    ) -> ImportReport:
        field_of = known_headings(SYSTEMS.fields, columns)
        table = read_table(data, field_of=field_of)
        plan = plan_table(session, table, columns, kind=SYSTEMS, values=values)
        report = import_table(
            acting(session),
            plan,
            agency=agency,
            mode=BulkMode(mode),
            source=source,
            **options,
        )
        session.commit()
        session.expire_all()
        return report

    return run


Report = dict[str, Any]


def notices(report: Report, code: str) -> list[tuple[Any, Any]]:
    """Return the row and value of each notice with this code."""
    return [(n["row"], n["value"]) for n in report["notices"] if n["code"] == code]


@pytest.fixture
def load_file(
    app: Flask, agency: Agency, session: Session, tmp_path: Path
) -> Callable[..., Report]:
    """`load_file(data, "--sheet", "2")`: the report of the command on that content."""
    code = agency.code

    def command(data: bytes | str, *options: str, name: str = "systems.csv") -> Report:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        session.commit()
        with app.app_context():
            arguments = [str(path), "--agency", code, "--json", *options]
            result = CliRunner().invoke(import_file, arguments)
        session.expire_all()
        report: Report = orjson.loads(result.stdout)
        return report

    return command


@pytest.fixture
def systems(session: Session, agency: Agency) -> Callable[[], dict[str, System]]:
    """Return the agency's systems by name."""

    def by_name() -> dict[str, System]:
        session.expire_all()
        query = sa.select(System).where(System.agency_id == agency.id).order_by(System.name)
        return {system.name: system for system in session.scalars(query)}

    return by_name


@pytest.fixture
def load_kind(load_file: Callable[..., Report]) -> Callable[..., Report]:
    """`load_kind("contracts", rows, "--mode", "partial")`: the report of the command."""

    def command(kind: str, rows: Sequence[Sequence[Any]] | bytes, *options: str) -> Report:
        data = rows if isinstance(rows, bytes) else sheet(*rows)
        return load_file(data, "--kind", kind, *options, name=f"{kind}.csv")

    return command


def outcome(report: Report) -> tuple[int, int, int, int]:
    """Return the numbers of created, updated, unchanged and rejected rows."""
    names = ("created", "updated", "unchanged", "rejected")
    return tuple(report[name] for name in names)  # type: ignore[return-value]


def remarks(report: Report, which: str = "problems") -> list[tuple[Any, Any, Any]]:
    """Return the row, field and code of each problem, or of each notice."""
    return [(each["row"], each["field"], each["code"]) for each in report[which]]
