"""The connections for reading: those that threads keep, and what is set on them."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from catalogue.core.database import Database, UnitOfWork
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS

kept_by_threads = pytest.mark.only_on("postgresql")


@pytest.fixture
def opened(store: Store) -> Iterator[Database]:
    """A database of the test's own, as far as connections go."""
    made = Database(store.settings)
    yield made
    made.engine.dispose()


def read_backend_pid(opened: Database) -> int:
    """The server process that a read is served by."""
    with UnitOfWork(opened, read_only=True) as work:
        return int(work.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


@contextmanager
def open_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


@kept_by_threads
def test_thread_keeps_its_connection(opened: Database) -> None:
    assert read_backend_pid(opened) == read_backend_pid(opened)


@kept_by_threads
def test_two_threads_use_different_connections(opened: Database) -> None:
    meet = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def read_twice(opened: Database) -> int:
        meet.wait()
        first = read_backend_pid(opened)
        meet.wait()
        assert read_backend_pid(opened) == first
        return first

    with ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(read_twice, [opened, opened]))) == 2


@kept_by_threads
def test_next_thread_reuses_connection_of_ended_thread(opened: Database) -> None:
    with open_thread() as thread:
        first = thread.submit(read_backend_pid, opened).result()
    with open_thread() as thread:
        assert thread.submit(read_backend_pid, opened).result() == first


@kept_by_threads
def test_nested_work_uses_another_connection(opened: Database) -> None:
    with UnitOfWork(opened, read_only=True) as outer:
        own = outer.connection
        with UnitOfWork(opened, read_only=True) as inner:
            assert inner.connection is not own
        assert not own.closed


@kept_by_threads
def test_session_uses_connection_of_its_work(opened: Database) -> None:
    with UnitOfWork(opened, read_only=True) as work:
        connection = work.connection
        assert work.session.connection() is connection
        assert work.session.scalar(sa.text("SELECT pg_backend_pid()"))
    assert not connection.in_transaction()


@kept_by_threads
def test_disposal_opens_a_new_connection(opened: Database) -> None:
    first = read_backend_pid(opened)
    opened.engine.dispose()
    assert read_backend_pid(opened) != first


@kept_by_threads
def test_disposal_reaches_other_threads(opened: Database) -> None:
    with open_thread() as thread:
        first = thread.submit(read_backend_pid, opened).result()
        opened.engine.dispose()
        assert thread.submit(read_backend_pid, opened).result() != first
        thread.submit(opened.engine.dispose).result()


@kept_by_threads
def test_lost_connection_fails_once_and_is_replaced(opened: Database, store: Store) -> None:
    victims = [read_backend_pid(opened)]
    with opened.engine.connect() as writing:
        victims.append(int(writing.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()))
    with store.database.engine.connect() as other:
        for victim in victims:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": victim})
    with pytest.raises(sa.exc.OperationalError):
        read_backend_pid(opened)
    assert read_backend_pid(opened) not in victims
    with opened.engine.connect() as writing:
        assert writing.exec_driver_sql("SELECT 1").scalar_one() == 1


@pytest.mark.only_on("sqlite")
def test_requests_that_read_leave_settings_of_the_connection(
    opened: Database, store: Store
) -> None:
    # SQLite forgets its prepared statements at a PRAGMA, and prepares the largest for half a second.
    ran: list[str] = []

    @sa.event.listens_for(opened.engine, "connect")
    def _trace(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(ran.append)

    for _ in range(2):
        with UnitOfWork(opened, read_only=True) as work:
            work.connection.exec_driver_sql("SELECT 1")
    assert ran.count("SELECT 1") == 2
    later = ran[ran.index("SELECT 1") :]
    assert [statement for statement in later if statement != "SELECT 1"] == []


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("read_only", [True, False], ids=["reading", "writing"])
def test_postgresql_does_not_compile_statements(opened: Database, read_only: bool) -> None:
    with UnitOfWork(opened, read_only=read_only) as work:
        # The server of the tests has it off by itself: what counts is who says so.
        source = "SELECT setting, source FROM pg_settings WHERE name = 'jit'"
        assert tuple(work.connection.exec_driver_sql(source).one()) == ("off", "client")
