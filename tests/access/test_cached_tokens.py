"""Cached tokens: a read starts with the cached actor, and ends only after the deferred check."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from catalogue.access import keys, operations
from catalogue.core import raw_postgres
from catalogue.core.application import database, unit_of_work
from tests.access.conftest import Register, bearer

Issue = Callable[..., str]
SCOPES = "systems:read systems:write"
READS = {
    "/v1/systems": 200,
    "/v1/systems?total=true&fields=name": 200,
    "/v1/systems?lifecycle=cancelled": 200,
    "/v1/systems/{id}": 200,
    "/v1/systems/{absent}": 404,
    "/v1/systems?colour=red": 400,
    "/v1/agencies": 403,
    "/v1/jobs/{absent}": 404,
}


@pytest.fixture
def paths(api: FlaskClient, register: Register, issue: Issue) -> dict[str, int]:
    """Reads of every kind, with the status that each returns for a valid token."""
    headers = bearer(issue(register(SCOPES)[0]))
    created = api.post("/v1/systems", json={"name": "Duty", "lifecycle": "live"}, headers=headers)
    ids = {"id": created.json["id"], "absent": uuid4()}
    return {path.format(**ids): status for path, status in READS.items()}


def test_revoked_cached_token_reads_nothing(
    app: Flask, api: FlaskClient, paths: dict[str, int], register: Register, issue: Issue
) -> None:
    client, _ = register()
    token = issue(client)
    for path, status in paths.items():
        assert api.get(path, headers=bearer(token)).status_code == status, path
    with unit_of_work(app) as context:
        work = context.session
        operations.revoke_client(work, client_id=client.client_id)
    for path in paths:
        assert api.get(path, headers=bearer(token)).status_code == 401, path


def test_valid_token_still_reads_when_another_is_revoked(
    app: Flask, api: FlaskClient, paths: dict[str, int], register: Register, issue: Issue
) -> None:
    token = issue(register()[0])
    other, _ = register()
    before = {path: api.get(path, headers=bearer(token)).data for path in paths}
    with unit_of_work(app) as context:
        work = context.session
        operations.revoke_client(work, client_id=other.client_id)
    for path, status in paths.items():
        answer = api.get(path, headers=bearer(token))
        assert (answer.status_code, answer.data) == (status, before[path]), path


def test_withdrawn_key_ends_its_cached_tokens(
    app: Flask, api: FlaskClient, paths: dict[str, int], register: Register, issue: Issue
) -> None:
    token = issue(register()[0])
    assert api.get("/v1/systems", headers=bearer(token)).status_code == 200
    with unit_of_work(app) as context:
        work = context.session
        kid = keys.signing_key(work).kid
        keys.rotate_keys(work)
        keys.withdraw_key(work, kid)
    for path in paths:
        assert api.get(path, headers=bearer(token)).status_code == 401, path


@contextmanager
def record_statements() -> Iterator[list[str]]:
    """Record the statements that psycopg runs within the block."""
    ran: list[str] = []
    execute = psycopg.Cursor.execute

    def record(cursor: psycopg.Cursor[object], query: object, *rest: object) -> object:
        ran.append(query.decode() if isinstance(query, bytes) else str(query))
        return execute(cursor, query, *rest)  # type: ignore[arg-type]

    with patch.object(psycopg.Cursor, "execute", record):
        yield ran


@pytest.mark.only_on("postgresql")
def test_read_with_cached_token_runs_one_statement(
    api: FlaskClient, paths: dict[str, int], register: Register, issue: Issue
) -> None:
    headers = bearer(issue(register()[0]))
    api.get("/v1/systems", headers=headers)
    read, listed = (next(p for p in paths if p.startswith(s)) for s in ("/v1/systems/", "/v1/s"))
    for path in (read, listed):
        with record_statements() as ran:
            assert api.get(path, headers=headers).status_code == 200
        assert len(ran) == 1
        assert "revocation_epoch" in ran[0]


@pytest.mark.only_on("postgresql")
def test_write_checks_token_before_its_first_statement(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    headers = bearer(issue(register(SCOPES)[0]))
    api.get("/v1/systems", headers=headers)
    with record_statements() as ran:
        api.post("/v1/systems", json={"name": "Fleet", "lifecycle": "live"}, headers=headers)
    assert ran[0] == "SELECT value FROM revocation_epoch"


@pytest.mark.only_on("postgresql")
def test_failed_driver_statement_raises_sqlalchemy_error(app: Flask) -> None:
    with (
        database(app).reading_engine.connect() as connection,
        pytest.raises(sa.exc.DataError) as caught,
    ):
        raw_postgres.execute(connection, b"SELECT $1::uuid", ["none"])
    assert isinstance(caught.value.orig, psycopg.errors.InvalidTextRepresentation)


@pytest.mark.only_on("postgresql")
def test_request_values_are_not_written_into_the_statement(
    api: FlaskClient, register: Register, issue: Issue
) -> None:
    """Only constants of the code are part of the statement, never values of a request."""
    client, _ = register()
    headers = bearer(issue(client))
    url = "/v1/systems?q=quarry&hosting=hybrid&name=O'Brien&user_count__gte=4711"
    api.get("/v1/systems", headers=headers)
    with record_statements() as ran:
        assert api.get(url, headers=headers).status_code == 200
    assert "'all_agencies'" in ran[0]
    for value in ("quarry", "hybrid", "Brien", "4711", str(client.agency_id)):
        assert value not in ran[0]
