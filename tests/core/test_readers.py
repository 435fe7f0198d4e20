"""The connections for reading that threads keep."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from catalogue.core.database import Database, Work
from tests.stores import Store

pytestmark = pytest.mark.only_on("postgresql")


@pytest.fixture
def opened(store: Store) -> Iterator[Database]:
    """A database of the test's own, as far as connections go."""
    made = Database(store.settings)
    yield made
    made.engine.dispose()


def backend(opened: Database) -> int:
    """The server process that a read is served by."""
    with Work(opened, read_only=True) as work:
        return int(work.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


@contextmanager
def a_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def test_a_thread_keeps_its_connection(opened: Database) -> None:
    assert backend(opened) == backend(opened)


def test_two_threads_do_not_share(opened: Database) -> None:
    meet = threading.Barrier(2, timeout=20)

    def asked(opened: Database) -> int:
        meet.wait()
        first = backend(opened)
        meet.wait()
        assert backend(opened) == first
        return first

    with ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(asked, [opened, opened]))) == 2


def test_what_a_thread_leaves_the_next_one_takes(opened: Database) -> None:
    with a_thread() as thread:
        first = thread.submit(backend, opened).result()
    with a_thread() as thread:
        assert thread.submit(backend, opened).result() == first


def test_work_within_work_has_a_connection_of_its_own(opened: Database) -> None:
    with Work(opened, read_only=True) as outer:
        own = outer.connection
        with Work(opened, read_only=True) as inner:
            assert inner.connection is not own
        assert not own.closed


def test_session_and_connection_are_one(opened: Database) -> None:
    with Work(opened, read_only=True) as work:
        connection = work.connection
        assert work.session.connection() is connection
        assert work.session.scalar(sa.text("SELECT pg_backend_pid()"))
    assert not connection.in_transaction()


def test_after_disposal_a_new_one_is_made(opened: Database) -> None:
    first = backend(opened)
    opened.engine.dispose()
    assert backend(opened) != first


def test_other_threads_notice_the_disposal(opened: Database) -> None:
    with a_thread() as thread:
        first = thread.submit(backend, opened).result()
        opened.engine.dispose()
        assert thread.submit(backend, opened).result() != first
        thread.submit(opened.engine.dispose).result()


def test_a_server_that_went_away_is_noticed_once(opened: Database, store: Store) -> None:
    victims = [backend(opened)]
    with opened.engine.connect() as writing:
        victims.append(int(writing.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()))
    with store.database.engine.connect() as other:
        for victim in victims:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": victim})
    with pytest.raises(sa.exc.OperationalError):
        backend(opened)
    assert backend(opened) not in victims
    with opened.engine.connect() as writing:
        assert writing.exec_driver_sql("SELECT 1").scalar_one() == 1
