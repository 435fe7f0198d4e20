"""A process that is killed in the middle of an import leaves nothing half-written."""

import io
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.jobs.models import Job
from catalogue.data_exchange.report import ImportReport
from catalogue.systems.models import System
from tests.data_exchange.conftest import sheet
from tests.stores import ROOT, Store

ROWS = sheet(["Ref", "Name"], *[[f"A{i}", f"System {i}"] for i in range(1500)])

IMPORT = """
import sys, time
from catalogue.agencies.operations import find_agency
from catalogue.app import create_app
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.config import Settings
from catalogue.core.application import unit_of_work
from catalogue.data_exchange.kinds.systems import SYSTEMS
from catalogue.data_exchange.operations import import_table, plan_table
from catalogue.data_exchange.spreadsheets.tables import read_table

def halfway(done, total):
    print("half", flush=True)
    time.sleep(60)

app = create_app(Settings(database_url=sys.argv[1]))
table = read_table(sys.stdin.buffer.read())
with unit_of_work(app) as context:
    import_table(
        context, plan_table(context.session, table, kind=SYSTEMS),
        agency=find_agency(context.session, "bedfordshire-police"),
        source="cmdb", mode=BulkMode.ATOMIC, progress=halfway,
    )
"""
JOB = """
import sys, time
from catalogue.app import create_app
from catalogue.core.config import Settings
from catalogue.core.application import database, ports
from catalogue.core.jobs.operations import JobContext, run_next

def halfway(context, done, total=None):
    print("half", flush=True)
    time.sleep(60)

JobContext.progress = halfway
app = create_app(Settings(database_url=sys.argv[1], job_worker="external"))
run_next(database(app), ports(app))
"""


def kill_halfway(program: str, store: Store, given: bytes = b"") -> None:
    """Run a program until it reports that it is halfway, and kill it there."""
    with subprocess.Popen(
        [sys.executable, "-c", program, store.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(given)
        process.stdin.close()
        printed = process.stdout.readline()
        process.kill()
        process.wait()
    assert printed == b"half\n"
    assert process.returncode == -signal.SIGKILL


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(System)) or 0


@pytest.mark.usefixtures("agency")
def test_killed_import_writes_nothing_and_can_be_repeated(
    store: Store, session: Session, load: Callable[..., ImportReport]
) -> None:
    session.commit()
    kill_halfway(IMPORT, store, ROWS)
    assert count(session) == 0
    assert load(ROWS).created == 1500
    assert load(ROWS).unchanged == 1500


def test_next_worker_finishes_job_of_killed_worker(
    store: Store,
    session: Session,
    agency: Agency,
    sign_in: Any,
    run_jobs: Callable[[], None],
) -> None:
    api = sign_in(agency.code, "imports:write")
    file = (io.BytesIO(ROWS), "systems.csv")
    answer = api.post("/v1/imports", data={"file": file, "source": "cmdb"})
    session.commit()
    kill_halfway(JOB, store)
    assert count(session) == 0
    session.execute(sa.update(Job).values(lease_until=clock.now() + timedelta(hours=1)))
    run_jobs()
    assert count(session) == 0, "the dead worker's lease has not run out yet"
    session.execute(sa.update(Job).values(lease_until=clock.now() - timedelta(seconds=1)))
    run_jobs()
    assert count(session) == 1500
    assert api.get(answer.headers["Location"]).json["status"] == "succeeded"
