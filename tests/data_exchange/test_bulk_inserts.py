"""Records written in bulk are equal to records written one by one, with all that belongs to them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.database import Base
from catalogue.core.drafts import draft_of
from catalogue.core.ids import ids_from
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.kinds import record_rows, system_rows
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.operations import ImportOptions, import_table, plan_import
from catalogue.history.audience.settlement import note_reader
from catalogue.history.audit_log import open_change_set_id, tracker_of
from catalogue.history.bulk_inserts import insert_records
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from tests.contexts import acting
from tests.data_exchange.conftest import sheet
from tests.history.recorded_events import run_audit

MOMENT = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
ROWS = 30
"""More than the rows from which the audit log inserts events in bulk."""

CHOICES: dict[str, list[Any]] = {
    "Aliases": ["Old CAD; Früher", "x", None],
    "Product": ["Acme CAD", "ACME  cad", None],
    "Supplier": ["Acme", "Bell", None],
    "Lifecycle": ["Live", "Planned", "Decommissioned"],
    "Live from": ["2020-01-31", "2021-02", None],
    "Hosting": ["SaaS", "On premise", None],
    "Users": ["0", "600", None],
    "Capability": ["E03; E04", "E04", None],
    "Tags": ["red, blue", "1", None],
    "Disclosure": ["owner_only", "all_agencies", None],
    "Description": ["Line\nbreak, “quotes”, \\N and \ttabs", "é" * 9, None],
    "Retention hold": ["yes", "no", None],
    "Cost centre": ["0041", "9", None],
}
COLUMNS = {"attributes.cost_centre": "Cost centre"}


def systems_file(seed: int) -> bytes:
    """Return a file of systems whose cells are chosen at random, some of them left empty."""
    draw = Random(seed)
    rows = [
        [f"CI{i}", f"System {i}", *(draw.choice(each) for each in CHOICES.values())]
        for i in range(ROWS)
    ]
    return sheet(["External id", "Name", *CHOICES], *rows)


RENAMED = sheet(
    ["External id", "Name", "Lifecycle"],
    ["CI1", "Renamed", "Live"],
    ["CI99", "System 1", "Live"],
    ["CI98", "New", "Planned"],
)
"""A file that renames a system, and gives its former name to a new one."""

OTHER_KINDS: dict[str, tuple[list[str], Callable[[int], list[str]]]] = {
    "contracts": (
        ["Reference", "Title", "Supplier", "Systems", "Parties", "Value", "End date", "Notice"],
        lambda i: [f"C{i}", "Radios", f"Acme {i % 3} Ltd", "System 1; System 2",
                   "cambridgeshire-fire", f"£{i}.50", "2030-03-31", "3 months"],
    ),
    "costs": (
        ["System", "Financial year", "Category", "Description", "Amount"],
        lambda i: [f"System {i % 5}", f"20{20 + i % 5}/{21 + i % 5}", "Licence", f"Line {i}", "9k"],
    ),
    "interfaces": (
        ["From system", "To system", "Method", "Data"],
        lambda i: [f"System {i}", f"System {i + 1}", "SFTP", "people; objects"],
    ),
    "uses": (
        ["System", "Agency", "Users"],
        lambda i: [f"System {i}", "cambridgeshire-fire", str(i)],
    ),
    "suppliers": (
        ["Supplier", "Company number", "Aliases"],
        lambda i: [f"Supplier no {i}", f"0123{i:04}", f"S{i}; T{i}"],
    ),
    "products": (
        ["Product", "Supplier", "EOL"],
        lambda i: [f"Product no {i}", "Acme", "2029-03-31"],
    ),
}  # fmt: skip


@contextmanager
def deterministic() -> Iterator[None]:
    """Stop the clock, and count the ids from 1."""
    numbers = count(1)
    with clock.freeze(MOMENT), ids_from(lambda: UUID(int=next(numbers))):
        yield


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables as the transaction sees them."""
    open_change_set_id(session)
    connection = session.connection()
    return {
        table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def audiences(session: Session) -> list[list[dict[str, Any]]]:
    """Return what the feed will show other agencies of who began to see the records."""
    rows = tracker_of(session).rows(session, session.info["history"])
    return [sorted(each, key=repr) for each in (rows.access, rows.visibility)]


def run(session: Session, agency: Agency, kind: ImportKind, data: bytes) -> None:
    """Import a file, in the transaction of the test."""
    columns = COLUMNS if kind is ImportKind.SYSTEMS and b"Cost centre" in data else {}
    options = ImportOptions(kind=kind, source="cmdb", mapping=dict(columns), confirm_renames=True)
    plan = plan_import(session, data, options, agency_id=agency.id)
    report = import_table(
        acting(session), plan, agency=agency, mode=BulkMode.ATOMIC, source="cmdb",
        confirmed=options.confirmed,
    )  # fmt: skip
    assert report.written, report.problems


@contextmanager
def one_by_one() -> Iterator[None]:
    """Let imports add each record to the session, whose flush writes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemWriter, "draft", SystemWriter.create)
        for rows in (system_rows.SystemRows, record_rows.RecordRows):
            patch.setattr(rows, "prepare_inserts", lambda _: None)
        yield


def require_same_contents(session: Session, load: Callable[[], None]) -> None:
    """Load one by one, take that back, load in bulk, and compare all tables."""
    session.commit()
    with deterministic(), one_by_one():
        load()
        expected = contents(session), audiences(session)
    session.rollback()
    with deterministic():
        load()
        found = contents(session), audiences(session)
    assert found == expected
    assert len(found[0]["event"]) > ROWS


@pytest.fixture
def partner(make_agency: Callable[..., Agency]) -> Agency:
    return make_agency("cambridgeshire-fire")


def test_systems_written_in_bulk_equal_systems_written_one_by_one(
    app: Flask, session: Session, agency: Agency
) -> None:
    def load() -> None:
        run(session, agency, ImportKind.SYSTEMS, systems_file(1))
        run(session, agency, ImportKind.SYSTEMS, RENAMED)

    require_same_contents(session, load)
    session.commit()
    verified = run_audit(app, "verify")
    assert verified.exit_code == 0, verified.output


def test_records_of_other_kinds_written_in_bulk_equal_records_written_one_by_one(
    app: Flask, session: Session, agency: Agency, partner: Agency
) -> None:
    note_reader(session, partner.id)
    run(session, agency, ImportKind.SYSTEMS, systems_file(2))

    def load() -> None:
        for kind, (headings, row) in OTHER_KINDS.items():
            run(session, agency, ImportKind(kind), sheet(headings, *map(row, range(ROWS - 1))))

    require_same_contents(session, load)
    session.commit()
    verified = run_audit(app, "verify")
    assert verified.exit_code == 0, verified.output


def test_events_of_a_bulk_insert_disappear_with_a_rolled_back_savepoint(
    session: Session, agency: Agency
) -> None:
    writer = SystemWriter(acting(session), agency.id)
    savepoint = session.begin_nested()
    insert_records(session, [writer.draft({"name": "Gone", "lifecycle": "live"})])
    savepoint.rollback()
    insert_records(session, [writer.draft({"name": "Kept", "lifecycle": "live"})])
    session.commit()
    assert session.scalars(sa.select(System.name)).all() == ["Kept"]


def test_draft_is_refused_by_the_session(session: Session, agency: Agency) -> None:
    with pytest.raises(sa.orm.exc.UnmappedInstanceError):
        session.add(draft_of(System, name="Rota"))
