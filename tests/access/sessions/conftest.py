"""Fixtures of sessions: an actor that a session can stand for."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from catalogue.access.models import OAuthClient
from catalogue.access.operations import create_client
from catalogue.access.scopes import known_scopes
from catalogue.core.actor import Actor

AGENCY = "bedfordshire-police"
SCOPES = "systems:read systems:write"


@pytest.fixture
def oauth_client(session: Session, make_agency: Callable[..., object]) -> OAuthClient:
    """A client of an agency, as the roles of the demonstration have."""
    make_agency(AGENCY)
    return create_client(session, name="Manager", agency_code=AGENCY, scopes=SCOPES)[0]


@pytest.fixture
def actor(oauth_client: OAuthClient) -> Actor:
    """A person who signs in for the client."""
    return Actor(
        oauth_client.client_id,
        oauth_client.agency_id,
        AGENCY,
        known_scopes(SCOPES),
        "person:manager",
    )
