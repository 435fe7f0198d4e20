"""Fixtures: the demonstration, loaded once by its command, and a client for each role."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.app import create_app
from catalogue.core.application import database, unit_of_work
from catalogue.core.config import Settings
from tests.factories import signed_in
from tests.programs import ran
from tests.unsaved import CheckedClient

DATABASE = Path("var", "demo.db")
PORT = 8123

SignIn = Callable[[str], CheckedClient]


@dataclass(frozen=True)
class FirstRun:
    """The output and files of the first run.

    `untouched` is a copy that no test changes. `headers` are those of this run, by role, because
    every run writes new ones.
    """

    place: Path
    output: str
    untouched: Path
    headers: dict[str, str]


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """The first run, in a folder whose name needs quoting in a shell."""
    place = tmp_path_factory.mktemp("a visitor's place")
    done = ran("demo", "--no-serve", "--port", str(PORT), cwd=place)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    untouched = copy_database(place / DATABASE, place / "untouched.db")
    kept = (place / "var" / "demo-access").glob("*.header")
    headers = {file.stem: file.read_text().strip().partition(": ")[2] for file in kept}
    return FirstRun(place, done.stdout, untouched, headers)


def copy_database(database_file: Path, to: Path) -> Path:
    """Copy a database together with the content of its log."""
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copyfile(database_file, to))


@pytest.fixture(scope="module")
def app_and_session(
    first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Session]]:
    """An app on a copy of the demonstration, and a session to create clients with."""
    own = copy_database(first_run.untouched, tmp_path_factory.mktemp("demo") / "own.db")
    address = f"http://127.0.0.1:{PORT}"
    app = create_app(Settings(database_url=f"sqlite:///{own}", public_url=address))
    with unit_of_work(app) as context:
        session = context.session
        yield app, session
    database(app).engine.dispose()


@pytest.fixture(scope="module")
def role(first_run: FirstRun, app_and_session: tuple[Flask, Session]) -> SignIn:
    """`role("manager")`: a client with the token that the command left for that role."""

    def client(key: str) -> CheckedClient:
        api = CheckedClient(app_and_session[0], use_cookies=False)
        api.environ_base["HTTP_AUTHORIZATION"] = first_run.headers[key]
        return api

    return client


@pytest.fixture(scope="module")
def reader(app_and_session: tuple[Flask, Session]) -> SignIn:
    """`reader("hertfordshire-police")`: a client of an agency with every scope for reading."""
    scopes = "systems:read contracts:read costs:read risks:read audit:read agencies:read"

    def client(code: str) -> CheckedClient:
        app, session = app_and_session
        api = signed_in(app, session, code, scopes)
        # SQLite has one writer at a time, so an open transaction would block requests that write.
        session.commit()
        return api

    return client


def list_items(client: CheckedClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]
    return found


def find_system(client: CheckedClient, external_id: str) -> dict[str, Any]:
    """Return a system as its owner sees it."""
    (found,) = list_items(client, f"/v1/systems?external_ids={external_id}")
    return found
