"""What goes wrong inside comes out as a problem, and tells no more than the client may know."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadGateway, ImATeapot, ServiceUnavailable

from catalogue.agencies.models import Agency
from catalogue.core.application import database
from tests.api_calls import answer, change, listed, refusals
from tests.factories import BEDS, READ_WRITE, signed_in, system
from tests.stores import Store
from tests.unsaved import CheckedClient

SECRET = "hunter2-in-a-connection-string"


@pytest.fixture
def faulty(store: Store) -> Callable[[BaseException], CheckedClient]:
    """`faulty(error).get("/v1/fault")`: an app with a view that raises it."""

    def make_client(error: BaseException) -> CheckedClient:
        app = store.app_with()

        def fault() -> str:
            raise error

        app.add_url_rule("/v1/fault", view_func=fault)
        return app.test_client()

    return make_client


def test_internal_error_is_logged_and_hidden_from_client(
    faulty: Callable[..., CheckedClient], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = faulty(RuntimeError(SECRET)).get("/v1/fault")
    assert response.status_code == 500
    document = answer(response)
    assert document["type"] == "urn:catalogue:problem:internal-error"
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    assert "RuntimeError" not in response.text
    [logged] = [entry for entry in caplog.records if entry.exc_info]
    assert logged.exc_info[1].args == (SECRET,)
    assert "/v1/fault" in logged.getMessage()
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert document["request_id"] in document["detail"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ImATeapot(), 400, "bad-request"),
        (BadGateway(), 500, "internal-error"),
        (ServiceUnavailable(retry_after=7), 503, "unavailable"),
        (StaleDataError(SECRET), 412, "precondition-failed"),
        (sa.exc.IntegrityError("INSERT", {}, Exception(SECRET)), 409, "conflict"),
        (sa.exc.OperationalError("SELECT", {}, Exception(SECRET)), 503, "unavailable"),
        (sa.exc.ProgrammingError("SELECT", {}, Exception(SECRET)), 500, "internal-error"),
        (sa.exc.TimeoutError(SECRET), 503, "unavailable"),
        (KeyError(SECRET), 500, "internal-error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
@pytest.mark.only_on("sqlite")
def test_each_exception_becomes_its_problem(
    faulty: Callable[..., CheckedClient], error: Exception, status: int, kind: str
) -> None:
    response = faulty(error).get("/v1/fault")
    assert response.status_code == status
    assert answer(response)["type"] == f"urn:catalogue:problem:{kind}"
    assert SECRET not in response.text
    if status == 503:
        assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.only_on("sqlite")
def test_statement_that_sqlite_does_not_understand_is_an_internal_error(
    faulty: Callable[..., CheckedClient], session: Session
) -> None:
    with pytest.raises(sa.exc.OperationalError, match="no such column") as failed:
        session.execute(sa.text("SELECT missing FROM agency"))
    response = faulty(failed.value).get("/v1/fault")
    assert response.status_code == 500
    assert answer(response)["type"] == "urn:catalogue:problem:internal-error"


def test_taken_name_returns_409_without_constraint_name(api: CheckedClient) -> None:
    system(api, name="Duty management")
    response = api.post("/v1/systems", json={"name": "DUTY  Management", "lifecycle": "live"})
    assert refusals(response, 409) == {("/name", "taken")}
    assert "UNIQUE" not in response.text
    assert "uq_" not in response.text
    assert listed(api, "/v1/systems") == ["Duty management"]


def execute_directly(session: Session, statement: sa.Update) -> None:
    """Run a statement that a session would refuse."""
    session.commit()
    engine = session.get_bind()
    assert isinstance(engine, sa.Engine)
    with engine.begin() as connection:
        connection.execute(statement)


def test_broken_constraint_without_message_returns_409_and_is_logged(
    faulty: Callable[..., CheckedClient],
    session: Session,
    make_agency: Callable[..., Agency],
    caplog: pytest.LogCaptureFixture,
) -> None:
    agency = make_agency(BEDS)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        execute_directly(
            session, sa.update(Agency).values(kind="navy").where(Agency.id == agency.id)
        )
    with caplog.at_level(logging.ERROR):
        response = faulty(caught.value).get("/v1/fault")
    assert refusals(response, 409) == {("", "conflict")}
    assert "ck_agency_agency_kind" in caplog.text
    assert "ck_agency" not in response.text


def test_broken_check_with_message_names_its_field(
    faulty: Callable[..., CheckedClient], session: Session, make_agency: Callable[..., Agency]
) -> None:
    agency = make_agency(BEDS)
    dates = {"valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1)}
    with pytest.raises(sa.exc.IntegrityError) as caught:
        execute_directly(session, sa.update(Agency).values(dates))
    assert agency.valid_to is None
    assert refusals(faulty(caught.value).get("/v1/fault"), 409) == {("/valid_to", "out_of_order")}


@contextmanager
def shorten_lock_timeout(app: Flask) -> Iterator[Flask]:
    """The app, with connections that wait for no lock."""
    sqlite = database(app).dialect == "sqlite"
    setting = "PRAGMA busy_timeout = 1" if sqlite else "SET lock_timeout = '1ms'"

    @event.listens_for(database(app).engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute(setting)
        if not sqlite:
            connection.commit()

    yield app


def test_locked_database_returns_503(store: Store, session: Session) -> None:
    app = store.app_with()
    with shorten_lock_timeout(app):
        api = signed_in(app, session, BEDS, READ_WRITE)
        made = system(api)
        session.commit()
        with store.database.engine.connect() as other:
            other.execute(sa.text("UPDATE system SET name = 'Held'"))
            response = change(api, f"/v1/systems/{made['id']}", name="Refused")
            other.rollback()
    assert refusals(response, 503) == set()
    assert response.headers["Retry-After"] == "1"
    assert listed(api, "/v1/systems") == ["Duty management"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/systems/123",
        "/v1/systems/123/uses/4",
        "/v1/agencies/x/y",
        "/v1/nothing",
        "/v1/systems/",
    ],
)
def test_missing_path_explains_ids(client: CheckedClient, path: str) -> None:
    document = answer(client.get(path))
    assert document["title"] == "Not found"
    assert ("is not a UUID" in document["detail"]) == ("/123" in path and "uses" not in path)
