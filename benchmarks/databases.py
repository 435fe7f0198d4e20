"""A database for measurements, on the server of the tests or on a temporary server."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from catalogue.core.migrations import upgrade
from tests.postgres import SERVER_OPTIONS, Keeper, find_binaries

SERVER_VARIABLE = "CATALOGUE_TEST_POSTGRES_URL"


class NoPostgres(Exception):
    """The error if no PostgreSQL server is available."""


@contextmanager
def measured_database() -> Iterator[str]:
    """Yield the URL of a migrated, empty database, and drop the database afterwards."""
    with _server() as server:
        name = f"catalogue_bench_{secrets.token_hex(4)}"
        administration = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with administration.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = server.set(database=name)
        try:
            engine = sa.create_engine(url)
            upgrade(engine)
            engine.dispose()
            yield url.render_as_string(hide_password=False)
        finally:
            with administration.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            administration.dispose()


def describe_server() -> str:
    """Describe the server for the notes of the table."""
    if os.environ.get(SERVER_VARIABLE):
        return "the server of " + SERVER_VARIABLE
    settings = ", ".join(f"{n} {v}" for n, v in SERVER_OPTIONS.items() if v in {"off", "128MB"})
    return f"a temporary cluster ({settings})"


@contextmanager
def _server() -> Iterator[sa.URL]:
    if url := os.environ.get(SERVER_VARIABLE):
        yield sa.make_url(url)
        return
    binaries = find_binaries()
    if binaries is None:
        raise NoPostgres(
            "No PostgreSQL server is available. Install PostgreSQL (Debian: apt-get install "
            f"postgresql), or set {SERVER_VARIABLE} to the URL of a server."
        )
    keeper = Keeper(binaries)
    try:
        yield sa.make_url(keeper.cluster.url)
    finally:
        keeper.release()
