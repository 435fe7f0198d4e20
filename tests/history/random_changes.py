"""Random changes by four agencies: records, disclosures, parties, agreements, grants and time."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from werkzeug.test import TestResponse

from catalogue.core import clock
from tests.agencies.api_agreements import AGREEMENTS, accept
from tests.api_calls import answer
from tests.factories import BEDS, CAMBS, HERTS
from tests.history.feed import KENT
from tests.unsaved import CheckedClient

AGENCIES = (BEDS, CAMBS, HERTS, KENT)
DISCLOSURES = ("owner_only", "agreement", "all_agencies")
PROFILES = ("summary", "standard", "full")
SCOPES = (
    "audit:read agencies:read agencies:write systems:read systems:write contracts:read "
    "contracts:write costs:read risks:read programmes:read programmes:write savings:read "
    "savings:write"
)


def change(api: CheckedClient, path: str, **changes: Any) -> TestResponse:
    """Change a record, unless it is deleted."""
    found = api.get(path)
    if found.status_code != 200:
        return found
    return api.patch(path, json=changes, headers={"If-Match": found.headers["ETag"]})


class RandomChanges:
    """Requests that change records. A request that the API refuses changes nothing."""

    def __init__(self, apis: dict[str, CheckedClient], supplier_id: str, chance: Random) -> None:
        self.apis = apis
        self.supplier_id = supplier_id
        self.chance = chance
        self.count = 0
        self.done: dict[str, int] = {}
        self.lists = {"/v1/systems", "/v1/contracts", "/v1/interfaces", "/v1/programmes"}
        self.lists |= {"/v1/access-grants"}
        self.made: dict[tuple[str, str], list[str]] = {}
        self.steps: list[tuple[int, Callable[[CheckedClient, str], Any]]] = [
            (8, self.create_system),
            (10, self.change_system),
            (3, self.delete_system),
            (5, self.create_use),
            (2, self.change_use),
            (2, self.delete_use),
            (4, self.create_cost),
            (2, self.delete_cost),
            (5, self.create_interface),
            (3, self.change_interface),
            (2, self.delete_interface),
            (4, self.create_contract),
            (6, self.change_contract),
            (2, self.delete_contract),
            (4, self.grant),
            (3, self.revoke),
            (4, self.agree),
            (2, self.end_agreement),
            (2, self.change_parties),
            (3, self.create_programme),
            (3, self.change_programme),
            (4, self.create_migration),
            (4, self.move_migration),
            (2, self.create_pipeline_entry),
            (3, self.create_programme_record),
            (2, self.change_programme_record),
            (2, self.delete_milestone),
        ]

    def step(self) -> None:
        """Send one random request for a random agency."""
        self.count += 1
        weights = [weight for weight, _ in self.steps]
        ((_, send),) = self.chance.choices(self.steps, weights)
        code = self.chance.choice(AGENCIES)
        response = send(self.apis[code], code)
        if isinstance(response, TestResponse):
            assert response.status_code < 500, response.text
            if response.status_code == 201 and response.request.path in self.lists:
                key = (response.request.path, code)
                self.made.setdefault(key, []).append(answer(response)["id"])
            if response.status_code < 300:
                self.done[send.__name__] = self.done.get(send.__name__, 0) + 1

    def _some(self, api: CheckedClient, path: str, **query: Any) -> dict[str, Any] | None:
        response = api.get(path, query_string={"limit": 200, "fields": "id"} | query)
        items = answer(response).get("items")
        return self.chance.choice(items) if items else None

    def _own(self, api: CheckedClient, path: str, code: str) -> Any:
        """Choose a record that the agency created, which may be deleted by now."""
        known = self.made.get((path, code))
        return {"id": self.chance.choice(known)} if known else None

    def _delete(self, api: CheckedClient, path: str) -> Any:
        found = api.get(path)
        return (
            found
            if found.status_code != 200
            else api.delete(path, headers={"If-Match": found.headers["ETag"]})
        )

    def create_system(self, api: CheckedClient, _code: str) -> Any:
        disclosure = self.chance.choice(DISCLOSURES)
        body = {"name": f"System {self.count}", "lifecycle": "live", "disclosure": disclosure}
        return api.post("/v1/systems", json=body)

    def change_system(self, api: CheckedClient, code: str) -> Any:
        system = self._own(api, "/v1/systems", code)
        fields = self.chance.choice(
            [
                {"disclosure": self.chance.choice(DISCLOSURES)},
                {"disclosure": self.chance.choice(DISCLOSURES)},
                {"user_count": self.count},
                {"name": f"Renamed {self.count}"},
            ]
        )
        return system and change(api, f"/v1/systems/{system['id']}", **fields)

    def delete_system(self, api: CheckedClient, code: str) -> Any:
        system = self._own(api, "/v1/systems", code)
        return system and self._delete(api, f"/v1/systems/{system['id']}")

    def create_use(self, api: CheckedClient, code: str) -> Any:
        system = self._own(api, "/v1/systems", code)
        body = {"agency": self.chance.choice(AGENCIES), "user_count": self.count}
        return system and api.post(f"/v1/systems/{system['id']}/uses", json=body)

    def _own_part(self, api: CheckedClient, code: str, part: str) -> str | None:
        system = self._own(api, "/v1/systems", code)
        if system is None:
            return None
        path = f"/v1/systems/{system['id']}/{part}"
        each = self._some(api, path)
        return each and f"{path}/{each['id']}"

    def change_use(self, api: CheckedClient, code: str) -> Any:
        path = self._own_part(api, code, "uses")
        return path and change(api, path, user_count=self.count)

    def delete_use(self, api: CheckedClient, code: str) -> Any:
        path = self._own_part(api, code, "uses")
        return path and self._delete(api, path)

    def create_cost(self, api: CheckedClient, code: str) -> Any:
        system = self._own(api, "/v1/systems", code)
        body = {"financial_year": "2026-27", "category": "one_off_capital", "amount": "10.00"}
        body["description"] = f"Cost {self.count}"
        return system and api.post(f"/v1/systems/{system['id']}/costs", json=body)

    def delete_cost(self, api: CheckedClient, code: str) -> Any:
        path = self._own_part(api, code, "costs")
        return path and self._delete(api, path)

    def create_interface(self, api: CheckedClient, code: str) -> Any:
        own, other = self._own(api, "/v1/systems", code), self._some(api, "/v1/systems")
        if own is None or other is None:
            return None
        body = {"from_system_id": own["id"], "to_system_id": other["id"], "standard": "rest"}
        return api.post("/v1/interfaces", json=body)

    def change_interface(self, api: CheckedClient, code: str) -> Any:
        interface = self._own(api, "/v1/interfaces", code)
        path = f"/v1/interfaces/{interface['id']}" if interface else ""
        return path and change(api, path, description=f"Change {self.count}")

    def delete_interface(self, api: CheckedClient, code: str) -> Any:
        interface = self._own(api, "/v1/interfaces", code)
        return interface and self._delete(api, f"/v1/interfaces/{interface['id']}")

    def create_contract(self, api: CheckedClient, code: str) -> Any:
        system = self._some(api, "/v1/systems")
        body = {
            "reference": f"R{self.count}",
            "title": f"Contract {self.count}",
            "supplier_id": self.supplier_id,
            "annual_value": "100.00",
            "parties": self._parties(code),
            "systems": [system["id"]] if system else [],
            "disclosure": self.chance.choice(DISCLOSURES),
        }
        return api.post("/v1/contracts", json=body)

    def _parties(self, code: str) -> list[str]:
        return self.chance.sample([c for c in AGENCIES if c != code], self.chance.randrange(3))

    def change_contract(self, api: CheckedClient, code: str) -> Any:
        contract = self._own(api, "/v1/contracts", code)
        fields: dict[str, Any] = self.chance.choice(
            [
                {"disclosure": self.chance.choice(DISCLOSURES)},
                {"parties": self._parties(code)},
                {"annual_value": f"{self.count}.00"},
                {"title": f"Contract {self.count}"},
            ]
        )
        return contract and change(api, f"/v1/contracts/{contract['id']}", **fields)

    def delete_contract(self, api: CheckedClient, code: str) -> Any:
        contract = self._own(api, "/v1/contracts", code)
        return contract and self._delete(api, f"/v1/contracts/{contract['id']}")

    def grant(self, api: CheckedClient, code: str) -> Any:
        ends = clock.now() + timedelta(minutes=self.chance.randrange(5, 120))
        kinds = self.chance.sample(["systems", "contracts", "costs"], self.chance.randrange(1, 4))
        body = {
            "grantee": self.chance.choice([each for each in AGENCIES if each != code]),
            "resource_types": kinds,
            "field_profile": self.chance.choice(PROFILES),
            "purpose": "To plan.",
            "expires_at": ends.isoformat(),
        }
        return api.post("/v1/access-grants", json=body)

    def revoke(self, api: CheckedClient, code: str) -> Any:
        given = self._own(api, "/v1/access-grants", code)
        path = f"/v1/access-grants/{given['id']}/revocation" if given else ""
        return path and api.post(path, json={"reason": "Over."})

    def agree(self, api: CheckedClient, code: str) -> Any:
        others = self.chance.sample([c for c in AGENCIES if c != code], self.chance.randrange(1, 3))
        first = clock.today() + timedelta(days=self.chance.choice([0, 0, 1]))
        body = {
            "title": f"Agreement {self.count}",
            "instrument": "police_act_1996_s22a",
            "parties": others,
            "start_date": str(first),
            "field_profile": self.chance.choice(PROFILES),
        }
        if self.chance.random() < 0.5:
            body["end_date"] = str(first)
        response = api.post(AGREEMENTS, json=body)
        for party in (code, *others):
            accept(self.apis[party], answer(response))
        return response

    def end_agreement(self, api: CheckedClient, _code: str) -> Any:
        made = self._some(api, AGREEMENTS)
        if made is None:
            return None
        path = f"{AGREEMENTS}/{made['id']}"
        if self.chance.random() < 0.5:
            return api.post(f"{path}/withdrawal", json={"reason": "We leave."})
        return api.post(f"{path}/termination")

    def change_parties(self, api: CheckedClient, code: str) -> Any:
        made = self._some(api, AGREEMENTS, lead_agency=code)
        parties = self._parties(code)
        return made and parties and change(api, f"{AGREEMENTS}/{made['id']}", parties=parties)

    def create_programme(self, api: CheckedClient, _code: str) -> Any:
        made = self._some(api, AGREEMENTS)
        body = {"title": f"Programme {self.count}", "target_agency": self.chance.choice(AGENCIES)}
        if made is not None and self.chance.random() < 0.5:
            body = {"title": body["title"], "agreement_id": made["id"]}
        return api.post("/v1/programmes", json=body)

    def change_programme(self, api: CheckedClient, code: str) -> Any:
        programme = self._own(api, "/v1/programmes", code)
        fields = self.chance.choice(
            [
                {"summary": f"Summary {self.count}"},
                {"target_agency": self.chance.choice([None, *AGENCIES])},
                {"agreement_id": None},
            ]
        )
        return programme and change(api, f"/v1/programmes/{programme['id']}", **fields)

    def create_migration(self, api: CheckedClient, code: str) -> Any:
        programme = self._own(api, "/v1/programmes", code)
        system = self._some(api, "/v1/systems")
        if programme is None or system is None:
            return None
        body = {"programme_id": programme["id"], "system_id": system["id"]}
        if self.chance.random() < 0.3:
            body |= {"kind": "separation", "leaving_agency": self.chance.choice(AGENCIES)}
        return api.post("/v1/migrations", json=body | {"strategy": "repurchase"})

    def move_migration(self, api: CheckedClient, _code: str) -> Any:
        migration = self._some(api, "/v1/migrations")
        stage = self.chance.choice(["assessed", "planned", "on_hold", "identified"])
        fields = {"stage": stage, "stage_reason": "The board decided it."}
        return migration and change(api, f"/v1/migrations/{migration['id']}", **fields)

    def create_pipeline_entry(self, api: CheckedClient, code: str) -> Any:
        contract = self._own(api, "/v1/contracts", code)
        body = {"kind": "contract_ending", "contract_id": contract["id"]} if contract else {}
        return contract and api.post("/v1/pipeline-entries", json=body)

    def create_programme_record(self, api: CheckedClient, code: str) -> Any:
        programme = self._own(api, "/v1/programmes", code)
        if programme is None:
            return None
        body = {"programme_id": programme["id"], "name": f"Record {self.count}"}
        if self.chance.random() < 0.5:
            return api.post("/v1/waves", json=body | {"position": self.count})
        migration = self._some(api, "/v1/migrations", programme_id=programme["id"])
        if migration is not None and self.chance.random() < 0.5:
            body["migration_id"] = migration["id"]
        return api.post("/v1/milestones", json=body | {"planned_date": "2027-01-01"})

    def change_programme_record(self, api: CheckedClient, _code: str) -> Any:
        kind = self.chance.choice(["waves", "milestones"])
        each = self._some(api, f"/v1/{kind}")
        path = f"/v1/{kind}/{each['id']}" if each else ""
        return path and change(api, path, name=f"Renamed {self.count}")

    def delete_milestone(self, api: CheckedClient, _code: str) -> Any:
        each = self._some(api, "/v1/milestones")
        return each and self._delete(api, f"/v1/milestones/{each['id']}")
