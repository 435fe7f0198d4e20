"""Pipeline entries as their agency creates, publishes, withdraws and deletes them."""

from datetime import timedelta
from typing import Any

import pytest

from catalogue.core import clock
from tests.api_calls import Fields, change, read, refusals
from tests.contracts.api_contracts import FULL, contract, list_changes, page, supplier
from tests.factories import record
from tests.unsaved import CheckedClient

ENTRIES = "/v1/pipeline-entries"
ENDING: Fields = {"kind": "contract_ending", "title": "Duties", "contract_end": "2029-03-31"}
PLANNED: Fields = {
    "kind": "planned_procurement",
    "title": "Custody",
    "planned_notice_date": "2027-05-01",
}


def create_entry(api: CheckedClient, **fields: Any) -> str:
    """Create a draft, and return its path."""
    return f"{ENTRIES}/{record(api, ENTRIES, **ENDING | fields)['id']}"


def test_entry_takes_missing_fields_from_contract_except_amounts(owner: CheckedClient) -> None:
    source = contract(owner, **FULL, supplier_id=supplier(owner, "Acme"))
    drafted = record(owner, ENTRIES, kind="contract_ending", contract_id=source["id"], title="Ours")
    expected = {
        "title": "Ours",
        "contract_start": "2024-04-01",
        "contract_end": "2029-03-31",
        "max_extent_date": "2031-03-31",
        "procurement_route": "framework_call_off",
        "regime": "pcr_2015",
        "currency": "EUR",
        "ocid": "ocds-h6vhtk-04a1f2",
        "supplier": "Acme",
        "supplier_shown": False,
        "estimated_value": None,
        "status": "draft",
        "published_at": None,
    }
    assert {name: drafted[name] for name in expected} == expected
    assert drafted["contract_id"] == source["id"]
    emptied = record(
        owner, ENTRIES, kind="contract_ending", contract_id=source["id"], ocid=None, supplier=None
    )
    assert (emptied["ocid"], emptied["supplier"], emptied["title"]) == (None, None, source["title"])
    planned = record(owner, ENTRIES, kind="planned_procurement", contract_id=source["id"])
    assert (planned["contract_start"], planned["contract_end"], planned["ocid"]) == (None,) * 3


def test_entry_survives_its_contract_and_does_not_follow_changes(owner: CheckedClient) -> None:
    source = contract(owner, title="Before", end_date="2029-03-31")
    path = create_entry(owner, contract_id=source["id"], title="Before")
    assert change(owner, f"/v1/contracts/{source['id']}", title="After").status_code == 200
    assert read(owner, path)["title"] == "Before"
    tag = owner.get(f"/v1/contracts/{source['id']}").headers["ETag"]
    owner.delete(f"/v1/contracts/{source['id']}", headers={"If-Match": tag})
    assert read(owner, path)["contract_id"] is None


def test_entry_cannot_name_contract_of_another_agency(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    foreign = contract(partner, disclosure="all_agencies")["id"]
    for identity in (foreign, "00000000-0000-7000-8000-000000000000"):
        answer = owner.post(ENTRIES, json=ENDING | {"contract_id": identity})
        assert refusals(answer) == {("/contract_id", "unknown")}


def test_only_its_agency_reads_and_writes_an_entry(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    path = create_entry(owner)
    owner.post(f"{path}/publication")
    assert page(partner, ENTRIES) == []
    for answer in (
        partner.get(path),
        partner.get(f"{path}/history"),
        partner.patch(path, json={"title": "x"}, headers={"If-Match": "*"}),
        partner.delete(path, headers={"If-Match": "*"}),
        partner.post(f"{path}/publication"),
        partner.post(f"{path}/withdrawal"),
    ):
        assert answer.status_code == 404
    assert list_changes(partner, "pipeline_entry") == []


def test_entry_allows_only_defined_status_transitions(owner: CheckedClient) -> None:
    path = create_entry(owner)
    assert refusals(owner.post(f"{path}/withdrawal"), 409) == {("/status", "transition")}
    first = owner.post(f"{path}/publication").json
    assert (first["status"], first["withdrawn_at"]) == ("published", None)  # type: ignore[index]
    again = owner.post(f"{path}/publication")
    assert refusals(again, 409) == {("/status", "transition")}
    assert "can move to `withdrawn`" in again.json["detail"]  # type: ignore[index]
    assert owner.post(f"{path}/withdrawal").json["status"] == "withdrawn"  # type: ignore[index]
    assert refusals(owner.post(f"{path}/withdrawal"), 409) == {("/status", "transition")}
    with clock.freeze(clock.now() + timedelta(minutes=5)):
        second = owner.post(f"{path}/publication").json
    assert second["published_at"] > first["published_at"]  # type: ignore[index]
    assert [kind for kind, _ in list_changes(owner, "pipeline_entry")] == [
        "pipeline_entry.created", *["pipeline_entry.updated"] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        pytest.param(ENDING | {"contract_end": None}, "/contract_end", id="ending_without_end"),
        pytest.param(
            PLANNED | {"planned_notice_date": None},
            "/planned_notice_date",
            id="planned_without_date",
        ),
    ],
)
def test_incomplete_entry_cannot_be_published(
    owner: CheckedClient, fields: Fields, pointer: str
) -> None:
    path = f"{ENTRIES}/{record(owner, ENTRIES, **fields)['id']}"
    assert refusals(owner.post(f"{path}/publication"), 409) == {(pointer, "incomplete")}
    assert change(owner, path, **{pointer[1:]: "2029-03-31"}).status_code == 200
    assert owner.post(f"{path}/publication").status_code == 200
    cleared = change(owner, path, **{pointer[1:]: None})
    assert refusals(cleared, 409) == {(pointer, "incomplete")}


@pytest.mark.parametrize(
    "contact",
    ["jane.smith@beds.example", "j.smith@procurement.example", "procurement", "@tenders.example"],
)
def test_personal_contact_is_refused(owner: CheckedClient, contact: str) -> None:
    answer = owner.post(ENTRIES, json=ENDING | {"contact": contact})
    assert refusals(answer) == {("/contact", "personal")}
    assert create_entry(owner, contact="ict.Procurement-team@beds.example")


def test_invalid_entry_is_refused(owner: CheckedClient) -> None:
    wrong = ENDING | {"contract_start": "2030-01-01", "max_extent_date": "2029-01-01"}
    answer = owner.post(ENTRIES, json=wrong | {"currency": "ZZZ"})
    assert refusals(answer) == {
        ("/currency", "unknown"),
        ("/contract_end", "out_of_order"),
        ("/max_extent_date", "out_of_order"),
    }
    assert refusals(owner.post(ENTRIES, json={"kind": "contract_ending"})) == {
        ("/title", "incomplete")
    }
    assert refusals(owner.post(ENTRIES, json=ENDING | {"estimated_value": "-1.00"})) == {
        ("/estimated_value", "out_of_range")
    }
    for cpv in ("4845000", "48450000-1", "words"):
        assert refusals(owner.post(ENTRIES, json=ENDING | {"cpv": cpv}))


def test_draft_can_be_deleted_but_published_entry_cannot(owner: CheckedClient) -> None:
    draft, published_path = create_entry(owner), create_entry(owner, title="Shown")
    tag = owner.get(draft).headers["ETag"]
    assert owner.delete(draft, headers={"If-Match": tag}).status_code == 204
    owner.post(f"{published_path}/publication")
    for _ in range(2):
        tag = owner.get(published_path).headers["ETag"]
        answer = owner.delete(published_path, headers={"If-Match": tag})
        assert refusals(answer, 409) == {("/status", "published")}
        owner.post(f"{published_path}/withdrawal")
