"""A program that keeps a copy of all records by following the change feed."""

from collections.abc import Iterator
from typing import Any

from tests.api_calls import answer
from tests.history.feed import FEED
from tests.unsaved import CheckedClient

Copies = dict[tuple[str, str], dict[str, Any]]

LISTS = {
    "access_grant": "/v1/access-grants",
    "agreement": "/v1/agreements",
    "baseline": "/v1/baselines",
    "contract": "/v1/contracts",
    "interface": "/v1/interfaces",
    "migration": "/v1/migrations",
    "milestone": "/v1/milestones",
    "pipeline_entry": "/v1/pipeline-entries",
    "programme": "/v1/programmes",
    "system": "/v1/systems",
    "wave": "/v1/waves",
}
PARTS = {
    ("system_use", "system"): "/v1/systems/{id}/uses",
    ("cost", "system"): "/v1/systems/{id}/costs",
    ("baseline_line", "baseline"): "/v1/baselines/{id}/lines",
    ("migration_stage_entry", "migration"): "/v1/migrations/{id}/stages",
}
STAGES = "migration_stage_entry"
"""A kind without addresses, whose list is read again after each event of it or of its migration."""
ELSEWHERE = {
    "access_grant": {"status"},
    "agreement": {"status"},
    "interface": {"from_system_name", "to_system_name"},
    "system": {"updated_at", "attested_at", "attestation_verdict", "product_name", "supplier_name"},
    "migration": {"system_name", "target_system_name"},
}
"""Fields that follow from the date, or repeat what the events of other records show."""


class Follower:
    """A copy of all records of some kinds, which follows the feed from its present end."""

    def __init__(self, api: CheckedClient) -> None:
        self.api = api
        self.cursor = answer(api.get(FEED, query_string={"after": "end"}))["page"]["next_cursor"]
        self.copies = fresh_copies(api)
        self.log: list[dict[str, Any]] = []

    def follow(self) -> None:
        """Apply all new events of the feed."""
        for event in self._events():
            key = (event["resource"], event["resource_id"])
            if key[0] not in {*LISTS, *(part for part, _ in PARTS)}:
                continue
            self.log.append(event)
            if event["kind"].endswith((".deleted", ".access_withdrawn")):
                self.copies.pop(key, None)
                continue
            migration = event["changes"].get("migration_id") if key[0] == STAGES else None
            if migration is not None:
                self._read_stages(migration["after"])
            if event["path"] is None:
                continue  # a read, which changed nothing
            response = self.api.get(event["path"])
            # The costs of a system can have been withheld since the event.
            assert response.status_code in {200, 403, 404, 410}, response.text
            if response.status_code == 200:
                self.copies[key] = answer(response)
                if key[0] == "migration":
                    self._read_stages(key[1])
            else:
                self.copies.pop(key, None)

    def _read_stages(self, migration_id: str) -> None:
        listed = _items(self.api, PARTS[STAGES, "migration"].format(id=migration_id))
        self.copies |= {(STAGES, each["id"]): each for each in listed}

    def _events(self) -> Iterator[dict[str, Any]]:
        while True:
            query = {"limit": 40} | ({"after": self.cursor} if self.cursor else {})
            response = self.api.get(FEED, query_string=query)
            assert response.status_code == 200, response.text
            page = answer(response)
            yield from page["items"]
            self.cursor = page["page"]["next_cursor"]
            if not page["page"]["has_more"]:
                return

    def differences(self) -> list[str]:
        """Compare the copy with fresh lists, and describe each difference."""
        fresh, found = fresh_copies(self.api), []
        for key in sorted({*fresh, *self.copies}):
            expected, kept = fresh.get(key), self.copies.get(key)
            if expected is None or kept is None:
                events = [e["kind"] for e in self.log if e["resource_id"] == key[1]]
                found.append(f"{key}: {'missing' if kept is None else 'kept'}, after {events}")
                continue
            ignored = ELSEWHERE.get(key[0], set())
            names = [n for n in expected if n not in ignored and expected[n] != kept.get(n)]
            found += [f"{key} {n}: {kept.get(n)!r}, and not {expected[n]!r}" for n in names]
        return found


def fresh_copies(api: CheckedClient) -> Copies:
    """Read every list of the API."""
    copies: Copies = {}
    for kind, path in LISTS.items():
        copies |= {(kind, each["id"]): each for each in _items(api, path)}
    for (part, whole), path in PARTS.items():
        for identity in [identity for kind, identity in copies if kind == whole]:
            listed = _items(api, path.format(id=identity))
            copies |= {(part, each["id"]): each for each in listed}
    return copies


def _items(api: CheckedClient, path: str) -> Iterator[dict[str, Any]]:
    query: dict[str, Any] = {"limit": 200}
    while True:
        response = api.get(path, query_string=query)
        if response.status_code in {403, 404}:
            return  # The costs of a system can be withheld.
        assert response.status_code == 200, response.text
        page = answer(response)
        yield from page["items"]
        if not page["page"]["has_more"]:
            return
        query["cursor"] = page["page"]["next_cursor"]
