"""What the tests of the API's surface share."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.api.world import World


@pytest.fixture
def world(app: Flask, session: Session) -> World:
    """Three agencies, and records as they are asked for."""
    return World(app, session)
