"""Fixtures: a programme to report on, on the day after the period."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.reports.highlights.board import Board


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 12, 1, 12, 30, 15, 123456, tzinfo=UTC)):
        yield


@pytest.fixture
def board(sign_in, session):
    return Board(sign_in, session)
