"""Connections through PgBouncer keep the settings of direct ones, however it is configured."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from catalogue.core.config import Settings
from catalogue.core.database import Database, open_session
from catalogue.core.migrations import compare, upgrade
from tests.behind_proxies.programs import running_pgbouncer

IGNORING = "ignore_startup_parameters = options"


@contextmanager
def opened(url: sa.URL, pooler: str = "detect") -> Iterator[Database]:
    text = url.render_as_string(hide_password=False)
    database = Database(Settings(database_url=text, database_pooler=pooler))
    try:
        yield database
    finally:
        database.engine.dispose()


def read_settings(database: Database) -> list[tuple[str, str]]:
    """Return time zone and lock timeout in several transactions that write, then in reads."""
    found = []
    for read_only in (False, False, True, True):
        with open_session(database, read_only=read_only) as session:
            row = session.execute(
                sa.text("SELECT current_setting('timezone'), current_setting('lock_timeout')")
            ).one()
            found.append((str(row[0]), str(row[1]) if not read_only else ""))
            session.rollback()
    return found


EXPECTED = [("UTC", "5s"), ("UTC", "5s"), ("UTC", ""), ("UTC", "")]


def test_settings_are_kept_through_refusing_pooler(pooled_database: sa.URL) -> None:
    for pooler in ("detect", "transaction"):
        with opened(pooled_database, pooler) as database:
            assert read_settings(database) == EXPECTED


def test_settings_are_kept_through_ignoring_pooler(direct_database: sa.URL) -> None:
    with running_pgbouncer(direct_database, IGNORING) as url, opened(url) as database:
        assert read_settings(database) == EXPECTED


def test_direct_connection_prepares_and_keeps_its_settings(direct_database: sa.URL) -> None:
    for pooler in ("detect", "none"):
        with opened(direct_database, pooler) as database:
            assert read_settings(database) == EXPECTED
            with open_session(database, read_only=True) as session:
                setting = sa.text("SELECT current_setting('default_transaction_read_only')")
                assert session.scalar(setting) == "on"


def test_pooler_that_is_denied_by_a_setting_is_an_error(pooled_database: sa.URL) -> None:
    with (
        opened(pooled_database, "none") as database,
        pytest.raises(sa.exc.OperationalError, match="unsupported startup parameter"),
    ):
        read_settings(database)


def test_repeated_statements_are_not_prepared(pooled_database: sa.URL) -> None:
    with opened(pooled_database) as database:
        for _ in range(12):
            sessions = [open_session(database, read_only=True) for _ in range(3)]
            for each in sessions:
                with each as session:
                    assert (
                        session.scalar(
                            sa.text("SELECT count(*) FROM system WHERE 1 = :x"), {"x": 1}
                        )
                        is not None
                    )


def test_database_is_checked_and_upgraded_through_pooler(pooled_database: sa.URL) -> None:
    with opened(pooled_database) as database:
        upgrade(database.engine)
        assert compare(database.engine).usable
