"""The connections for reading that threads keep."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from catalogue.core.database import Database, UnitOfWork
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS

pytestmark = pytest.mark.only_on("postgresql")


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


def test_thread_keeps_its_connection(opened: Database) -> None:
    assert read_backend_pid(opened) == read_backend_pid(opened)


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


def test_next_thread_reuses_connection_of_ended_thread(opened: Database) -> None:
    with open_thread() as thread:
        first = thread.submit(read_backend_pid, opened).result()
    with open_thread() as thread:
        assert thread.submit(read_backend_pid, opened).result() == first


def test_nested_work_uses_another_connection(opened: Database) -> None:
    with UnitOfWork(opened, read_only=True) as outer:
        own = outer.connection
        with UnitOfWork(opened, read_only=True) as inner:
            assert inner.connection is not own
        assert not own.closed


def test_session_uses_connection_of_its_work(opened: Database) -> None:
    with UnitOfWork(opened, read_only=True) as work:
        connection = work.connection
        assert work.session.connection() is connection
        assert work.session.scalar(sa.text("SELECT pg_backend_pid()"))
    assert not connection.in_transaction()


def test_disposal_opens_a_new_connection(opened: Database) -> None:
    first = read_backend_pid(opened)
    opened.engine.dispose()
    assert read_backend_pid(opened) != first


def test_disposal_reaches_other_threads(opened: Database) -> None:
    with open_thread() as thread:
        first = thread.submit(read_backend_pid, opened).result()
        opened.engine.dispose()
        assert thread.submit(read_backend_pid, opened).result() != first
        thread.submit(opened.engine.dispose).result()


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
