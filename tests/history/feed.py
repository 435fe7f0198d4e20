"""The change feed and access grants, each read or made in one line."""

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
    """A page of events."""
    response = api.get(path, query_string=query)
    assert response.status_code == 200, response.text
    return answer(response)


def events(api: CheckedClient, path: str = FEED, **query: Any) -> Events:
    """All events, page by page."""
    found: Events = []
    while True:
        found_page = page(api, path, **query)
        found += found_page["items"]
        if not found_page["page"]["has_more"]:
            return found
        query["after"] = found_page["page"]["next_cursor"]


def system_events(api: CheckedClient, **query: Any) -> Events:
    """All events of systems."""
    return events(api, resource="system", **query)


def summarise(found: Events) -> list[tuple[str, dict[str, Any]]]:
    """The kind of each event, and the new values of the fields that changed."""
    return [
        (each["kind"], {name: change["after"] for name, change in each["changes"].items()})
        for each in found
    ]


def history_path(system: dict[str, Any]) -> str:
    """The address of a system's history."""
    return f"/v1/systems/{system['id']}/history"


def grant(api: CheckedClient, grantee: str, profile: str) -> str:
    """Open all of an agency's systems to another; the grant's address."""
    made = record(
        api,
        "/v1/access-grants",
        grantee=grantee,
        resource_types=["systems"],
        field_profile=profile,
        purpose="To plan the merger.",
        expires_at=(clock.now() + timedelta(days=30)).isoformat().replace("+00:00", "Z"),
    )
    return f"/v1/access-grants/{made['id']}"


def revoke(api: CheckedClient, grant: str) -> None:
    """End a grant."""
    response = api.post(f"{grant}/revocation", json={"reason": "The merger was called off."})
    assert response.status_code == 200, response.text


def patch_system(api: CheckedClient, system: dict[str, Any], **changes: Any) -> None:
    """Change a system, for a reason."""
    path = f"/v1/systems/{system['id']}"
    headers = {"If-Match": api.get(path).headers["ETag"], "Change-Reason": "Because."}
    response = api.patch(path, json=changes, headers=headers)
    assert response.status_code == 200, response.text
