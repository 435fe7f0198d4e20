"""The product as it stands in a data centre: nginx in front of it, PgBouncer behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest
import sqlalchemy as sa

from catalogue.access.operations import create_client
from catalogue.core.actor import Author
from catalogue.core.config import Settings
from catalogue.core.database import Database, UnitOfWork
from tests.behind_proxies.programs import find_program, running_nginx, running_pgbouncer
from tests.factories import BEDS, agency
from tests.programs import free_port, serving
from tests.stores import NO_POSTGRES, NO_PROXIES, Run, administer, make_database

SCOPES = {
    "writer": "systems:read systems:write imports:write audit:read",
    "reader": "systems:read",
}
LIMIT = 30
"""The token requests that a client can make in a minute."""


@dataclass(frozen=True)
class Site:
    """The product, and the credentials of its clients by their names in SCOPES."""

    address: str
    """The public address, at nginx."""
    plain_address: str
    """The same product through nginx as it is without settings."""
    direct_address: str
    log: Path
    credentials: dict[str, tuple[str, str]]
    direct_database: sa.URL
    pooled_database: sa.URL

    def token(self, name: str = "writer") -> str:
        """Request a token through nginx."""
        response = httpx.post(
            f"{self.address}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=self.credentials[name],
        )
        assert response.status_code == 200, response.text
        token: str = response.json()["access_token"]
        return token

    def client(self, name: str = "writer") -> httpx.Client:
        """Return a client with a token, as many connections as it likes, and gzip."""
        headers = {"Authorization": f"Bearer {self.token(name)}", "Accept-Encoding": "gzip"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60)

    def lines(self) -> list[dict[str, object]]:
        """Return the lines of the log, each of which is JSON."""
        return [orjson.loads(line) for line in self.log.read_bytes().splitlines()]


@pytest.fixture(scope="session")
def proxies(run: Run) -> None:
    """Skip the test on a machine without the programs."""
    if not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    missing = [name for name in ("nginx", "pgbouncer") if find_program(name) is None]
    if missing:
        pytest.skip(f"{NO_PROXIES}: {', '.join(missing)}")


@pytest.fixture(scope="session")
def direct_database(run: Run, worker: str, proxies: None) -> sa.URL:
    """A migrated database, whose server has another time zone than the product."""
    url = make_database(run, "postgresql", worker)
    administer(url, f"ALTER DATABASE \"{url.database}\" SET timezone = 'Asia/Kathmandu'")
    return url


@pytest.fixture(scope="session")
def pooled_database(direct_database: sa.URL) -> Iterator[sa.URL]:
    """The same database through PgBouncer."""
    with running_pgbouncer(direct_database) as url:
        yield url


@pytest.fixture(scope="session")
def site(
    direct_database: sa.URL, pooled_database: sa.URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The product between nginx and PgBouncer, published below a path."""
    credentials = _register(direct_database)
    server, folder = free_port(), tmp_path_factory.mktemp("site")
    with running_nginx(server) as port:
        address = f"http://127.0.0.1:{port}/catalogue"
        settings = {
            "CATALOGUE_DATABASE_URL": pooled_database.render_as_string(hide_password=False),
            "CATALOGUE_PUBLIC_URL": address,
            "CATALOGUE_TRUSTED_PROXIES": "1",
            "CATALOGUE_LOG_FORMAT": "json",
            "CATALOGUE_TOKEN_REQUESTS_PER_MINUTE": str(LIMIT),
        }
        arguments = ("serve", "--workers", "1", "--threads", "8", "--access-log")
        with serving(*arguments, port=server, cwd=folder, **settings) as log:
            yield Site(
                address,
                address.replace("/catalogue", "/plain/catalogue"),
                f"http://127.0.0.1:{server}",
                log,
                credentials,
                direct_database,
                pooled_database,
            )


def _register(url: sa.URL) -> dict[str, tuple[str, str]]:
    text = url.render_as_string(hide_password=False)
    database = Database(Settings(database_url=text))
    with UnitOfWork(database, read_only=False) as work:
        work.session.info["author"] = Author("test")
        agency(work.session, BEDS)
        made = {
            name: create_client(work.session, name=name, agency_code=BEDS, scopes=scopes)
            for name, scopes in SCOPES.items()
        }
        credentials = {name: (client.client_id, secret) for name, (client, secret) in made.items()}
        work.session.commit()
    database.engine.dispose()
    return credentials
