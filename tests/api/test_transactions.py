"""A request is one transaction: committed once it succeeded, and leaving nothing where it failed."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.agencies.operations import create_agency
from catalogue.core.actor import Author
from catalogue.core.application import database
from catalogue.core.context import Context
from catalogue.core.database import open_session
from catalogue.core.errors import Conflict
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from tests.api.refusals import contents, problem_of, unchanged
from tests.stores import Store, new_app

FIELDS = {"code": "kent-fire", "name": "Kent Fire", "kind": "fire"}


def write_agency(session: Session) -> None:
    """Record an agency, and send it to the database."""
    session.info["author"] = Author("test")
    create_agency(session, dict(FIELDS))
    session.flush()


def write(context: Context) -> None:
    """Write in a request."""
    write_agency(context.session)


def read_and_write(context: Context) -> None:
    """Write in a request that reads."""
    write(context)


def ask_and_write(context: Context) -> None:
    """Write in answer to a question."""
    write(context)


def write_and_fail(context: Context) -> None:
    """Fail after writing."""
    write(context)
    raise Conflict("It was not meant to be.")


def write_and_break(context: Context) -> None:
    """Break after writing."""
    write(context)
    raise ZeroDivisionError


def write_by_statement(context: Context) -> None:
    """Write in a request that reads, past the session's objects."""
    context.session.execute(sa.update(Agency).values(name="Changed"))


@pytest.fixture(scope="module")
def probe(store: Store) -> Iterator[FlaskClient]:
    """A client of an app with operations that write where they should, and where they should not."""
    app = new_app(store.settings)
    app.testing = False
    blueprint = Blueprint("probe", __name__, url_prefix="/v1/probes")
    for view in (write, write_and_fail, write_and_break):
        blueprint.post(f"/{view.__name__}", scope=PUBLIC, idempotent=False)(view)
    for view in (read_and_write, write_by_statement):
        blueprint.get(f"/{view.__name__}", scope=PUBLIC)(view)
    blueprint.post("/ask_and_write", scope=PUBLIC, idempotent=False, is_query=True)(ask_and_write)
    app.register_blueprint(blueprint)
    yield app.test_client()
    database(app).engine.dispose()


def test_request_that_succeeds_is_committed(probe: FlaskClient, app: Flask) -> None:
    assert probe.post("/v1/probes/write").status_code == 204
    assert len(contents(app)["agency"]) == 1


@pytest.mark.parametrize(("view", "status"), [("write_and_fail", 409), ("write_and_break", 500)])
def test_request_that_fails_leaves_nothing(
    probe: FlaskClient, app: Flask, view: str, status: int
) -> None:
    with unchanged(app):
        problem_of(probe.post(f"/v1/probes/{view}"), status)


def test_reading_request_cannot_write(probe: FlaskClient, app: Flask) -> None:
    with unchanged(app):
        problem_of(probe.get("/v1/probes/read_and_write"), 500)


def test_posted_query_cannot_write(probe: FlaskClient, app: Flask) -> None:
    with unchanged(app):
        problem_of(probe.post("/v1/probes/ask_and_write"), 500)


def test_reading_request_cannot_write_by_statement(probe: FlaskClient, app: Flask) -> None:
    with open_session(database(app), read_only=False) as session:
        session.info["author"] = Author("test")
        create_agency(session, dict(FIELDS))
        session.commit()
    with unchanged(app):
        problem_of(probe.get("/v1/probes/write_by_statement"), 500)


def test_client_notices_uncommitted_work(store: Store) -> None:
    app = store.app_with()

    @app.get("/v1/probe")
    def forget() -> str:
        with open_session(database(app), read_only=False) as session:
            write_agency(session)
        return "done"

    with pytest.raises(AssertionError, match="did not commit"):
        app.test_client().get("/v1/probe")
