"""Readiness of systems over HTTP, and the records that block retirement."""

from datetime import timedelta
from typing import Any

from catalogue.core import clock
from tests.api_calls import Fields, read
from tests.factories import record
from tests.unsaved import CheckedClient

READINESS_SCOPES = (
    "systems:read systems:write contracts:read contracts:write overlaps:read decisions:read "
    "decisions:propose decisions:sign agencies:read agencies:write audit:read"
)
CLEAR: Fields = {
    "lifecycle": "sunsetting",
    "user_count": 0,
    "personal_data": "none",
    "hosting": "on_premise",
}
"""Fields of a system that needs only an agreed decision to be ready."""


def read_readiness(api: CheckedClient, identity: Any) -> Fields:
    """Get the readiness of a system."""
    return read(api, f"/v1/systems/{identity}/retirement-readiness")


def list_blocker_kinds(api: CheckedClient, identity: Any) -> list[str]:
    """List the kinds of blockers, except that of the decision."""
    kinds = [each["kind"] for each in read_readiness(api, identity)["blockers"]]
    return [kind for kind in kinds if kind != "no_agreed_decision"]


def read_blocker(api: CheckedClient, identity: Any, kind: str) -> Fields:
    """Return the only blocker of a kind."""
    [blocker] = [b for b in read_readiness(api, identity)["blockers"] if b["kind"] == kind]
    return dict(blocker)


def create_interface(api: CheckedClient, source: Fields, target: Fields, **fields: Any) -> Fields:
    """Record an interface between two systems."""
    ends = {"from_system_id": source["id"], "to_system_id": target["id"], "standard": "sftp"}
    return record(api, "/v1/interfaces", **ends | fields)


def day(days: int) -> str:
    """Return the date a number of days from today, which can be negative."""
    return str(clock.today() + timedelta(days=days))
