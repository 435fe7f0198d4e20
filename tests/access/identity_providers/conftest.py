"""Fixtures of identity providers: a provider that runs, and an app that accepts its tokens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue.access.identity_providers.operations import create_identity_provider
from catalogue.core.application import unit_of_work
from tests.access.conftest import add_probe, bearer
from tests.access.identity_providers.issuer import AUDIENCE, Issuer
from tests.factories import signed_in
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS

AGENCY = "bedfordshire-police"

Connect = Callable[..., FlaskClient]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


@pytest.fixture(scope="session")
def provider_app(store: Store) -> Flask:
    """An app that may connect to this machine. Each issuer has a port, and so keys, of its own."""
    return add_probe(
        store.app_with(
            identity_provider_private_addresses=True,
            identity_provider_timeout_seconds=float(PATIENCE_SECONDS),
        )
    )


def record_provider(app: Flask, issuer: str, **fields: Any) -> None:
    """Record an identity provider whose tokens act for one agency."""
    usual = {"key": "beds", "name": "Bedfordshire", "audiences": [AUDIENCE], "agencies": [AGENCY]}
    with unit_of_work(app) as context:
        create_identity_provider(context, usual | {"issuer": issuer} | fields)


@pytest.fixture
def connect(provider_app: Flask, issuer: Issuer, make_agency: Callable[..., object]) -> Connect:
    """Return a function that records the provider, and makes a client."""
    make_agency(AGENCY)

    def make_client(app: Flask = provider_app, **fields: Any) -> FlaskClient:
        record_provider(app, fields.pop("issuer", issuer.url), **fields)
        return app.test_client()

    return make_client


@pytest.fixture
def administrator(provider_app: Flask, session: Any, make_agency: Callable[..., object]) -> Any:
    """A client of an administrator, on an app that may connect to this machine."""
    make_agency(AGENCY)
    return signed_in(provider_app, session, None, "admin audit:read systems:read")


def ask(api: FlaskClient, token: str) -> TestResponse:
    """Request the actor of a token."""
    return api.get("/v1/probe", headers=bearer(token))
