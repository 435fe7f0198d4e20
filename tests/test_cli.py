"""Tests of the `catalogue` command: its work, and its errors in one sentence."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from catalogue import app as application
from catalogue import cli, commands
from catalogue.agencies.models import Agency
from catalogue.core import commands as core_commands
from catalogue.core.config import Settings
from catalogue.core.database import Database
from catalogue.core.models import ReleaseRequirement
from tests.programs import free_port, ran
from tests.stores import NAMES, NO_POSTGRES, Run, administer, engine_for, make_database

Catalogue = Callable[..., Result]


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Catalogue]:
    """`catalogue("database", "check", DATABASE_URL=...)`: run it here in an empty folder."""
    made: list[Flask] = []

    def create_app(*arguments: Any) -> Flask:
        made.append(created := plain_create_app(*arguments))
        return created

    plain_create_app = application.create_app
    for module in (application, commands):
        monkeypatch.setattr(module, "create_app", create_app)
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
def lend_database(run: Run, name: str, worker: str, *, migrated: bool) -> Iterator[str]:
    if name == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    url = make_database(run, name, worker, migrated=migrated)
    yield url.render_as_string(hide_password=False)
    if name == "postgresql":
        administer(run.server_url(), f'DROP DATABASE "{url.database}" WITH (FORCE)')


@pytest.fixture(params=NAMES)
def blank(request: pytest.FixtureRequest, run: Run, worker: str) -> Iterator[str]:
    """Yield the address of an empty database on each store."""
    with lend_database(run, request.param, worker, migrated=False) as url:
        yield url


@pytest.fixture(params=NAMES)
def ready(request: pytest.FixtureRequest, run: Run, worker: str) -> Iterator[str]:
    """Return the address of a migrated database on each store."""
    with lend_database(run, request.param, worker, migrated=True) as url:
        yield url


def require_error(result: Result, code: int) -> str:
    """Return the error of a command. A traceback would be an exception other than the exit."""
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == code, result.output
    assert "Error: " in result.stderr
    return result.stderr


def test_upgrade_makes_a_database_that_passes_check(catalogue: Catalogue, blank: str) -> None:
    before = catalogue("database", "check", DATABASE_URL=blank)
    assert "catalogue database upgrade" in require_error(before, 1)
    for _ in range(2):
        assert catalogue("database", "upgrade", DATABASE_URL=blank).exit_code == 0
        assert catalogue("database", "check", DATABASE_URL=blank).exit_code == 0


def test_reference_load_needs_an_upgraded_database(catalogue: Catalogue, blank: str) -> None:
    result = catalogue("reference", "load", DATABASE_URL=blank)
    assert "catalogue database upgrade" in require_error(result, 1)


def test_loading_reference_data_twice_changes_nothing(catalogue: Catalogue, ready: str) -> None:
    first = catalogue("reference", "load", DATABASE_URL=ready)
    second = catalogue("reference", "load", DATABASE_URL=ready)
    assert first.exit_code == second.exit_code == 0, first.output + second.output
    kinds = ["agencies", "capabilities", "suppliers", "products"]
    assert [line.split(":")[0] for line in first.stdout.splitlines()] == kinds
    assert " 0 new" not in first.stdout
    assert second.stdout.splitlines() == [f"{kind}: 0 new, 0 changed" for kind in kinds]


def test_failed_reference_load_leaves_nothing(
    catalogue: Catalogue, ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "load_products", lambda _session: 1 / 0)
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
        ("IDENTITY_PROVIDER_TIMEOUT_SECONDS", "0"),
        ("TOKEN_LIFETIME_SECONDS", "ten"),
        ("TOKEN_LIFETIME_SECONDS", "1"),
        ("TOKEN_REQUESTS_PER_MINUTE", "-1"),
        ("MAX_BODY_BYTES", "1"),
        ("JOB_WORKER", "none"),
        ("DATABASE_POOL_SIZE", "0"),
    ],
)
def test_wrong_setting_is_named_in_the_error(catalogue: Catalogue, name: str, value: str) -> None:
    for command in (("database", "check"), ("serve",)):
        said = require_error(catalogue(*command, **{name: value}), 2)
        assert f"CATALOGUE_{name}" in said


def test_demo_names_wrong_setting_in_the_error(catalogue: Catalogue) -> None:
    result = catalogue("demo", "--no-serve", TOKEN_LIFETIME_SECONDS="ten")
    assert "CATALOGUE_TOKEN_LIFETIME_SECONDS" in require_error(result, 2)


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nonexistent/catalogue.db", "postgresql://user:hunter2@127.0.0.1:1/catalogue"],
    ids=["sqlite", "postgresql"],
)
def test_missing_database_is_reported_without_its_password(catalogue: Catalogue, url: str) -> None:
    for command in (("database", "check"), ("database", "upgrade"), ("serve",)):
        said = require_error(catalogue(*command, DATABASE_URL=url), 1)
        assert "CATALOGUE_DATABASE_URL" in said
        assert "hunter2" not in said


@pytest.mark.parametrize(
    "command",
    [
        ("agencies", "list"),
        ("audit", "verify"),
        ("clients", "list"),
        ("clients", "create", "--scope", "admin"),
        ("clients", "scopes"),
        ("database", "check"),
        ("keys", "rotate"),
        ("reference", "load"),
        ("serve",),
        ("worker",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("settings", [{}, {"DATABASE_URL": "sqlite:///other.db"}], ids=str)
def test_only_upgrade_creates_a_database_file(
    catalogue: Catalogue, tmp_path: Path, command: tuple[str, ...], settings: dict[str, str]
) -> None:
    result = catalogue(*command, **settings)
    if command != ("clients", "scopes"):
        printed = require_error(result, 1)
        file = tmp_path / ("other.db" if settings else "catalogue.db")
        assert f"There is no database at {file}." in printed
        assert "catalogue database upgrade" in printed
        assert "CATALOGUE_DATABASE_URL" in printed
    assert list(tmp_path.iterdir()) == []


def move_to_later_release(url: str, *, oldest: str | None = None) -> None:
    """Change a database as a later release does, which needs at least the release `oldest`."""
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE supplier ADD COLUMN added_later VARCHAR(20)"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999_later'"))
        if oldest:
            connection.execute(sa.update(ReleaseRequirement).values(oldest_migration=oldest))
    engine.dispose()


def test_database_of_a_later_release_is_used_with_a_warning(
    catalogue: Catalogue, ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_to_later_release(ready)
    newer = "newer than this release, which can still use it"
    checked = catalogue("database", "check", DATABASE_URL=ready)
    assert (checked.exit_code, newer in checked.stdout) == (0, True)
    upgraded = catalogue("database", "upgrade", DATABASE_URL=ready)
    assert (upgraded.exit_code, newer in upgraded.stdout) == (0, True)
    assert "Nothing was changed." in upgraded.stdout
    monkeypatch.setattr(core_commands, "run_server", lambda **_: None)
    monkeypatch.setattr(core_commands, "work", lambda *_: None)
    for command in (("serve",), ("worker",), ("agencies", "list"), ("reference", "load")):
        result = catalogue(*command, DATABASE_URL=ready)
        assert result.exit_code == 0, result.output
        assert result.stderr.count(newer) == 1, result.stderr


def test_database_that_is_too_new_is_refused_by_every_command(
    catalogue: Catalogue, ready: str
) -> None:
    move_to_later_release(ready, oldest="9998")
    for command in (
        ("database", "check"),
        ("database", "upgrade"),
        ("serve",),
        ("worker",),
        ("agencies", "list"),
        ("reference", "load"),
    ):
        said = require_error(catalogue(*command, DATABASE_URL=ready), 1)
        assert "newer than this release, which can no longer use it" in said
        assert "catalogue database upgrade" not in said


def test_database_of_another_program_is_refused(catalogue: Catalogue, blank: str) -> None:
    engine = engine_for(blank)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('ae10')"))
    engine.dispose()
    for command in (("database", "check"), ("serve",), ("worker",)):
        said = require_error(catalogue(*command, DATABASE_URL=blank), 1)
        assert "another program" in said


def test_worker_refuses_an_outdated_database(catalogue: Catalogue, blank: str) -> None:
    assert "catalogue database upgrade" in require_error(catalogue("worker", DATABASE_URL=blank), 1)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_PUBLIC_URL", "https://catalogue.police.example/")
    monkeypatch.setenv("CATALOGUE_WEBHOOK_PRIVATE_ADDRESSES", "true")
    found = Settings.from_environment()
    assert found.public_url == found.issuer == "https://catalogue.police.example"
    assert found.audience == "https://catalogue.police.example/v1"
    assert found.webhook_private_addresses
    assert not found.identity_provider_private_addresses


def test_openapi_command_ignores_settings(catalogue: Catalogue, tmp_path: Path) -> None:
    plain = catalogue("openapi")
    other = catalogue("openapi", PUBLIC_URL="https://x.test", DATABASE_URL="sqlite:////no/x.db")
    assert plain.exit_code == other.exit_code == 0
    assert plain.stdout == other.stdout
    document = orjson.loads(plain.stdout)
    assert document["openapi"].startswith("3.1")
    assert plain.stdout.endswith("}\n")
    assert list(tmp_path.iterdir()) == []


def test_help_works_with_wrong_settings(catalogue: Catalogue) -> None:
    result = catalogue("--help", DATABASE_URL="garbage")
    assert result.exit_code == 0
    for command in (
        "database",
        "reference",
        "agencies",
        "clients",
        "keys",
        "import",
        "serve",
        "demo",
    ):
        assert f"\n  {command} " in result.stdout
    assert catalogue("--version").exit_code == 0
    assert catalogue("nonsense").exit_code == 2


def test_serve_command_refuses_an_outdated_database(tmp_path: Path) -> None:
    settings = {"CATALOGUE_DATABASE_URL": "sqlite:///old.db"}
    port = str(free_port())
    served = ran("serve", "--port", port, "--workers", "1", cwd=tmp_path, **settings)
    assert served.returncode == 1
    assert "catalogue database upgrade" in served.stderr
    assert "Traceback" not in served.stderr
    assert served.stderr.count("\n") == 1, "it is said once, and no worker was started"


def test_server_does_not_share_the_port_of_another(catalogue: Catalogue, ready: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = require_error(catalogue("serve", "--port", str(port), DATABASE_URL=ready), 1)
    assert f"Port {port} cannot be used (Address already in use)" in said


def test_serving_app_refuses_an_outdated_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CATALOGUE_DATABASE_URL", f"sqlite:///{tmp_path}/old.db")
    from catalogue.app import serving_app

    with pytest.raises(SystemExit, match="catalogue database upgrade"):
        serving_app()


@pytest.mark.parametrize("url", ["sqlite:///x.db", "sqlite+pysqlite:///x.db"])
def test_sqlite_urls_are_recognised(url: str) -> None:
    assert Database(Settings(database_url=url)).dialect == "sqlite"


@pytest.mark.parametrize("url", ["postgresql://h/x", "postgresql+psycopg://h/x"])
def test_postgresql_urls_are_recognised(url: str) -> None:
    assert Database(Settings(database_url=url)).dialect == "postgresql"


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        (["verify"], "Did you mean `catalogue audit verify`?"),
        (["client"], "Did you mean `catalogue clients`?"),
        (["upgrad"], "Did you mean `catalogue database upgrade`?"),
        (["nonsense"], "See `catalogue --help`."),
    ],
)
def test_unknown_command_suggests_others(
    catalogue: Catalogue, typed: list[str], advice: str
) -> None:
    result = catalogue(*typed)
    assert result.exit_code == 2
    assert f"There is no command `{typed[0]}`. {advice}" in result.stderr
