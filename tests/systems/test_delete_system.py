"""Deletion of systems that were recorded by mistake."""

from typing import Any

import pytest

from tests.agencies.api_agreements import SignIn, agree, agreement
from tests.api_calls import answer, read, refusals
from tests.contracts.api_contracts import contract, cost
from tests.factories import BEDS, CAMBS, record, system
from tests.unsaved import CheckedClient

SCOPES = (
    "agencies:read agencies:write systems:read systems:write contracts:read contracts:write "
    "costs:read audit:read programmes:read programmes:write overlaps:read overlaps:write"
)
HERTS = "hertfordshire-police"


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    return sign_in(BEDS, SCOPES)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    return sign_in(CAMBS, SCOPES)


def path_of(record: dict[str, Any]) -> str:
    return f"/v1/systems/{record['id']}"


def delete(api: CheckedClient, path: str) -> Any:
    """Delete the current state of a record."""
    etag = api.get(path).headers["ETag"]
    return api.delete(path, headers={"If-Match": etag})


def kinds(api: CheckedClient, path: str) -> list[str]:
    return [event["kind"] for event in read(api, f"{path}/history")["items"]]


def test_system_recorded_by_mistake_is_deleted_and_leaves_history(owner: CheckedClient) -> None:
    made = system(owner, "Total", external_ids=[{"source": "cmdb", "id": "1"}], tags=["x"])
    assert delete(owner, path_of(made)).status_code == 204
    assert owner.get(path_of(made)).status_code == 404
    assert kinds(owner, path_of(made)) == ["system.created", "system.deleted"]
    # The name and the external id are free again.
    system(owner, "Total", external_ids=[{"source": "cmdb", "id": "1"}])


def test_deletion_needs_current_etag(owner: CheckedClient) -> None:
    made = system(owner)
    assert owner.delete(path_of(made)).status_code == 428
    stale = owner.delete(path_of(made), headers={"If-Match": '"stale"'})
    assert stale.status_code == 412


def test_only_owner_deletes_system(owner: CheckedClient, partner: CheckedClient) -> None:
    shown = system(owner, "Shown", disclosure="all_agencies")
    hidden = system(owner, "Hidden", disclosure="owner_only")
    assert delete(partner, path_of(shown)).status_code == 403
    refused = partner.delete(path_of(hidden), headers={"If-Match": '"x"'})
    assert refused.status_code == 404
    assert kinds(owner, path_of(shown)) == ["system.created"]


def test_used_system_names_every_use(owner: CheckedClient, partner: CheckedClient) -> None:
    assert partner
    made = system(owner, "Duties", disclosure="all_agencies")
    other = system(owner, "Custody")
    covering = contract(owner, title="Support", systems=[made["id"]])
    line = cost(owner, made)
    interface = record(
        owner,
        "/v1/interfaces",
        from_system_id=made["id"],
        to_system_id=other["id"],
        direction="from_to",
        standard="pnd",
    )
    use = record(owner, f"{path_of(made)}/uses", agency=CAMBS)
    refused = delete(owner, path_of(made))
    assert refusals(refused, 409) == {("", "in_use")}
    problem = answer(refused)
    assert problem["obstacle_count"] == 4
    details = " ".join(error["detail"] for error in problem["errors"])
    for each in (covering, line, interface, use):
        assert each["id"] in details
    assert "“Custody”" in details


def test_own_uses_and_attestations_end_with_system(owner: CheckedClient) -> None:
    made = system(owner)
    record(owner, f"{path_of(made)}/uses", agency=BEDS)
    record(owner, f"{path_of(made)}/attestations", verdict="confirmed")
    assert delete(owner, path_of(made)).status_code == 204
    events = read(owner, "/v1/changes")["items"]
    deleted = {event["kind"] for event in events if event["kind"].endswith("deleted")}
    assert deleted == {"system.deleted", "system_use.deleted", "attestation.deleted"}


def test_hidden_contract_of_another_agency_blocks_nothing(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    made = system(owner, disclosure="all_agencies")
    hidden = contract(partner, systems=[made["id"]], disclosure="owner_only")
    assert delete(owner, path_of(made)).status_code == 204
    assert read(partner, f"/v1/contracts/{hidden['id']}")["systems"] == []
    # The partner could see the system, so the change feed shows it the deletion.
    events = read(partner, "/v1/changes?resource=system")["items"]
    assert [event["kind"] for event in events] == ["system.deleted"]


def test_visible_contract_of_another_agency_blocks(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    made = system(owner, disclosure="all_agencies")
    shown = contract(partner, systems=[made["id"]], disclosure="all_agencies")
    refused = answer(delete(owner, path_of(made)))
    assert [shown["id"] in error["detail"] for error in refused["errors"]] == [True]


def test_supplier_and_product_are_deleted_while_unused(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    supplier = record(owner, "/v1/suppliers", name="Civca")
    product = record(owner, "/v1/products", name="Rota", supplier_id=supplier["id"])
    supplier_path, product_path = (
        f"/v1/suppliers/{supplier['id']}",
        f"/v1/products/{product['id']}",
    )
    assert delete(partner, supplier_path).status_code == 403
    refused = answer(delete(owner, supplier_path))
    assert product["id"] in refused["errors"][0]["detail"]
    hidden = system(partner, disclosure="owner_only", product_id=product["id"])
    (blocking,) = answer(delete(owner, product_path))["errors"]
    assert blocking["code"] == "in_use"
    assert hidden["id"] not in blocking["detail"]
    assert delete(partner, path_of(hidden)).status_code == 204
    assert delete(owner, product_path).status_code == 204
    assert delete(owner, supplier_path).status_code == 204
    assert owner.get(supplier_path).status_code == 404
    events = read(partner, "/v1/changes?resource=supplier")["items"]
    assert [event["kind"] for event in events] == ["supplier.deleted"]


def test_token_without_scope_reads_no_title(owner: CheckedClient, sign_in: SignIn) -> None:
    made = system(owner)
    contract(owner, title="Secret price", systems=[made["id"]])
    narrow = sign_in(BEDS, "systems:read systems:write")
    refused = delete(narrow, path_of(made))
    assert refused.status_code == 409
    assert "Secret price" not in refused.text


def test_partners_decide_nothing_by_agreement(owner: CheckedClient, partner: CheckedClient) -> None:
    agree(agreement(owner, CAMBS), owner, partner)
    made = system(owner)
    hidden = contract(partner, systems=[made["id"]], disclosure="owner_only")
    assert hidden["systems"] == [made["id"]]
    assert delete(owner, path_of(made)).status_code == 204
