"""Fixtures: the demonstration, loaded once by its command, and a client for each role."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.app import create_app
from catalogue.core.application import database, unit_of_work
from catalogue.core.config import Settings
from tests.factories import signed_in
from tests.first_run import PORT, FirstRun, copy_database, load_first_run
from tests.stores import Run
from tests.unsaved import CheckedClient

SignIn = Callable[[str], CheckedClient]


@pytest.fixture(scope="session")
def first_run(run: Run) -> FirstRun:
    """The first run of the demonstration."""
    return load_first_run(run)


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
