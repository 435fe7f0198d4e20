"""Signing keys: created once, rotated without a gap, withdrawn at once, never published whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.access import keys, tokens
from catalogue.access.models import SigningKey
from catalogue.core import clock
from catalogue.core.application import database, unit_of_work
from tests.access.conftest import Register, bearer
from tests.stores import Store, new_app
from tests.threads import PATIENCE_SECONDS

Issue = Callable[..., str]

PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def rotate(app: Flask, algorithm: str = "ES256") -> str:
    with unit_of_work(app) as context:
        session = context.session
        return keys.rotate_keys(session, algorithm=algorithm).kid


def test_simultaneous_workers_make_one_first_key(store: Store) -> None:
    workers = [new_app(store.settings) for _ in range(4)]
    together = Barrier(len(workers))

    def begin(app: Flask) -> str:
        with unit_of_work(app) as context:
            session = context.session
            together.wait(PATIENCE_SECONDS)
            return keys.signing_key(session).kid

    with ThreadPoolExecutor(len(workers)) as pool:
        kids = set(pool.map(begin, workers))
    for app in workers:
        database(app).engine.dispose()
    assert len(kids) == 1
    with store.database.engine.connect() as connection:
        assert connection.scalars(sa.select(SigningKey.kid)).all() == list(kids)


def test_simultaneous_rotations_leave_one_signing_key(store: Store, app: Flask) -> None:
    together = Barrier(2)

    def begin(_number: int) -> str:
        together.wait(PATIENCE_SECONDS)
        return rotate(app)

    with ThreadPoolExecutor(2) as pool:
        new_kids = set(pool.map(begin, range(2)))
    assert len(new_kids) == 2
    with store.database.engine.connect() as connection:
        signing = connection.scalars(sa.select(SigningKey.kid).where(SigningKey.signing.is_(True)))
        assert len(set(signing) & new_kids) == 1


def test_published_keys_hold_no_private_parts(
    api: FlaskClient, app: Flask, session: Session
) -> None:
    rotate(app, "RS256")
    rotate(app)
    answer = api.get("/oauth/jwks.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    published = answer.json["keys"]
    assert [key["alg"] for key in published] == ["ES256", "RS256"]
    assert [key["kty"] for key in published] == ["EC", "RSA"]
    for key in published:
        assert key["use"] == "sig"
        assert key["kid"]
        assert not PRIVATE_PARTS & set(key)
    assert "PRIVATE" not in answer.text


def test_first_request_for_keys_makes_the_first_key(api: FlaskClient, session: Session) -> None:
    first = api.get("/oauth/jwks.json").json["keys"]
    assert len(first) == 1
    assert api.get("/oauth/jwks.json").json["keys"] == first


def test_tokens_of_old_and_new_key_work_after_rotation(
    app: Flask, api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    start = clock.now()
    with clock.freeze(start):
        before = issue(client)
        assert api.get("/v1/probe", headers=bearer(before)).status_code == 200
        new_kid = rotate(app)
        after = issue(client)
        assert tokens.read_header(after).kid == new_kid
        for token in (before, after):
            assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
        assert len(api.get("/oauth/jwks.json").json["keys"]) == 2
    with clock.freeze(start + timedelta(hours=25)):
        assert [key["kid"] for key in api.get("/oauth/jwks.json").json["keys"]] == [new_kid]
        rotate(app)
        with database(app).engine.connect() as connection:
            assert len(connection.scalars(sa.select(SigningKey.kid)).all()) == 2


def test_retired_key_no_longer_verifies_tokens(
    app: Flask, api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    start = clock.now()
    with clock.freeze(start):
        token = issue(client, lifetime=timedelta(hours=24))
        kid = tokens.read_header(token).kid
        rotate(app)
    with clock.freeze(start + timedelta(hours=23)):
        assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    with database(app).engine.begin() as connection:
        connection.execute(
            sa.update(SigningKey)
            .where(SigningKey.kid == kid)
            .values(verifies_until=start + timedelta(hours=1))
        )
    rotate(app)  # so that every worker looks the key up again
    with clock.freeze(start + timedelta(hours=2)):
        answer = api.get("/v1/probe", headers=bearer(token))
        assert answer.status_code == 401
        assert "unknown key" in answer.json["detail"]


def test_withdrawn_key_ends_its_tokens_at_once(
    app: Flask, api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    token = issue(client)
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200
    kid = tokens.read_header(token).kid
    assert kid
    with unit_of_work(app) as context:
        session = context.session
        keys.withdraw_key(session, kid)
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 401
    renewed = issue(client)
    assert tokens.read_header(renewed).kid != kid
    assert api.get("/v1/probe", headers=bearer(renewed)).status_code == 200


def test_withdrawing_unknown_key_is_refused(app: Flask, session: Session) -> None:
    with app.app_context(), pytest.raises(keys.UnknownKey):
        keys.withdraw_key(session, "unknown")


def test_rsa_key_signs_tokens(
    app: Flask, api: FlaskClient, register: Register, issue: Issue
) -> None:
    client, _ = register()
    rotate(app, "RS256")
    token = issue(client)
    assert tokens.read_header(token).algorithm == "RS256"
    assert api.get("/v1/probe", headers=bearer(token)).status_code == 200


def test_key_for_unsupported_algorithm_is_refused(app: Flask, session: Session) -> None:
    for algorithm in ("none", "HS256", "PS256"):
        with app.app_context(), pytest.raises(ValueError, match="not supported"):
            keys.rotate_keys(session, algorithm=algorithm)
        session.rollback()
