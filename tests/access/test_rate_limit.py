"""Rate limit of the token endpoints, shared by all workers, for each minute."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.access import rate_limit
from catalogue.access.models import TokenAttempt
from catalogue.core import clock
from catalogue.core.application import unit_of_work
from tests.access.conftest import Register
from tests.stores import Store

START = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
GRANT = {"grant_type": "client_credentials"}

Ask = Callable[..., TestResponse]


@pytest.fixture
def workers(store: Store) -> list[FlaskClient]:
    """Two workers that allow three requests a minute."""
    return [store.app_with(token_requests_per_minute=3).test_client() for _ in range(2)]


@pytest.fixture
def ask(workers: list[FlaskClient]) -> Ask:
    """Return a function that requests a token from a worker, the first by default."""

    def request_token(
        auth: tuple[str, str], address: str = "192.0.2.1", worker: int = 0, path: str = "token"
    ) -> TestResponse:
        return workers[worker].post(
            f"/oauth/{path}",
            data=GRANT | {"token": "x"},
            auth=auth,
            environ_base={"REMOTE_ADDR": address},
        )

    return request_token


def test_client_over_limit_is_refused_until_next_minute(ask: Ask, register: Register) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    with clock.freeze(START):
        assert [ask(auth).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = ask(auth)
        assert refused.headers["Retry-After"] == "45"
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.mimetype == "application/json"
        assert refused.json["error"] == "slow_down"
        assert refused.json["error_description"]
    with clock.freeze(START + timedelta(seconds=44)):
        assert ask(auth).status_code == 429
    with clock.freeze(START + timedelta(seconds=45)):
        assert ask(auth).status_code == 200


def test_workers_share_one_count(ask: Ask, register: Register) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    with clock.freeze(START):
        statuses = [ask(auth, worker=number % 2).status_code for number in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_wrong_secrets_count_towards_limit(ask: Ask, register: Register) -> None:
    client, secret = register()
    with clock.freeze(START):
        statuses = [ask((client.client_id, "guess")).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        assert ask((client.client_id, secret)).status_code == 429


def test_guesses_from_another_address_do_not_block_client(ask: Ask, register: Register) -> None:
    client, secret = register()
    with clock.freeze(START):
        for _ in range(5):
            ask((client.client_id, "guess"), address="203.0.113.9")
        assert ask((client.client_id, secret)).status_code == 200


def test_address_is_limited_whatever_client_it_names(ask: Ask, register: Register) -> None:
    client, secret = register()
    with clock.freeze(START):
        statuses = [ask((f"guess-{number}", "x")).status_code for number in range(31)]
        assert statuses == [401] * 30 + [429]
        assert ask((client.client_id, secret)).status_code == 429
        assert ask((client.client_id, secret), address="192.0.2.2").status_code == 200


def test_each_endpoint_has_its_own_limit(ask: Ask, register: Register) -> None:
    client, secret = register()
    auth = (client.client_id, secret)
    with clock.freeze(START):
        assert [ask(auth).status_code for _ in range(4)][-1] == 429
        assert [ask(auth, path="revoke").status_code for _ in range(4)][-1] == 429
        statuses = [ask(auth, path="introspect").status_code for _ in range(31)]
        assert statuses == [200] * 30 + [429]


def test_stored_attempts_are_bounded_and_deleted_after_a_minute(
    ask: Ask, register: Register, session: Session
) -> None:
    client, secret = register()
    rows = sa.select(sa.func.count()).select_from(TokenAttempt)
    with clock.freeze(START):
        for number in range(100):
            ask((f"guess-{number}", "x"))
        assert session.scalar(rows) == 31
        session.rollback()
    with clock.freeze(START + timedelta(minutes=1)):
        ask((client.client_id, secret))
        assert session.scalar(rows) == 2


def test_stored_attempts_hold_neither_address_nor_client_id(
    ask: Ask, register: Register, session: Session
) -> None:
    client, secret = register()
    ask((client.client_id, secret), address="192.0.2.77")
    stored = " ".join(session.scalars(sa.select(TokenAttempt.bucket)))
    assert "192.0.2.77" not in stored
    assert client.client_id not in stored


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("", "", True),
        ("a socket", "another", False),
    ],
)
def test_attempts_are_counted_by_normalised_address(
    app: Flask, session: Session, one: str, another: str, same: bool
) -> None:
    def wait(address: str, client_id: str) -> int | None:
        return rate_limit.seconds_to_wait(
            session, endpoint="token", client_id=client_id, address=address, limit=1
        )

    with clock.freeze(START):
        for number in range(rate_limit.CLIENTS_PER_ADDRESS):
            assert wait(one, f"client-{number}") is None
        assert (wait(another, "one more") is not None) is same
    session.rollback()


def test_simultaneous_requests_are_all_counted(store: Store) -> None:
    def count(_number: int) -> int | None:
        with unit_of_work(store.app) as context:
            session = context.session
            return rate_limit.seconds_to_wait(
                session, endpoint="token", client_id="x", address="192.0.2.1", limit=10
            )

    with clock.freeze(START), ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(count, range(24)))
    assert waits.count(None) == 10
