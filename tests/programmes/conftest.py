"""A programme that Cambridgeshire leads, with a system of Bedfordshire's, on a fixed day."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from tests.api_calls import change
from tests.factories import BEDS, CAMBS, add_system
from tests.programmes.api_migrations import LEAD_SCOPES, create_migration


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in):
    """Cambridgeshire, which leads the programme."""
    return sign_in(CAMBS, LEAD_SCOPES)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared back office"}).json


@pytest.fixture
def ledger(session):
    created = add_system(session, BEDS, "Ledger")
    session.commit()
    return created


@pytest.fixture
def move(api, programme):
    """Add a migration of a system to the programme."""

    def move(each, **fields):
        return create_migration(api, programme, each, **fields)

    return move


@pytest.fixture
def add(api, programme):
    """Add a record of any other kind to the programme."""

    def add(path, **fields):
        answer = api.post(f"/v1/{path}", json={"programme_id": programme["id"]} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    return add


@pytest.fixture
def patch(api):
    """Change a record as the programme's lead."""

    def patch(path, record, **changes):
        return change(api, f"/v1/{path}/{record['id']}", **changes)

    return patch
