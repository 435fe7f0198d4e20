"""The `catalogue` command: it does what it says, and says what is wrong in a sentence."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from catalogue import cli
from catalogue.agencies.models import Agency
from catalogue.core.config import Settings
from catalogue.core.database import Database
from catalogue.core.migrations import is_current
from tests.programs import free_port, ran
from tests.stores import NAMES, NO_POSTGRES, Run, administer, engine_for, make_database

Catalogue = Callable[..., Result]


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Catalogue]:
    """`catalogue("database", "check", DATABASE_URL=...)`, in this process and an empty place."""
    made: list[Flask] = []

    def create_app(*arguments: Any) -> Flask:
        made.append(created := cli_create_app(*arguments))
        return created

    cli_create_app = cli.create_app
    monkeypatch.setattr(cli, "create_app", create_app)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("CATALOGUE_"):
            monkeypatch.delenv(name)

    def invoke(*arguments: str, **settings: str) -> Result:
        with monkeypatch.context() as changed:
            for name, value in settings.items():
                changed.setenv(f"CATALOGUE_{name}", value)
            return CliRunner().invoke(cli.main, arguments)

    yield invoke
    for app in made:
        app.extensions["database"].engine.dispose()


@contextmanager
def lent_database(run: Run, name: str, worker: str, *, migrated: bool) -> Iterator[str]:
    if name == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    url = make_database(run, name, worker, migrated=migrated)
    yield url.render_as_string(hide_password=False)
    if name == "postgresql":
        administer(run.server_url(), f'DROP DATABASE "{url.database}" WITH (FORCE)')


@pytest.fixture(params=NAMES)
def blank(request: pytest.FixtureRequest, run: Run, worker: str) -> Iterator[str]:
    """The address of an empty database on each store."""
    with lent_database(run, request.param, worker, migrated=False) as url:
        yield url


@pytest.fixture(params=NAMES)
def ready(request: pytest.FixtureRequest, run: Run, worker: str) -> Iterator[str]:
    """The address of a database that has had every migration, on each store."""
    with lent_database(run, request.param, worker, migrated=True) as url:
        yield url


def refused(result: Result, code: int) -> str:
    """What was said; a traceback would have been another exception than the exit."""
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == code, result.output
    assert "Error: " in result.stderr
    return result.stderr


def test_a_database_is_made_and_checked(catalogue: Catalogue, blank: str) -> None:
    before = catalogue("database", "check", DATABASE_URL=blank)
    assert "catalogue database upgrade" in refused(before, 1)
    for _ in range(2):
        assert catalogue("database", "upgrade", DATABASE_URL=blank).exit_code == 0
        assert catalogue("database", "check", DATABASE_URL=blank).exit_code == 0


def test_a_database_is_made_before_it_is_filled(catalogue: Catalogue, blank: str) -> None:
    result = catalogue("reference", "load", DATABASE_URL=blank)
    assert "catalogue database upgrade" in refused(result, 1)


def test_reference_data_is_loaded_and_loaded_again(catalogue: Catalogue, ready: str) -> None:
    first = catalogue("reference", "load", DATABASE_URL=ready)
    second = catalogue("reference", "load", DATABASE_URL=ready)
    assert first.exit_code == second.exit_code == 0, first.output + second.output
    kinds = ["agencies", "capabilities", "suppliers", "products"]
    assert [line.split(":")[0] for line in first.stdout.splitlines()] == kinds
    assert " 0 new" not in first.stdout
    assert second.stdout.splitlines() == [f"{kind}: 0 new, 0 changed" for kind in kinds]


def test_a_load_that_fails_leaves_nothing(
    catalogue: Catalogue, ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "load_products", lambda _session: 1 / 0)
    assert catalogue("reference", "load", DATABASE_URL=ready).exit_code == 1
    engine = engine_for(ready)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(Agency)) == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "garbage"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://localhost/catalogue"),
        ("DATABASE_URL", "postgres://localhost/catalogue"),
        ("DATABASE_URL", "postgresql+psycopg2://localhost/catalogue"),
        ("PUBLIC_URL", "catalogue"),
        ("PUBLIC_URL", "ftp://catalogue.test"),
        ("OAUTH_TIMEOUT_SECONDS", "0"),
        ("TOKEN_LIFETIME_SECONDS", "ten"),
        ("TOKEN_LIFETIME_SECONDS", "1"),
        ("TOKEN_REQUESTS_PER_MINUTE", "-1"),
        ("MAX_BODY_BYTES", "1"),
        ("JOB_WORKER", "none"),
        ("DATABASE_POOL_SIZE", "0"),
    ],
)
def test_a_setting_that_is_no_good(catalogue: Catalogue, name: str, value: str) -> None:
    for command in (("database", "check"), ("serve",)):
        said = refused(catalogue(*command, **{name: value}), 2)
        assert f"CATALOGUE_{name}" in said


def test_a_setting_that_is_no_good_for_the_demonstration(catalogue: Catalogue) -> None:
    result = catalogue("demo", "--no-serve", TOKEN_LIFETIME_SECONDS="ten")
    assert "CATALOGUE_TOKEN_LIFETIME_SECONDS" in refused(result, 2)


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nonexistent/catalogue.db", "postgresql://user:hunter2@127.0.0.1:1/catalogue"],
    ids=["sqlite", "postgresql"],
)
def test_a_database_that_is_not_there(catalogue: Catalogue, url: str) -> None:
    for command in (("database", "check"), ("database", "upgrade"), ("serve",)):
        said = refused(catalogue(*command, DATABASE_URL=url), 1)
        assert "CATALOGUE_DATABASE_URL" in said
        assert "hunter2" not in said


def test_a_database_of_a_later_release(catalogue: Catalogue, ready: str) -> None:
    engine = engine_for(ready)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_current(engine)
    engine.dispose()
    for command in (("database", "check"), ("database", "upgrade"), ("serve",)):
        refused(catalogue(*command, DATABASE_URL=ready), 1)


def test_settings_have_a_place_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_PUBLIC_URL", "https://catalogue.police.example/")
    monkeypatch.setenv("CATALOGUE_OAUTH_TOKEN_TYPES", "at+jwt,JWT")
    found = Settings.from_environment()
    assert found.public_url == found.issuer == "https://catalogue.police.example"
    assert found.audience == "https://catalogue.police.example/v1"
    assert found.oauth_token_types == ("at+jwt", "JWT")
    monkeypatch.setenv("CATALOGUE_OAUTH_ISSUER", "https://login.example")
    monkeypatch.setenv("CATALOGUE_OAUTH_AUDIENCE", "catalogue")
    found = Settings.from_environment()
    assert (found.issuer, found.audience) == ("https://login.example", "catalogue")


def test_the_document_is_printed_whatever_is_set(catalogue: Catalogue, tmp_path: Path) -> None:
    plain = catalogue("openapi")
    other = catalogue("openapi", PUBLIC_URL="https://x.test", DATABASE_URL="sqlite:////no/x.db")
    assert plain.exit_code == other.exit_code == 0
    assert plain.stdout == other.stdout
    document = orjson.loads(plain.stdout)
    assert document["openapi"].startswith("3.1")
    assert plain.stdout.endswith("}\n")
    assert list(tmp_path.iterdir()) == []


def test_help_needs_nothing(catalogue: Catalogue) -> None:
    result = catalogue("--help", DATABASE_URL="garbage")
    assert result.exit_code == 0
    for command in ("database", "reference", "clients", "keys", "import", "serve", "demo"):
        assert f"\n  {command} " in result.stdout
    assert catalogue("--version").exit_code == 0
    assert catalogue("nonsense").exit_code == 2


def test_the_installed_command_refuses_an_outdated_database(tmp_path: Path) -> None:
    settings = {"CATALOGUE_DATABASE_URL": "sqlite:///old.db"}
    port = str(free_port())
    served = ran("serve", "--port", port, "--workers", "1", cwd=tmp_path, **settings)
    assert served.returncode == 1
    assert "catalogue database upgrade" in served.stderr
    assert "Traceback" not in served.stderr
    assert served.stderr.count("\n") == 1, "it is said once, and no worker was started"


def test_a_server_started_by_another_program_refuses_it_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CATALOGUE_DATABASE_URL", f"sqlite:///{tmp_path}/old.db")
    from catalogue.app import serving_app

    with pytest.raises(SystemExit, match="catalogue database upgrade"):
        serving_app()


@pytest.mark.parametrize("url", ["sqlite:///x.db", "sqlite+pysqlite:///x.db"])
def test_addresses_of_sqlite(url: str) -> None:
    assert Database(Settings(database_url=url)).dialect == "sqlite"


@pytest.mark.parametrize("url", ["postgresql://h/x", "postgresql+psycopg://h/x"])
def test_addresses_of_postgresql(url: str) -> None:
    assert Database(Settings(database_url=url)).dialect == "postgresql"
