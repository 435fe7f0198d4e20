"""Helpers that read the change feed, and create and revoke access grants."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from catalogue.core import clock
from tests.api_calls import answer
from tests.factories import record
from tests.unsaved import CheckedClient

FEED = "/v1/changes"
KENT = "kent-police"
SCOPES = "audit:read systems:read systems:write agencies:read agencies:write"
WITH_RISKS = f"{SCOPES} risks:read"

SignIn = Callable[[str | None, str], CheckedClient]
Events = list[dict[str, Any]]


def page(api: CheckedClient, path: str = FEED, **query: Any) -> dict[str, Any]:
    """Read a page of events."""
    response = api.get(path, query_string=query)
    assert response.status_code == 200, response.text
    return answer(response)


def events(api: CheckedClient, path: str = FEED, **query: Any) -> Events:
    """Read all events, page by page."""
    items: Events = []
    while True:
        event_page = page(api, path, **query)
        items += event_page["items"]
        if not event_page["page"]["has_more"]:
            return items
        query["after"] = event_page["page"]["next_cursor"]


def system_events(api: CheckedClient, **query: Any) -> Events:
    """Read all events of systems."""
    return events(api, resource="system", **query)


def summarise(items: Events) -> list[tuple[str, dict[str, Any]]]:
    """Return the kind of each event, and the new values of the fields that changed."""
    return [
        (each["kind"], {name: change["after"] for name, change in each["changes"].items()})
        for each in items
    ]


def history_path(system: dict[str, Any]) -> str:
    """Return the address of a system's history."""
    return f"/v1/systems/{system['id']}/history"


def grant(api: CheckedClient, grantee: str, profile: str, *, hours: int = 720) -> str:
    """Grant an agency access to all systems of the client's, and return the grant's address."""
    created = record(
        api,
        "/v1/access-grants",
        grantee=grantee,
        resource_types=["systems"],
        field_profile=profile,
        purpose="To plan the merger.",
        expires_at=(clock.now() + timedelta(hours=hours)).isoformat().replace("+00:00", "Z"),
    )
    return f"/v1/access-grants/{created['id']}"


def revoke(api: CheckedClient, grant: str) -> None:
    """Revoke a grant."""
    response = api.post(f"{grant}/revocation", json={"reason": "The merger was called off."})
    assert response.status_code == 200, response.text


def patch_system(api: CheckedClient, system: dict[str, Any], **changes: Any) -> None:
    """Change a system, with a reason."""
    path = f"/v1/systems/{system['id']}"
    headers = {"If-Match": api.get(path).headers["ETag"], "Change-Reason": "Because."}
    response = api.patch(path, json=changes, headers=headers)
    assert response.status_code == 200, response.text
