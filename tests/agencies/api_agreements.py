"""Helpers that create, accept and end agreements and access grants through the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from catalogue.core import clock
from tests.api_calls import Fields, answer, listed, read
from tests.factories import CAMBS, SIGNATORY, record
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]

AGREEMENTS, GRANTS = "/v1/agreements", "/v1/access-grants"
HERTS, KENT = "hertfordshire-police", "kent-police"
SCOPES = "agencies:read agencies:write systems:read systems:write risks:read"


def agreement(lead: CheckedClient, *others: str, **fields: Any) -> Fields:
    """Create an agreement that the client's agency leads. It starts today and has no end."""
    body = {
        "title": "Shared ICT",
        "instrument": "police_act_1996_s22a",
        "parties": list(others or [CAMBS]),
        "start_date": str(clock.today()),
        "field_profile": "standard",
    }
    return record(lead, AGREEMENTS, **body | fields)


def path_of(made: Fields) -> str:
    """Return the address of an agreement."""
    return f"{AGREEMENTS}/{made['id']}"


def accept(api: CheckedClient, made: Fields, content_hash: str = "") -> TestResponse:
    """Accept the present terms, or the terms with this hash."""
    content_hash = content_hash or read(api, path_of(made))["content_hash"]
    return api.post(f"{path_of(made)}/acceptances", json=SIGNATORY | {"content_hash": content_hash})


def agree(made: Fields, *apis: CheckedClient) -> Fields:
    """Accept an agreement for each client's agency, and return the agreement."""
    for api in apis:
        assert accept(api, made).status_code == 201
    return read(apis[0], path_of(made))


def withdraw(api: CheckedClient, made: Fields) -> TestResponse:
    """Withdraw the client's agency."""
    return api.post(f"{path_of(made)}/withdrawal", json={"reason": "We leave."})


def terminate(api: CheckedClient, made: Fields) -> TestResponse:
    """End an agreement."""
    return api.post(f"{path_of(made)}/termination")


def grant(grantor: CheckedClient, grantee: str = CAMBS, **fields: Any) -> Fields:
    """Grant access to all systems for a week."""
    body = {
        "grantee": grantee,
        "resource_types": ["systems"],
        "field_profile": "standard",
        "purpose": "To plan.",
        "expires_at": format_time(clock.now() + timedelta(days=7)),
    }
    return record(grantor, GRANTS, **body | fields)


def revoke(api: CheckedClient, made: Fields) -> TestResponse:
    """Revoke a grant."""
    return api.post(f"{GRANTS}/{made['id']}/revocation", json={"reason": "It is done."})


def format_time(moment: datetime) -> str:
    """Return a moment in the format of the API."""
    return moment.isoformat()


def list_system_names(api: CheckedClient) -> list[str]:
    """List the names of the systems that a client sees."""
    return listed(api, "/v1/systems")


def list_statuses(api: CheckedClient, path: str) -> list[str]:
    """List the status of each record."""
    return [item["status"] for item in answer(api.get(path))["items"]]
