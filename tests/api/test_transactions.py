"""A request is one transaction: committed once it succeeded, and leaving nothing where it failed."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from catalogue.agencies.models import Agency
from catalogue.agencies.operations import create_agency
from catalogue.core.actor import Author
from catalogue.core.database import database, session, working
from catalogue.core.errors import Conflict
from catalogue.core.rest.blueprint import PUBLIC, Blueprint
from tests.api.refusals import contents, problem_of, unchanged
from tests.stores import Store

FIELDS = {"code": "kent-fire", "name": "Kent Fire", "kind": "fire"}


def write() -> None:
    """Record an agency, and send it to the database."""
    session().info["author"] = Author("test")
    create_agency(session(), dict(FIELDS))
    session().flush()


def read_and_write() -> None:
    """Write in a request that reads."""
    write()


def write_and_fail() -> None:
    """Fail after writing."""
    write()
    raise Conflict("It was not meant to be.")


def write_and_break() -> None:
    """Break after writing."""
    write()
    raise ZeroDivisionError


def write_by_statement() -> None:
    """Write in a request that reads, past the session's objects."""
    session().execute(sa.update(Agency).values(name="Changed"))


@pytest.fixture
def probe(store: Store) -> Callable[..., FlaskClient]:
    """An app with one more operation."""

    def made(method: str, view: Callable[[], None], **options: bool) -> FlaskClient:
        app: Flask = store.app_with()
        app.testing = False
        blueprint = Blueprint("probe", __name__, url_prefix="/v1/probe")
        options |= {} if method == "get" else {"idempotent": False}
        getattr(blueprint, method)("", scope=PUBLIC, **options)(view)
        app.register_blueprint(blueprint)
        return app.test_client()

    return made


Probe = Callable[..., FlaskClient]


def test_what_succeeds_is_committed(probe: Probe, app: Flask) -> None:
    assert probe("post", write).post("/v1/probe").status_code == 204
    assert len(contents(app)["agency"]) == 1


@pytest.mark.parametrize(("view", "status"), [(write_and_fail, 409), (write_and_break, 500)])
def test_what_fails_leaves_nothing(
    probe: Probe, app: Flask, view: Callable[[], None], status: int
) -> None:
    with unchanged(app):
        problem_of(probe("post", view).post("/v1/probe"), status)


def test_a_request_that_reads_cannot_write(probe: Probe, app: Flask) -> None:
    with unchanged(app):
        problem_of(probe("get", read_and_write).get("/v1/probe"), 500)


def test_a_question_that_is_posted_cannot_write(probe: Probe, app: Flask) -> None:
    with unchanged(app):
        problem_of(probe("post", read_and_write, asks=True).post("/v1/probe"), 500)


def test_a_statement_that_writes_while_reading_fails(probe: Probe, app: Flask) -> None:
    with working(database(app), read_only=False) as opened:
        opened.info["author"] = Author("test")
        create_agency(opened, dict(FIELDS))
        opened.commit()
    with unchanged(app):
        problem_of(probe("get", write_by_statement).get("/v1/probe"), 500)


def test_the_tests_notice_work_that_is_not_saved(store: Store) -> None:
    app = store.app_with()

    @app.get("/probe")
    def forget() -> str:
        with working(database(app), read_only=False):
            write()
        return "done"

    with pytest.raises(AssertionError, match="did not commit"):
        app.test_client().get("/probe")
