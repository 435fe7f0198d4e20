"""A receiver of webhooks, and rounds of deliveries."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.application import database, ports
from catalogue.webhooks.dispatch import send_events
from tests.api_calls import answer
from tests.factories import BEDS, signed_in
from tests.stores import Store
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Receiver
from tests.webhooks.webhook_calls import NOON

SCOPES = "systems:read systems:write agencies:read agencies:write webhooks:write audit:read"
Fields = dict[str, Any]


@pytest.fixture
def hooked(store: Store) -> Flask:
    """Return an app that may send to this machine."""
    return store.app_with(webhook_private_addresses=True, identity_provider_private_addresses=True)


@pytest.fixture
def enter(hooked: Flask, session: Session) -> Callable[..., CheckedClient]:
    """`enter("bedfordshire-police")`: sign in with the scopes that webhooks need."""

    def sign_in(code: str, scopes: str = SCOPES) -> CheckedClient:
        return signed_in(hooked, session, code, scopes)

    return sign_in


@pytest.fixture
def beds(enter: Callable[..., CheckedClient]) -> CheckedClient:
    """Return Bedfordshire's client."""
    return enter(BEDS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Yield a receiver that accepts everything."""
    with Receiver() as made:
        yield made


@pytest.fixture
def subscribe(receiver: Receiver) -> Callable[..., Fields]:
    """`subscribe(client)`: create a webhook for events of systems, and return its id and secret."""

    def create(api: CheckedClient, **fields: Any) -> Fields:
        usual = {"url": receiver.url, "event_kinds": ["system.*"]}
        response = api.post("/v1/webhooks", json=usual | fields)
        assert response.status_code == 201, response.text
        return answer(response)

    return create


@pytest.fixture
def deliver(hooked: Flask) -> Callable[[], None]:
    """Return a function that delivers until nothing is due."""

    def run() -> None:
        for _ in range(200):
            if not send_events(database(hooked), ports(hooked)):
                return
        raise AssertionError("The deliveries do not end.")

    return run


@pytest.fixture
def noon() -> Iterator[None]:
    """Freeze the clock at noon of a day."""
    with clock.freeze(NOON):
        yield
