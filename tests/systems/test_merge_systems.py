"""Mergers of systems that an agency recorded more than once."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.agencies.api_agreements import SignIn, agree, agreement, grant
from tests.api_calls import answer, change, read, refusals
from tests.contracts.api_contracts import contract, cost
from tests.factories import BEDS, CAMBS, add_product, record, system
from tests.history.recorded_events import read_seal
from tests.savings.scene import Scene
from tests.systems.test_delete_system import SCOPES, delete, kinds, path_of
from tests.unsaved import CheckedClient

ALL = f"{SCOPES} risks:read decisions:read decisions:propose decisions:sign"


@pytest.fixture
def owner(sign_in: SignIn) -> CheckedClient:
    return sign_in(BEDS, ALL)


@pytest.fixture
def partner(sign_in: SignIn) -> CheckedClient:
    return sign_in(CAMBS, ALL)


@pytest.fixture
def admin(sign_in: SignIn) -> CheckedClient:
    return sign_in(None, "admin")


def merge(api: CheckedClient, survivor: Any, duplicate: Any, collection: str = "systems") -> Any:
    """Merge the second record into the first."""
    path = f"/v1/{collection}/{survivor['id']}/merge"
    return api.post(path, json={"duplicate_id": duplicate["id"]})


def interface(api: CheckedClient, source: Any, target: Any, **fields: Any) -> Any:
    ends = {"from_system_id": source["id"], "to_system_id": target["id"]}
    body = ends | {"direction": "from_to", "standard": "pnd"} | fields
    return record(api, "/v1/interfaces", **body)


def test_references_follow_to_the_system_that_stays(
    owner: CheckedClient, partner: CheckedClient, capabilities: list[str], app: Flask
) -> None:
    assert partner
    first, second = capabilities[:2]
    ids = [{"source": "cmdb", "id": "1"}], [{"source": "finance", "id": "F2"}]
    kept = system(owner, "Duties", external_ids=ids[0], capabilities=[first], user_count=5)
    left = system(
        owner,
        "Duty system",
        external_ids=ids[1],
        capabilities=[second],
        aliases=["DMS", "Duties"],
        user_count=7,
        description="Of the duplicate.",
    )
    other = system(owner, "Custody")
    both = contract(owner, title="Both", systems=[kept["id"], left["id"]])
    one = contract(owner, title="One", systems=[left["id"]])
    use = record(owner, f"{path_of(left)}/uses", agency=CAMBS, user_count=3)
    same = interface(owner, kept, other)
    interface(owner, left, other, description="Nightly.")
    interface(owner, kept, left)
    moved = interface(owner, other, left)
    cost(owner, kept, "100.00")
    cost(owner, left, "100.00")
    cost(owner, left, "20.00", category="one_off_capital")
    merged = merge(owner, kept, left)
    assert merged.status_code == 200, merged.text
    found = answer(merged)
    assert found["external_ids"] == ids[0] + ids[1]
    assert found["capabilities"] == sorted([first, second])
    assert found["aliases"] == ["Duty system", "DMS"]
    assert (found["name"], found["user_count"], found["description"]) == ("Duties", 5, None)
    assert read(owner, f"/v1/contracts/{both['id']}")["systems"] == [kept["id"]]
    assert read(owner, f"/v1/contracts/{one['id']}")["systems"] == [kept["id"]]
    (follows,) = read(owner, f"{path_of(kept)}/uses")["items"]
    assert (follows["id"], follows["user_count"]) == (use["id"], 3)
    interfaces = {each["id"]: each for each in read(owner, "/v1/interfaces")["items"]}
    assert set(interfaces) == {same["id"], moved["id"]}
    assert interfaces[same["id"]]["description"] == "Nightly."
    assert interfaces[moved["id"]]["to_system_id"] == kept["id"]
    costs = read(owner, f"{path_of(kept)}/costs")["items"]
    assert sorted(each["amount"] for each in costs) == ["100.00", "20.00"]
    assert read_seal(app)


def test_old_id_leads_to_the_system_that_stays_after_chain_of_mergers(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    first, second, third = (
        system(owner, name, disclosure="all_agencies") for name in ("A", "B", "C")
    )
    secret = system(owner, "D", disclosure="owner_only")
    assert merge(owner, second, first).status_code == 200
    assert merge(owner, third, second).status_code == 200
    assert change(owner, path_of(third), disclosure="owner_only").status_code == 200
    assert merge(owner, third, secret).status_code == 200
    assert change(owner, path_of(third), disclosure="all_agencies").status_code == 200
    for api in (owner, partner):
        for old in (first, second):
            gone = api.get(path_of(old))
            assert gone.status_code == 410
            assert answer(gone)["merged_into"] == path_of(third)
    assert owner.get(path_of(secret)).status_code == 410
    assert partner.get(path_of(secret)).status_code == 404
    assert change(owner, path_of(third), disclosure="owner_only").status_code == 200
    assert partner.get(path_of(first)).status_code == 404
    assert kinds(owner, path_of(first)) == ["system.created", "system.deleted"]
    events = read(owner, f"{path_of(third)}/history")["items"]
    assert [event["kind"] for event in events].count("system.merged") == 2
    reasons = [event["reason"] or "" for event in events]
    assert any(second["id"] in reason for reason in reasons)


NARROWER = [
    ("owner_only", "agreement"),
    ("owner_only", "all_agencies"),
    ("agreement", "all_agencies"),
]


@pytest.mark.parametrize(("duplicate", "survivor"), NARROWER)
def test_duplicate_is_not_disclosed_by_its_merger(
    owner: CheckedClient, duplicate: str, survivor: str
) -> None:
    kept = system(owner, "Shown", disclosure=survivor)
    left = system(owner, "Secret", disclosure=duplicate)
    refused = merge(owner, kept, left)
    assert refusals(refused, 409) == {("/duplicate_id", "narrower_disclosure")}
    assert read(owner, path_of(left)) == left
    assert read(owner, path_of(kept)) == kept
    assert change(owner, path_of(left), disclosure=survivor).status_code == 200
    assert merge(owner, kept, left).status_code == 200


@pytest.mark.parametrize("basis", ["grant", "agreement"])
def test_old_id_leads_nowhere_for_agency_that_gained_access_after_merger(
    owner: CheckedClient, partner: CheckedClient, basis: str
) -> None:
    def merge_duplicates(moment: str) -> dict[str, str]:
        merged = {}
        for disclosure in ("owner_only", "agreement", "all_agencies"):
            kept = system(owner, f"Kept {moment} {disclosure}", disclosure=disclosure)
            duplicate = system(owner, f"Twin {moment} {disclosure}", disclosure=disclosure)
            assert merge(owner, kept, duplicate).status_code == 200
            # Everybody sees the survivor, so only the duplicate decides.
            assert change(owner, path_of(kept), disclosure="all_agencies").status_code == 200
            merged[disclosure] = path_of(duplicate)
        return merged

    early = merge_duplicates("early")
    if basis == "grant":
        grant(owner)
    else:
        agree(agreement(owner), owner, partner)
    late = merge_duplicates("late")
    hidden = {early["owner_only"], early["agreement"], late["owner_only"]}
    for path in (*early.values(), *late.values()):
        assert owner.get(path).status_code == 410
        assert partner.get(path).status_code == (404 if path in hidden else 410)
        assert partner.get(f"{path}/history").status_code == 404


def test_merger_reveals_no_hidden_duplicate(owner: CheckedClient, partner: CheckedClient) -> None:
    kept = system(owner, "Kept", disclosure="owner_only", aliases=["Secret"])
    secret = system(owner, "Secret", disclosure="owner_only")
    before = read(partner, "/v1/changes")["items"]
    assert merge(owner, kept, secret).status_code == 200
    assert read(partner, "/v1/changes")["items"] == before
    assert change(owner, path_of(kept), disclosure="all_agencies").status_code == 200
    events = read(partner, "/v1/changes")["items"][len(before) :]
    assert secret["id"] not in str(events)
    assert [event["kind"] for event in read(partner, f"{path_of(kept)}/history")["items"]] == [
        "system.updated"
    ]


@pytest.mark.parametrize("in_register", [False, True])
def test_overlaps_of_duplicate_do_not_follow(
    owner: CheckedClient,
    partner: CheckedClient,
    session: Session,
    run_jobs: Any,
    in_register: bool,
) -> None:
    shares = {"product_name": "Quibnor Engine"}
    if in_register:
        shares = {"product_id": str(add_product(session, "Quibnor Engine", "Acme").id)}
        session.commit()
    kept = system(owner, "Plain", disclosure="owner_only")
    secret = system(owner, "Quibnor Deck", disclosure="owner_only", **shares)
    system(partner, "Quibnor Deck", disclosure="all_agencies", **shares)
    assert owner.post("/v1/overlaps/runs").status_code == 202
    run_jobs()
    overlaps = read(owner, "/v1/overlaps")["items"]
    assert overlaps
    for overlap in overlaps:
        path = f"/v1/overlaps/{overlap['id']}"
        assert change(owner, path, status="rejected", reason="Covert.").status_code == 200
    assert merge(owner, kept, secret).status_code == 200
    # The owner then discloses the survivor, but no evidence or review about the duplicate.
    assert change(owner, path_of(kept), disclosure="all_agencies").status_code == 200
    for api in (owner, partner):
        assert read(api, "/v1/overlaps")["items"] == []
    assert owner.post("/v1/overlaps/runs").status_code == 202
    run_jobs()
    assert "Covert." not in str(read(partner, "/v1/overlaps"))


@pytest.mark.parametrize(("field", "status"), [("other", 403), ("unknown", 422), ("itself", 422)])
def test_only_duplicates_of_own_agency_are_merged(
    owner: CheckedClient, partner: CheckedClient, field: str, status: int
) -> None:
    kept = system(owner, "Kept")
    shown = system(partner, "Shown", disclosure="all_agencies")
    hidden = system(partner, "Hidden", disclosure="owner_only")
    duplicate = {"other": shown, "unknown": hidden, "itself": kept}[field]
    assert merge(owner, kept, duplicate).status_code == status
    assert merge(owner, shown, kept).status_code == 403
    assert merge(owner, hidden, kept).status_code == 404


def test_merger_refuses_what_cannot_follow(owner: CheckedClient) -> None:
    kept = system(owner, "Kept", external_ids=[{"source": "cmdb", "id": "1"}])
    left = system(owner, "Left", external_ids=[{"source": "cmdb", "id": "2"}])
    cost(owner, kept, "1.00")
    line = cost(owner, left, "2.00")
    refused = merge(owner, kept, left)
    assert refusals(refused, 409) == {("/duplicate_id", "fixed")}
    problem = answer(refused)
    assert problem["obstacle_count"] == 2
    details = " ".join(error["detail"] for error in problem["errors"])
    assert "cmdb: 1 and 2" in details
    assert line["id"] in details
    assert read(owner, path_of(left)) == left


def test_hidden_contract_of_another_agency_follows(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    kept = system(owner, "Kept", disclosure="owner_only")
    left = system(owner, "Left", disclosure="all_agencies")
    hidden = contract(partner, systems=[left["id"]], disclosure="owner_only")
    assert merge(owner, kept, left).status_code == 200
    assert read(partner, f"/v1/contracts/{hidden['id']}")["systems"] == []
    assert change(owner, path_of(kept), disclosure="all_agencies").status_code == 200
    assert read(partner, f"/v1/contracts/{hidden['id']}")["systems"] == [kept["id"]]


def test_draft_decision_follows_and_proposal_blocks(
    owner: CheckedClient, partner: CheckedClient, session: Session, run_jobs: Any, app: Flask
) -> None:
    product = {"product_id": str(add_product(session, "Roster", "Acme").id)}
    session.commit()
    kept = system(owner, "Kept")
    left = system(owner, "Left", disclosure="all_agencies", **product)
    theirs = system(partner, "Theirs", disclosure="all_agencies", **product)
    assert owner.post("/v1/overlaps/runs").status_code == 202
    run_jobs()
    (overlap,) = read(owner, "/v1/overlaps?kind=same_product")["items"]
    path = f"/v1/overlaps/{overlap['id']}"
    assert change(owner, path, status="confirmed", reason="The same.").status_code == 200
    stays = {"system_id": left["id"], "disposition": "invest", "strategy": "retain"}
    goes = {"system_id": theirs["id"], "disposition": "migrate", "strategy": "repurchase"}
    members = [stays | {"successor_id": None}, goes | {"successor_id": left["id"]}]
    body = {"overlap_id": overlap["id"], "title": "One roster", "rationale": "Room for all."}
    draft = record(owner, "/v1/decisions", **body, members=members)
    assert merge(owner, kept, left).status_code == 200
    decision = read(owner, f"/v1/decisions/{draft['id']}")
    named = {each["system_id"]: each["successor_id"] for each in decision["members"]}
    assert named == {kept["id"]: None, theirs["id"]: kept["id"]}
    assert read_seal(app)
    again = system(owner, "Again")
    assert owner.post(f"/v1/decisions/{draft['id']}/proposal").status_code == 200
    refused = merge(owner, again, kept)
    assert refusals(refused, 409) == {("/duplicate_id", "fixed")}
    assert draft["id"] in refused.text
    (use, *_) = answer(delete(owner, path_of(kept)))["errors"]
    assert draft["id"] in use["detail"]


def test_migration_follows_and_baseline_blocks(
    sign_in: SignIn, session: Session, app: Flask
) -> None:
    scene = Scene(sign_in, session)
    again = system(scene.lead, "Roster again")
    assert merge(scene.lead, again, scene.ours).status_code == 200
    migrations = read(scene.lead, "/v1/migrations")["items"]
    assert again["id"] in {each["system_id"] for each in migrations}
    scene.ours = again
    cost(scene.lead, again)
    baseline = scene.approve_baseline()
    third = system(scene.lead, "Third roster")
    refused = merge(scene.lead, third, again)
    assert refusals(refused, 409) == {("/duplicate_id", "fixed")}
    assert baseline["id"] in refused.text
    uses = answer(delete(scene.lead, path_of(again)))
    details = " ".join(error["detail"] for error in uses["errors"])
    assert baseline["id"] in details
    assert "/v1/migrations/" in details
    assert read_seal(app)


def test_administrator_merges_suppliers_and_products(
    owner: CheckedClient, partner: CheckedClient, admin: CheckedClient, app: Flask
) -> None:
    good = record(owner, "/v1/suppliers", name="Civica")
    typo = record(owner, "/v1/suppliers", name="Civca", aliases=["CVC"])
    hidden = contract(partner, supplier_id=typo["id"], disclosure="owner_only")
    product = record(owner, "/v1/products", name="Rota", supplier_id=good["id"])
    same = record(owner, "/v1/products", name="Rota", supplier_id=typo["id"])
    theirs = system(partner, disclosure="owner_only", product_id=same["id"])
    assert merge(admin, product, same, "products").status_code == 200
    merged = merge(admin, good, typo, "suppliers")
    assert merged.status_code == 200, merged.text
    assert answer(merged)["aliases"] == ["Civca", "CVC"]
    assert read(partner, f"/v1/contracts/{hidden['id']}")["supplier_id"] == good["id"]
    assert read(partner, path_of(theirs))["product_id"] == product["id"]
    for path, into in (
        (f"/v1/suppliers/{typo['id']}", f"/v1/suppliers/{good['id']}"),
        (f"/v1/products/{same['id']}", f"/v1/products/{product['id']}"),
    ):
        gone = partner.get(path)
        assert (gone.status_code, answer(gone)["merged_into"]) == (410, into)
    assert read_seal(app)


def test_products_of_same_name_merge_when_their_suppliers_merge(
    owner: CheckedClient, partner: CheckedClient, admin: CheckedClient, app: Flask
) -> None:
    dell = record(owner, "/v1/suppliers", name="Dell")
    identifiers = [{"scheme": "GB-COH", "id": "02081369"}]
    again = record(partner, "/v1/suppliers", name="Dell, Inc.", identifiers=identifiers)
    kept = record(owner, "/v1/products", name="Latitude", supplier_id=dell["id"])
    same = record(
        partner,
        "/v1/products",
        name="LATITUDE",
        supplier_id=again["id"],
        aliases=["Latitude 5"],
        end_of_support="2030-12-31",
    )
    moves = record(partner, "/v1/products", name="PowerEdge", supplier_id=again["id"])
    hidden = contract(partner, supplier_id=again["id"], disclosure="owner_only")
    theirs = system(partner, disclosure="owner_only", product_id=same["id"])
    merged = merge(admin, dell, again, "suppliers")
    assert merged.status_code == 200, merged.text
    assert answer(merged)["aliases"] == ["Dell, Inc."]
    assert answer(merged)["identifiers"] == identifiers
    products = read(owner, f"/v1/products?supplier_id={dell['id']}&sort=name")["items"]
    assert [each["id"] for each in products] == [kept["id"], moves["id"]]
    assert (products[0]["aliases"], products[0]["end_of_support"]) == (["Latitude 5"], "2030-12-31")
    assert read(partner, path_of(theirs))["product_id"] == kept["id"]
    assert read(partner, f"/v1/contracts/{hidden['id']}")["supplier_id"] == dell["id"]
    gone = owner.get(f"/v1/products/{same['id']}")
    assert answer(gone)["merged_into"] == f"/v1/products/{kept['id']}"
    assert hidden["id"] not in merged.text + owner.get("/v1/changes").text
    assert read_seal(app)


def test_product_moves_to_no_supplier_that_has_one_of_its_name(owner: CheckedClient) -> None:
    dell, again = (record(owner, "/v1/suppliers", name=n) for n in ("Dell", "Dell, Inc."))
    there = record(owner, "/v1/products", name="Latitude", supplier_id=dell["id"])
    same = record(owner, "/v1/products", name="Latitude", supplier_id=again["id"])
    refused = change(owner, f"/v1/products/{same['id']}", supplier_id=dell["id"])
    assert refusals(refused, 409) == {("/supplier_id", "taken")}
    assert there["id"] in refused.text
    renamed = change(owner, f"/v1/products/{same['id']}", supplier_id=dell["id"], name="XPS")
    assert (renamed.status_code, answer(renamed)["supplier_name"]) == (200, "Dell")


def test_agency_cannot_merge_suppliers_and_products(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    good, typo = (record(owner, "/v1/suppliers", name=name) for name in ("Civica", "Civca"))
    hidden = contract(partner, supplier_id=typo["id"], disclosure="owner_only")
    product, same = (
        record(owner, "/v1/products", name=name, supplier_id=good["id"])
        for name in ("Rota", "Rotas")
    )
    theirs = system(partner, disclosure="owner_only", product_id=same["id"])
    for collection, kept, left in (("suppliers", good, typo), ("products", product, same)):
        refused = merge(owner, kept, left, collection)
        assert refused.status_code == 403
        assert 'scope="admin"' in refused.headers["WWW-Authenticate"]
        assert read(owner, f"/v1/{collection}/{left['id']}") == left
    assert read(partner, f"/v1/contracts/{hidden['id']}") == hidden
    assert read(partner, path_of(theirs)) == theirs
