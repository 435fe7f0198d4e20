"""Fixtures of access: an app with a probe operation, clients and tokens."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.access import operations
from catalogue.access.models import OAuthClient
from catalogue.core.actor import Scope
from catalogue.core.application import database, settings
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from tests.access.forged_tokens import Forger
from tests.stores import Store, new_app

AGENCY = "bedfordshire-police"

Register = Callable[..., tuple[OAuthClient, str]]


def add_probe(app: Flask) -> Flask:
    """Add operations to an app that return the actor of the request."""
    probe = Blueprint("probe", __name__, url_prefix="/v1/probe")

    @probe.get("", scope=Scope.SYSTEMS_READ)
    def read_probe(context: Context) -> dict[str, object]:
        """Return the actor of the request."""
        actor = context.actor
        return {
            "client_id": actor.client_id,
            "agency": actor.agency,
            "agency_id": str(actor.agency_id),
            "scopes": sorted(actor.scopes),
            "subject": actor.subject,
        }

    @probe.post("", scope=Scope.SYSTEMS_WRITE, status=200)
    def write_probe(_context: Context) -> dict[str, object]:
        """Do nothing."""
        return {}

    app.register_blueprint(probe)
    return app


def bearer(token: str) -> dict[str, str]:
    """Return the Authorization header of a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="session")
def app(store: Store) -> Iterator[Flask]:
    """The app on the store, with the probe."""
    probed_app = add_probe(new_app(store.settings))
    yield probed_app
    database(probed_app).engine.dispose()


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    """A client without credentials."""
    return app.test_client()


@pytest.fixture
def register(app: Flask, session: Session, make_agency: Callable[..., object]) -> Register:
    """Return a function that registers a client and its agency: `register("systems:read")`."""
    known: set[str] = set()

    def register_client(
        scopes: str = "systems:read", agency: str | None = AGENCY
    ) -> tuple[OAuthClient, str]:
        if agency and agency not in known:
            make_agency(agency)
            known.add(agency)
        client, secret = operations.create_client(
            session, name="Test", agency_code=agency, scopes=scopes
        )
        session.commit()
        # A second read would open a transaction, and SQLite has only one for all writers.
        session.expunge(client)
        return client, secret

    return register_client


@pytest.fixture
def issue(app: Flask, session: Session) -> Callable[..., str]:
    """Return a function that issues a token to a client without HTTP."""

    def issue_token(client: OAuthClient, **options: object) -> str:
        token = operations.issue_token(
            session,
            client=client,
            settings=settings(app),
            **options,  # type: ignore[arg-type]
        )
        session.commit()
        return token

    return issue_token


@pytest.fixture
def forger(app: Flask, register: Register) -> Forger:
    """A forger of tokens for an existing client."""
    client, _ = register()
    return Forger(app, client, AGENCY)
